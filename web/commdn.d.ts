// Types of commdn.js: connect() and its handles, the custom elements and their
// events. All times are ISO 8601 in UTC; an empty one is unknown.

/** The scope of a request about a person. OCS takes AllChain if there is none. */
export type Chain = "AllChain" | "RecordOnly";

/** GSW_CM_AttrDialMode: 1 predictive, 2 progressive, 3 preview, 4 progressive with engage, 5 predictive with engage, 8 push preview, 9 progressive GVP, 11 power GVP. */
export type DialMode = 1 | 2 | 3 | 4 | 5 | 8 | 9 | 11;

/** GSW_CM_AttrOptimizeBy: 1 busy factor, 2 overdial rate, 3 wait time. */
export type OptimizeBy = 1 | 2 | 3;

/** A time in an argument: a Date, ISO 8601 with its zone, or Unix seconds. */
export type Time = Date | string | number;

/** How OCS dials a campaign. goal is 0 to 100 percent, or seconds with optimizeBy 3. */
export interface Dialing {
  mode: DialMode;
  optimizeBy: OptimizeBy;
  goal: number;
}

/** Dialing as OCS reports it, possibly with numbers that the vendor does not list; 0: not reported. */
export interface ToldDialing {
  mode: number;
  optimizeBy: number;
  goal: number;
}

// ---- connections

/** Options of connect(). */
export interface ConnectOptions {
  /** Folder of the relay: http(s) or ws(s), or relative to the page. Default: where commdn.js came from. */
  url?: string;
  /** Identifies the user, if the relay requires that. */
  token?: string;
  /** Instead of token: called before each connection, and before the token expires. */
  getToken?: () => string | Promise<string>;
  /** BCP 47 tag of texts and numbers. Default: the page's language, else the browser's. */
  locale?: string;
  /** For how many hours the browser keeps a doNotCall or cancelRecord that no relay has accepted, over a reload too; 0: only as long as the page is there. Default: 72. */
  keepHours?: number;
  /** Whether elements without a connection of their own use this one. Default: true if no other one does. */
  default?: boolean;
}

/**
 * Connects to a relay and returns a handle at once. Throws a TypeError for wrong
 * options, and for nothing else: later failures are in ready, status and the event
 * error.
 */
export function connect(options?: ConnectOptions & ({ token?: undefined } | { getToken?: undefined })): Connection;

/** How long a request may take. */
export interface RequestOptions {
  /** Gives up waiting; the promise rejects with the signal's reason. OCS may still execute a request that was sent. */
  signal?: AbortSignal;
  /** Milliseconds until the promise rejects with a NoAnswerError. 0, the default, leaves it to the client. */
  timeout?: number;
}

/** At least one of the two. */
export type Person = { phone: string } | { customerId: string };

/** Arguments of doNotCall, with Person. */
export interface DoNotCallArguments {
  /** The number, as people write it; at most 256 bytes. */
  phone?: string;
  /** At most 255 bytes. */
  customerId?: string;
  chain?: Chain;
  /** DBID of the only OCS to ask; 0, the default, asks every OCS on the CommDN. */
  target?: number;
  /** For how many whole seconds undo can take the request back, 0 to 60; default 0. The relay may have a shorter limit. */
  undo?: number;
}

/** Arguments of cancelRecord, with Person. phone is required unless Status.cancelByCustomer is true. */
export interface CancelRecordArguments extends DoNotCallArguments {
  /** Name of the only campaign to cancel in; default: every campaign. */
  campaignName?: string;
}

/** Which campaign group or sequence a request is about. */
export type Subject =
  | {
      /** DBID. */
      campaign: number;
      /** DBID. */
      group: number;
      /** DBID of the OCS; required if the relay knows several. */
      target?: number;
    }
  | {
      /** DBID. */
      group: number;
      /** DBID of the OCS; required if the relay knows several. */
      target?: number;
      sequence: Sequence;
    };

