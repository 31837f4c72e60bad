// Types of commdn.js: the custom element and its events.

export type Chain = "AllChain" | "RecordOnly";

/** What one OCS answered. */
export interface OcsAnswer {
  dbid: number;
  ok: boolean;
  /** GSW_CM_AttrError, its vendor name and OCS's own words; only where ok is false. */
  code?: number;
  name?: string;
  message?: string;
}

/** Detail of commdn-state. */
export interface StateDetail {
  state:
    | "idle" | "confirming" | "sending" | "waiting"
    | "done" | "refused" | "no-answer" | "not-sent" | "out-of-order";
  phone?: string;
  customerId?: string;
  chain?: Chain | "";
  /** ISO 8601; of all states but idle, confirming and out-of-order. */
  time?: string;
  message?: string;
}

/** Detail of commdn-result, sent once for each request. */
export interface ResultDetail {
  state: "done" | "refused" | "no-answer" | "not-sent";
  ok: boolean;
  phone: string;
  customerId: string;
  chain: Chain | "";
  time: string;
  /** Why it is not ok, for people. */
  message?: string;
  /** GSW_CM_AttrError and its vendor name, where an OCS refused. */
  code?: number;
  name?: string;
  ocs: OcsAnswer[];
}

/** <commdn-dnc>. Attributes: phone, customer-id, chain, label, disabled, confirm. */
export interface CommdnDncElement extends HTMLElement {}

declare global {
  interface HTMLElementTagNameMap {
    "commdn-dnc": CommdnDncElement;
  }
  interface HTMLElementEventMap {
    "commdn-state": CustomEvent<StateDetail>;
    "commdn-result": CustomEvent<ResultDetail>;
  }
}