/** A campaign sequence. */
export interface Sequence {
  description: string;
  start: Time;
  /** 1 to 64. */
  items: SequenceItem[];
}

/** One campaign of a sequence. A stop condition that is 0 or missing does not apply. */
export interface SequenceItem {
  /** DBID. */
  campaign: number;
  dialing: Dialing;
  stopAtTime?: Time;
  stopAtContacts?: number;
  stopAtDials?: number;
  /** Wait before this one, after the one before it has ended, in minutes. */
  sleepMinutes?: number;
}

/** Order in which OCS dials records of different types. */
export interface DialingPriority {
  general?: Priority;
  campaignRescheduled?: Priority;
  campaignCallBack?: Priority;
}

export interface Priority {
  priority: number;
  records: number;
}

/** Arguments of loadCampaign, startDialing and setDialingMode. */
export type DialedArguments = Subject & {
  dialing: Dialing;
  /** Whether OCS stops and unloads by itself after the last record. */
  autoCompletion?: boolean;
  priority?: DialingPriority;
};

/** Events of a handle with the details for their listeners. */
export interface ConnectionEvents {
  /** Connection, relay, link or identity changed. */
  status: Status;
  /** A request of this connection, from an element or this handle, started or changed its state, even after it was settled: see late. */
  request: RequestDetail;
  /** The state of a campaign group. Each new listener starts with all known states. */
  campaign: CampaignStatus;
  /** OCS's reports about the sequence of a group. */
  sequence: CampaignEvent;
  /** The campaigns and groups changed, or their states became unknown. */
  directory: Directory;
  /** An internal failure; once for each. A ClosedError means that the program has ended, see restart. */
  error: CommdnError;
}

/** The result of connect(). A method that returns a promise rejects and never throws. */
export interface Connection {
  /** The current status. */
  readonly status: Status;
  /**
   * Resolves at the first connection. Rejects if there will be none: the relay
   * refused for good, the program ended (restart makes a new promise), or somebody
   * called destroy.
   */
  readonly ready: Promise<Status>;

  /** Puts a number, a customer or both on the Do Not Call list. Without a connection it waits for the next one. */
  doNotCall(args: DoNotCallArguments & Person, options?: RequestOptions): Promise<ResultDetail>;
  /** Cancels the records of a number, or of a customer alone if status.cancelByCustomer; state is incomplete if some stay on an agent's desktop. Without a connection it waits for the next one. */
  cancelRecord(args: CancelRecordArguments & Person, options?: RequestOptions): Promise<ResultDetail>;
  /** Loads a campaign for a group, or a sequence. Without a connection this method and those below it, except getCampaignStatus, fail at once. */
  loadCampaign(args: DialedArguments, options?: RequestOptions): Promise<ResultDetail>;
  /** Unloads after the calls in progress. */
  unloadCampaign(args: Subject, options?: RequestOptions): Promise<ResultDetail>;
  /** Unloads without waiting for calls in progress. */
  forceUnloadCampaign(args: Subject, options?: RequestOptions): Promise<ResultDetail>;
  startDialing(args: DialedArguments, options?: RequestOptions): Promise<ResultDetail>;
  /** Stops dialing; the campaign stays loaded. */
  stopDialing(args: Subject, options?: RequestOptions): Promise<ResultDetail>;
  /** Changes mode and goal while running. */
  setDialingMode(args: DialedArguments, options?: RequestOptions): Promise<ResultDetail>;
  getCampaignStatus(args: Subject, options?: RequestOptions): Promise<ResultDetail>;

  /** Names of the campaigns and groups that the user may see. */
  directory(options?: RequestOptions): Promise<Directory>;
  /** The requests of this connection, newest first; the last 500. */
  requests(options?: RequestOptions): Promise<RequestDetail[]>;
  /**
   * Takes back a do-not-call or cancel that was made with undo, by the id in its events.
   * False: it is too late, or there is nothing to undo, and the request goes on. True: the
   * state of the request says what became of it, "undone" unless the window has ended
   * meanwhile. Its promise then rejects with a RelayError of the refusal "undone".
   */
  undo(id: number): Promise<boolean>;

  /**
   * Calls the listener with each event until you call the returned function, which
   * you may do more than once. What a listener throws goes to the console. Throws a
   * TypeError for an unknown event or a listener that is no function.
   */
  on<E extends keyof ConnectionEvents>(event: E, listener: (detail: ConnectionEvents[E]) => void): () => void;

  /** Restarts a program that has ended, with all connections and elements. Otherwise it does nothing. Returns ready. */
  restart(): Promise<Status>;
  /** Ends the connection; pending promises reject with a ClosedError, and what the browser keeps goes out with the next connection of the user. A second call does nothing. */
  destroy(): void;
}

/** The state of a connection. */
export interface Status {
  /** disconnected: the client tries again. failed: it does not. */
  readonly state: "connecting" | "connected" | "disconnected" | "failed" | "closed";
  /** When state began. */
  readonly since: string;
  /** Why there is no connection; empty if there is one. */
  readonly error: string;
  /** Why the browser keeps no requests beyond this page; empty if it does. */
  readonly unkept: string;
  /** Name and version of the relay. */
  readonly relay: string;
  /** Name of the session in the relay's log. */
  readonly session: string;
  /** DBIDs of the OCS that the relay knows. */
  readonly ocs: readonly number[];
  /** The relay's link to T-Server; not up while there is no connection to the relay. */
  readonly link: Readonly<{ up: boolean; since: string; reason: string }>;
  /** Whether the relay passes on a cancelRecord with a customerId alone. */
  readonly cancelByCustomer: boolean;
  /** The user as the relay knows it. Without a name the relay requires no token. */
  readonly identity: Identity & { readonly expires: string };
}

export interface Identity {
  readonly name: string;
  /** agent, supervisor, auditor. */
  readonly roles: readonly string[];
}

export interface Directory {
  campaigns: Named[];
  groups: Named[];
  campaignGroups: { campaign: number; group: number; /** DBID of its OCS; 0: not reported. */ target: number }[];
}

export interface Named {
  dbid: number;
  name: string;
}

/** The state of a campaign group. */
export interface CampaignStatus {
  target: number;
  campaign: number;
  group: number;
  /** Empty if the relay does not know it, like groupName. */
  campaignName: string;
  groupName: string;
  /** GSW_CM_AttrGroupCampStatus and its vendor name; -1: OCS does not say any more. */
  status: number;
  statusName: string;
  /** When the state began, if known. */
  since: string;
  dialing: ToldDialing;
  autoCompletion?: boolean;
}

/** An event of OCS about a campaign group, or about a sequence if campaign is 0. */
export interface CampaignEvent {
  /** Vendor's name of the event, such as CM_EvCampaignLoaded. */
  name: string;
  target: number;
  campaign: number;
  group: number;
  status?: number;
  statusName?: string;
  dialing: ToldDialing;
  autoCompletion?: boolean;
  sequence?: ToldSequence;
}

/** A sequence as OCS reports it. */
export interface ToldSequence {
  description: string;
  start: string;
  items: {
    campaign: number;
    dialing: ToldDialing;
    stopAtTime: string;
    stopAtContacts: number;
    stopAtDials: number;
    sleepMinutes: number;
    status?: number;
    statusName?: string;
  }[];
}

// ---- errors

/** The errors of this module's promises, except for an aborted signal. */
export class CommdnError extends Error {
  /** The result so far, if there is one. */
  readonly result?: ResultDetail;
  readonly ocs?: OcsAnswer[];
}
/** An argument is wrong; nothing was sent. */
export class ArgumentError extends CommdnError {
  /** Its name, such as phone or sequence.items[2].campaign. */
  readonly argument: string;
}
/** OCS refused. */
export class OcsError extends CommdnError {
  /** GSW_CM_AttrError. */
  readonly code: number;
  /** Its vendor name, such as CM_ERROR_INVALID_PARAMETER. */
  readonly ocsName: string;
  readonly ocs: OcsAnswer[];
  readonly result: ResultDetail;
}
/** The relay refused; the request did not reach OCS. */
export class RelayError extends CommdnError {
  readonly refusal: Refusal;
  /** Whether the same request may succeed later. */
  readonly retry: boolean;
  readonly result: ResultDetail;
}
/** There is no answer. */
export class NoAnswerError extends CommdnError {
  /** Whether it was sent, so that OCS may have executed it. */
  readonly sent: boolean;
  /** Whether the request timed out. */
  readonly timeout: boolean;
}
/** The connection was destroyed, or the program ended. */
export class ClosedError extends CommdnError {}

export type Refusal =
  | "invalid" | "unsupported" | "link-down" | "no-answer" | "busy" | "tserver" | "forbidden" | "rate-limited" | "undone";

// ---- details of events and results

/** The answer of one OCS. */
export interface OcsAnswer {
  dbid: number;
  /** The form of the number that it answered for, where it says so: a number goes in every form of the calling lists. */
  phone?: string;
  ok: boolean;
  /** cancelRecord did not cancel records on an agent's desktop. */
  incomplete?: boolean;
  /** GSW_CM_AttrError, its vendor name and OCS's own words; only if ok is false. */
  code?: number;
  name?: string;
  message?: string;
}

/** The subject of a request; the fields present depend on the request. */
export interface RequestSubject {
  phone?: string;
  customerId?: string;
  chain?: Chain | "";
  campaignName?: string;
  target?: number;
  campaign?: number;
  group?: number;
}

/** A request and its state. */
export interface RequestDetail extends RequestSubject {
  /** Unique in the connection. */
  id: number;
  /** Vendor's name of the message, such as CM_ReqDoNotCall. */
  request: string;
  /**
   * The first five are not settled. waiting: for a connection. held: undo can take it
   * back, see undo. accepted: the relay has it on disk. queued: it waits in the relay.
   * expired: there was no connection for keepHours.
   */
  state: "sending" | "waiting" | "held" | "accepted" | "queued" | "done" | "incomplete" | "refused" | "no-answer" | "not-sent" | "expired" | "undone";
  /** When it was made. */
  asked: string;
  /** When state began. */
  time: string;
  /** The browser keeps it: a reload or a crash does not lose it. */
  kept?: true;
  /** A page before has made it. Until the relay has said that its user is here, phone is masked and customerId empty. */
  earlier?: true;
  /** Only if state is queued: an earlier request about the same is under way, or the link to T-Server is down; and since when. */
  queued?: "behind" | "link-down";
  since?: string;
  /** Present once it is settled, like the fields below. */
  ok?: boolean;
  ocs?: OcsAnswer[];
  /** Why it failed, for people. */
  message?: string;
  /** GSW_CM_AttrError and its vendor name, if an OCS refused. */
  code?: number;
  name?: string;
  /** If the relay refused. */
  refusal?: Refusal;
  /** OCS answered after the relay had given the request up: until time its state was no-answer. */
  late?: true;
  /** OCS's answer to a request about a campaign. Not in the elements' events. */
  event?: CampaignEvent;
}

/** A settled request: the detail of commdn-result, once for each request, and the result of promises. */
export interface ResultDetail extends RequestDetail {
  state: "done" | "incomplete" | "refused" | "no-answer" | "not-sent" | "expired";
  ok: boolean;
  ocs: OcsAnswer[];
}

/** The detail of commdn-late: what became of a request after all, later than promised. */
export interface LateDetail extends ResultDetail {
  state: "done" | "incomplete" | "refused";
  late: true;
}

/** Detail of commdn-state. */
export type StateDetail =
  | RequestDetail
  /** An element asks for confirmation, or stops asking. */
  | (RequestSubject & { state: "confirming" | "idle"; request: string })
  /** This element has failed; it offers to start again. */
  | { state: "out-of-order"; message: string };

/** Detail of commdn-select. */
export interface SelectDetail {
  rows: { campaign: number; group: number; /** DBID of the OCS; 0: not reported. */ target: number }[];
}

/** Detail of commdn-change: the sequence as edited; as JSON it can be the value of an element. */
export interface ChangeDetail {
  group: number;
  target: number;
  description: string;
  start: string;
  items: {
    campaign: number;
    dialing: ToldDialing;
    stopAtTime: string;
    stopAtContacts: number;
    stopAtDials: number;
    sleepMinutes: number;
  }[];
  /** Whether OCS is to stop and unload by itself after the last record; missing: as configured. */
  autoCompletion?: boolean;
  /** Whether OCS could take it. */
  valid: boolean;
}

/** Detail of commdn-status. */
export interface StatusDetail {
  level: "good" | "warn" | "stop";
  state: Status["state"] | "link-down" | "no-ocs" | "checking";
  /** The same in words. */
  message: string;
  since?: string;
  error?: string;
  relay: string;
  session: string;
  link: { up: boolean; since?: string; reason: string };
  ocs: number[];
  identity: Identity;
}

/** Detail of commdn-export. */
export interface ExportDetail {
  /** Of the file. */
  name: string;
  rows: number;
  csv: string;
}

// ---- elements

// elements: generated

/** <commdn-dnc>: puts a number, a customer, or both on the Do Not Call list. Events: commdn-state (StateDetail), commdn-result (ResultDetail), commdn-late (LateDetail). */
export interface CommdnDncElement extends CommdnElement {
  /** The number, as people write it: the relay knows the forms of the calling lists. What no list can hold is refused. Without phone and customer-id there are fields to type them. Text, at most 256 bytes. */
  phone: string;
  /** The customer, as in the calling lists. Text, at most 255 bytes. */
  customerId: string;
  /** Scope: the whole chain of the customer, or this record. Default: OCS takes AllChain. */
  chain: "AllChain" | "RecordOnly" | "";
  /** Lets the agent choose the scope. */
  chooseChain: boolean;
  /** The only OCS that is asked. DBID. Default: 0, every OCS on the CommDN. */
  target: string | number;
  /** The button's words; whom it concerns follows. Text. Default: Do not call. */
  label: string;
  /** Whether to ask before sending. Default: on. */
  confirm: "on" | "off" | "";
  /** How long the request can be taken back before it is sent. The relay may have a shorter limit. Seconds, 0 to 60. Default: 0, sent at once. */
  undo: string;
  /** How many requests of this element are shown. Number, 0 to 50. Default: 5. */
  history: string | number;
  /** Nothing can be sent. */
  disabled: boolean;
}

/** <commdn-cancel>: cancels the records of a number, or of a customer alone where the relay's option cancel_by_customer is on. Events: commdn-state (StateDetail), commdn-result (ResultDetail), commdn-late (LateDetail). */
export interface CommdnCancelElement extends CommdnElement {
  /** The number, as people write it: the relay knows the forms of the calling lists. What no list can hold is refused. Without it there are fields to type. Text, at most 256 bytes. */
  phone: string;
  /** The customer, as in the calling lists. Text, at most 255 bytes. */
  customerId: string;
  /** Name of the only campaign to cancel in. Text, at most 255 bytes. Default: every campaign. */
  campaign: string;
  /** Scope: the whole chain of the customer, or this record. Default: OCS takes AllChain. */
  chain: "AllChain" | "RecordOnly" | "";
  /** Lets the agent choose the scope. */
  chooseChain: boolean;
  /** The only OCS that is asked. DBID. Default: 0, every OCS on the CommDN. */
  target: string | number;
  /** The button's words; whom it concerns follows. Text. Default: Cancel records. */
  label: string;
  /** Whether to ask before sending. Default: on. */
  confirm: "on" | "off" | "";
  /** How long the request can be taken back before it is sent. The relay may have a shorter limit. Seconds, 0 to 60. Default: 0, sent at once. */
  undo: string;
  /** How many requests of this element are shown. Number, 0 to 50. Default: 5. */
  history: string | number;
  /** Nothing can be sent. */
  disabled: boolean;
}

/** <commdn-campaigns>: the campaigns and groups that this supervisor may see, live, and what can be done to them. Events: commdn-state (StateDetail), commdn-result (ResultDetail), commdn-late (LateDetail), commdn-select (SelectDetail). */
export interface CommdnCampaignsElement extends CommdnElement {
  /** What the filter field holds at first. Text. */
  filter: string;
  /** Column to sort by; with - downwards. Default: campaign. */
  sort: "campaign" | "-campaign" | "group" | "-group" | "state" | "-state" | "mode" | "-mode" | "goal" | "-goal" | "changed" | "-changed" | "";
  /** How far back the strip of states goes. Number, 1 to 12. Default: 4. */
  hours: string | number;
  /** Shows only. */
  readonly: boolean;
  /** The same, by the name that an <input> has for it. */
  readOnly: boolean;
}

/** <commdn-sequence>: builds a campaign sequence on a timeline, loads, starts and stops it, and shows how far it is. Events: commdn-state (StateDetail), commdn-result (ResultDetail), commdn-late (LateDetail), commdn-change (ChangeDetail). */
export interface CommdnSequenceElement extends CommdnElement {
  /** The group that the sequence is for; without it there is a field to choose it. DBID. */
  group: string | number;
  /** The OCS that runs it; needed where the relay knows several. DBID. */
  target: string | number;
  /** The sequence to begin with; group, target and valid of it are not looked at, and writing back what was told changes nothing. JSON as in commdn-change. */
  value: string;
  /** Shows only. */
  readonly: boolean;
  /** The same, by the name that an <input> has for it. */
  readOnly: boolean;
}

/** <commdn-status>: connection, relay, T-Server and OCS as one light with words. Events: commdn-status (StatusDetail). */
export interface CommdnStatusElement extends CommdnElement {
  /** How much is shown: the light alone (with words for screen readers), with words, or everything that is known. Default: words. */
  detail: "light" | "words" | "full" | "";
}

/** <commdn-activity>: what this user asked and what became of it, newest first, to be saved as CSV. Events: commdn-export (ExportDetail). */
export interface CommdnActivityElement extends CommdnElement {
  /** How many requests are shown. Number, 1 to 500. Default: 50. */
  limit: string | number;
  /** What the export button does: it saves a file and tells the page, only tells the page, or is not there. Default: save. */
  export: "save" | "event" | "off" | "";
}

/** What every element has; lang is HTMLElement's own. */
export interface CommdnElement extends HTMLElement {
  /** How close together. Default: comfortable. */
  density: "comfortable" | "compact" | "";
  /** When the plugin may be fetched for this element: when it is visible, when the page is idle (5 seconds after it has loaded at the latest), or at once. Default: visible. */
  load: "visible" | "idle" | "eager" | "";
  /** A name. When a framework has removed the element, the next one of this tag and connection with the same name takes over its requests, history and draft. Text. */
  keep: string;
  /** The connection that it uses; null: the page's default one. */
  connection: Connection | null;
}

declare global {
  interface HTMLElementTagNameMap {
    "commdn-dnc": CommdnDncElement;
    "commdn-cancel": CommdnCancelElement;
    "commdn-campaigns": CommdnCampaignsElement;
    "commdn-sequence": CommdnSequenceElement;
    "commdn-status": CommdnStatusElement;
    "commdn-activity": CommdnActivityElement;
  }
  interface GlobalEventHandlersEventMap {
    "commdn-state": CustomEvent<StateDetail>;
    "commdn-result": CustomEvent<ResultDetail>;
    "commdn-late": CustomEvent<LateDetail>;
    "commdn-select": CustomEvent<SelectDetail>;
    "commdn-change": CustomEvent<ChangeDetail>;
    "commdn-status": CustomEvent<StatusDetail>;
    "commdn-export": CustomEvent<ExportDetail>;
  }
}
// end
