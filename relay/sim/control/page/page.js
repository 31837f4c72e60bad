// The simulator's page: it asks the API how things are, every second while it is
// seen, and changes what is different in place.

/** An element of the page, whatever it is. @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);
const count = (n) => n.toLocaleString("en");
const kept = 200; // events in the trace
const pageSize = 25; // records
const recent = 50; // entries of the Do Not Call list

// el makes an element with attributes and children; text goes in as text.
function el(name, attributes = {}, ...children) {
  const e = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) if (value !== undefined) e.setAttribute(key, value);
  e.append(...children);
  return e;
}
function text(e, value) { if (e.textContent !== String(value)) e.textContent = value; }
function attribute(e, name, value) {
  if (value === undefined) e.removeAttribute(name);
  else if (e.getAttribute(name) !== String(value)) e.setAttribute(name, value);
}
const utc = (time) => new Date(time).toISOString().replace("T", " ").slice(0, 19);
const clockOf = (time) => utc(time).slice(11);

async function api(path, method = "GET", body) {
  const answer = await fetch(`api/${path}`, {
    method, body: body && JSON.stringify(body), headers: body && { "Content-Type": "application/json" },
  }).catch(() => { throw Object.assign(new Error("no answer, trying again"), { served: true }); });
  const value = answer.status === 204 ? null : await answer.json();
  if (!answer.ok) throw Object.assign(new Error(value.error), { served: true });
  return value;
}

function say(words, tone = "good") {
  $("said").dataset.tone = tone;
  text($("said"), words);
}

// act does what a person asked for, tells what came of it, and shows it.
async function act(words, path, method, body) {
  try {
    const value = await api(path, method, body);
    say(words);
    return value ?? true;
  } catch (e) {
    say(e.message, "bad");
    return null;
  } finally {
    refresh();
  }
}

// rows keeps one child of parent for each item, in order, by key: made once, and
// updated in place, so that the focus stays.
const kids = new WeakMap();
function rows(parent, items, key, make) {
  if (!kids.has(parent)) kids.set(parent, new Map());
  const all = kids.get(parent);
  const wanted = new Set(items.map(key));
  for (const [k, row] of all) {
    if (wanted.has(k)) continue;
    row.element.remove();
    all.delete(k);
  }
  let at = parent.firstElementChild;
  for (const item of items) {
    const k = key(item);
    if (!all.has(k)) all.set(k, make(item));
    const row = all.get(k);
    if (row.element === at) at = at.nextElementSibling;
    else parent.insertBefore(row.element, at);
    row.update(item);
  }
}

function tableRow(labels) {
  const cells = labels.map((label) => el("td", { role: "cell", "data-label": label }));
  return { element: el("tr", { role: "row" }, ...cells), cells };
}

// The clock.

/** As it was told. @type {{now: string, speed: number} | null} */
let clock = null;
let toldAt = 0;
function showClock(c) {
  clock = c;
  toldAt = performance.now();
  text($("speed"), c.speed === 0 ? "paused" : `${c.speed}×`);
  for (const b of $("speeds").children) attribute(b, "aria-pressed", Number(b.dataset.speed) === c.speed);
  tick();
}
function tick() {
  if (clock) text($("now"), `${utc(Date.parse(clock.now) + (performance.now() - toldAt) * clock.speed)} UTC`);
}
setInterval(() => { if (!document.hidden) tick(); }, 250);

$("speeds").addEventListener("click", async ({ target: { dataset } }) => {
  if (!dataset.speed) return;
  const c = await act(dataset.speed === "0" ? "The clock stands still." : `The clock goes at ${dataset.speed}×.`, "clock", "POST", { speed: Number(dataset.speed) });
  if (c) showClock(c);
});
$("advances").addEventListener("click", async ({ target: { dataset } }) => {
  if (!dataset.advance) return;
  say("Moving the clock …");
  const c = await act(`The clock was moved by ${dataset.advance === "1m" ? "a minute" : "an hour"}.`, "clock", "POST", { advance: dataset.advance });
  if (c) showClock(c);
});
$("reset").addEventListener("click", () => {
  if (confirm("Reset the simulation? Records, campaigns, the Do Not Call list, faults and the clock begin anew.")) {
    act("Everything is as it was at the start.", "reset", "POST");
  }
});

// State.

function showState(s) {
  text($("scenario"), s.scenario);
  text($("description"), s.description ?? "");
  attribute($("scenario"), "title", `seed ${s.seed}`);
  showClock(s.clock);
  const servers = [
    ...s.tservers.map((t, i) => ({
      key: `t${i}`, up: t.link_up, title: t.clients.map((c) => `${c.application || "not registered"} ${c.addr} ${c.dns.join(" ")}`).join("\n"),
      words: `T-Server ${t.addr}${s.tservers.length > 1 ? ` (${t.role})` : ""}: ${t.link_up ? `${t.clients.length} client${t.clients.length === 1 ? "" : "s"}` : "no link to the switch"}`,
    })),
    ...s.ocs.map((o) => ({
      key: `o${o.dbid}`, up: o.comm_dns.every((d) => d.up),
      title: o.comm_dns.filter((d) => d.error).map((d) => `${d.number}: ${d.error}`).join("\n"),
      words: `${o.name} (${o.dbid}) on ${o.comm_dns.map((d) => d.number + (d.up ? "" : ", away")).join(" and ") || "no CommDN"}`
        + (o.connected.length ? `, serves ${o.connected.map((a) => a.name || a.dbid).join(", ")}` : ", serves nobody"),
    })),
  ];
  rows($("servers"), servers, (x) => x.key, () => {
    const element = el("li", { class: "dot" });
    return { element, update(x) { text(element, x.words); attribute(element, "data-tone", x.up ? "good" : "bad"); attribute(element, "title", x.title || undefined); } };
  });
  text($("dnc-count"), count(s.counts.dnc));
}

// Campaign groups.

const statuses = {
  CM_GCS_NotLoaded: ["Not loaded", "", ["load"]],
  CM_GCS_WaitingUnload: ["Waiting unload", "wait", ["force-unload"]],
  CM_GCS_UnloadInProgress: ["Unload in progress", "wait", ["force-unload"]],
  CM_GCS_InActive: ["Inactive", "", ["start", "unload"]],
  CM_GCS_Active: ["Active", "busy", ["start", "unload"]],
  CM_GCS_Running: ["Running", "good", ["stop", "unload"]],
};
const actions = { load: "Load", start: "Start", stop: "Stop", unload: "Unload", "force-unload": "Force" };
const kinds = ["updated", "chain-updated", "retrieved", "canceled", "ready"];
const plainly = (name) => name.replace(/^CFG(DM|OM)/, "").replace(/([a-z])([A-Z])/g, "$1 $2");

function campaignRow(first) {
  const { element, cells } = tableRow(["Campaign", "Status", "Dialing", "Calls now", "Since the start", "Records", "Control"]);
  const [name, status, dialing, calls, since, records, control] = cells;
  const lines = [name, dialing, calls, since].map((cell) => {
    const pair = [el("span"), el("small")];
    cell.append(...pair);
    return pair;
  });
  const pill = el("span", { class: "pill" });
  const changed = el("small");
  status.append(pill, changed);
  const bar = el("div", { class: "stack", role: "img" }, ...kinds.map((kind) => el("span", { "data-kind": kind })));
  const lists = el("div", { class: "lists" });
  records.append(bar, lists);
  const title = first.campaign ? `${first.campaign_name} for ${first.group_name}` : `the sequence for ${first.group_name}`;
  const buttons = el("div", { class: "acts", role: "group", "aria-label": title });
  for (const [what, label] of Object.entries(actions)) {
    if (what === "load" && !first.campaign) continue;
    const b = el("button", { type: "button", "data-do": what, title: what === "force-unload" ? "Force unload" : undefined }, label);
    b.addEventListener("click", () => act(`${actions[what]}: ${title}.`, "campaigns", "POST", { campaign: first.campaign, group: first.group, do: what }));
    buttons.append(b);
  }
  control.append(buttons);
  return {
    element,
    update(g) {
      const [label, tone, likely] = statuses[g.status] ?? [g.sequence ? "Sequence" : g.status, "", ["start", "stop", "unload"]];
      const put = (i, main, small) => { text(lines[i][0], main); text(lines[i][1], small); };
      put(0, g.sequence ? `Sequence ${g.sequence.description}` : g.campaign_name, `${g.group_name} · ${g.campaign || "sequence"}/${g.group}`);
      text(pill, label);
      attribute(pill, "data-tone", tone || undefined);
      attribute(pill, "title", g.status);
      text(changed, [g.changed && `since ${clockOf(g.changed)}`, g.in_sequence && "by a sequence", g.auto_completion && "auto completion"].filter(Boolean).join(", "));
      if (g.sequence) {
        put(1, g.sequence.items.map((it, i) => `${i + 1} ${it.campaign_name || it.campaign}${it.status ? ` (${(statuses[it.status]?.[0] ?? it.status).toLowerCase()})` : ""}`).join(" → "), `starts ${utc(g.sequence.start)}`);
      } else {
        const d = g.dialing;
        put(1, plainly(d.mode), `${plainly(d.optimize_by)} ${d.goal}${d.optimize_by === "CFGOMWaitTime" ? " s" : " %"}`);
        put(2, g.talking ? `${count(g.talking)}\u00a0talking` : "–", [g.ringing && `${count(g.ringing)}\u00a0ringing`, g.previewing && `${count(g.previewing)}\u00a0in\u00a0preview`, `${count(g.agents)}\u00a0agents`].filter(Boolean).join(", "));
        put(3, g.dials ? `${count(g.dials)} dials` : "–", g.dials ? [`${count(g.contacts)}\u00a0contacts`, g.abandoned && `${count(g.abandoned)}\u00a0abandoned`, g.rate && `${g.rate.toFixed(g.rate < 10 ? 1 : 0)}/s`].filter(Boolean).join(", ") : "");
      }
      bar.hidden = lists.hidden = Boolean(g.sequence);
      const sums = Object.fromEntries(kinds.map((kind) => [kind, g.lists.reduce((n, l) => n + (l.counts[kind] ?? 0), 0)]));
      const total = g.lists.reduce((n, l) => n + l.records, 0);
      kinds.forEach((kind, i) => { bar.children[i].style.flexGrow = sums[kind]; });
      attribute(bar, "aria-label", `${count(total)} records: ${kinds.filter((k) => sums[k]).map((k) => `${count(sums[k])} ${k}`).join(", ")}`);
      attribute(bar, "title", bar.getAttribute("aria-label"));
      rows(lists, g.lists, (l) => l.dbid, (l) => {
        const element = el("button", { type: "button", class: "link", title: `Show the records of ${l.name} (${l.dbid})` });
        element.addEventListener("click", () => showList(l.dbid));
        return { element, update(l) { text(element, `${g.lists.length > 1 ? `${l.name}: ` : ""}${count(l.counts.ready)} of ${count(l.records)} ready`); } };
      });
      for (const b of buttons.children) attribute(b, "data-unlikely", likely.includes(b.dataset.do) ? undefined : "");
    },
  };
}

let campaigns = [];
function showCampaigns(all) {
  campaigns = all;
  const words = $("campaigns-filter").value.trim().toLowerCase();
  const status = $("campaigns-status").value;
  const shown = all.filter((g) => (!words || [g.campaign_name, g.group_name, `${g.campaign}/${g.group}`, g.sequence?.description, ...g.lists.map((l) => l.name)].some((s) => s?.toLowerCase().includes(words)))
    && (!status || g.status === status || status === "loaded" && g.status !== "CM_GCS_NotLoaded"));
  rows($("campaigns").tBodies[0], shown, (g) => `${g.campaign}/${g.group}/${g.ocs}`, campaignRow);
  const running = all.filter((g) => g.status === "CM_GCS_Running").length;
  text($("campaigns-count"), `${count(all.length)}, ${count(running)} running${shown.length < all.length ? `, ${count(shown.length)} shown` : ""}`);
  $("campaigns-empty").hidden = shown.length > 0;
  text($("campaigns-empty"), all.length ? "No campaign group is like that." : "The scenario has no campaign groups.");
  showLists(new Map(all.flatMap((g) => g.lists).map((l) => [l.dbid, l])));
}
for (const id of ["campaigns-filter", "campaigns-status"]) $(id).addEventListener("input", () => showCampaigns(campaigns));

// Records.

let offset = 0;
let total = 0;
let chosen = false; // whether there is a list to begin with
function showLists(lists) {
  rows($("records-list"), [null, ...[...lists.values()].sort((a, b) => a.dbid - b.dbid)], (l) => l?.dbid ?? "", (l) => {
    const element = el("option", { value: l?.dbid ?? "" });
    return { element, update(l) { text(element, l ? `${l.name} (${l.dbid})` : "all"); } };
  });
  if (!chosen && lists.size) {
    chosen = true;
    $("records-list").value = Math.min(...lists.keys());
    refresh();
  }
}
function showList(id) {
  $("records-list").value = id;
  turn(0);
  $("records-card").scrollIntoView({ block: "start", behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}
function turn(to) {
  offset = Math.max(0, to);
  refresh();
}

const recordTones = { retrieved: "wait", updated: "busy", "chain-updated": "busy", canceled: "bad" };
function recordRow() {
  const { element, cells } = tableRow(["Record", "Phone", "Customer", "Chain", "Status", "Result", "Attempts", "Dialed", "On a desktop"]);
  const pill = el("span", { class: "pill" });
  cells[4].append(pill);
  const toggle = el("button", { type: "button", class: "toggle" });
  cells[8].append(toggle);
  let shown;
  toggle.addEventListener("click", () => act(
    shown.on_desktop ? `${shown.phone} was given back.` : `${shown.phone} is on an agent's desktop.`,
    "records", "POST", { list: shown.list, id: shown.id, on_desktop: !shown.on_desktop }));
  return {
    element,
    update(r) {
      shown = r;
      const values = [`${r.list}/${r.id}`, r.phone, r.customer_id || "–", r.chain || "–", null, r.result === "unknown" ? "–" : r.result, r.attempts || "–", r.dialed ? utc(r.dialed) : "–"];
      values.forEach((v, i) => { if (v !== null) text(cells[i], v); });
      text(pill, r.status);
      attribute(pill, "data-tone", recordTones[r.status]);
      text(toggle, r.on_desktop ? "yes" : "no");
      attribute(toggle, "aria-pressed", r.on_desktop);
      attribute(toggle, "aria-label", `Record ${r.list}/${r.id} on an agent's desktop`);
    },
  };
}
function showRecords(page) {
  total = page.total;
  if (offset > 0 && offset >= total) {
    turn(Math.floor(Math.max(total - 1, 0) / pageSize) * pageSize);
    return;
  }
  rows($("records").tBodies[0], page.records, (r) => `${r.list}/${r.id}`, recordRow);
  text($("records-count"), count(total));
  text($("records-range"), total ? `${count(offset + 1)} – ${count(offset + page.records.length)} of ${count(total)}` : "");
  $("records-first").disabled = $("records-back").disabled = offset === 0;
  $("records-more").disabled = $("records-last").disabled = offset + pageSize >= total;
  $("records-empty").hidden = total > 0;
  text($("records-empty"), $("records-phone").value ? "No record has exactly this phone." : "There are no such records.");
}
function recordsPath() {
  const q = new URLSearchParams({ limit: String(pageSize), offset: String(offset) });
  for (const name of ["list", "phone", "status"]) {
    const value = $(`records-${name}`).value.trim();
    if (value) q.set(name, value);
  }
  return `records?${q}`;
}
for (const id of ["records-list", "records-phone", "records-status"]) $(id).addEventListener("input", () => turn(0));
$("records-first").addEventListener("click", () => turn(0));
$("records-back").addEventListener("click", () => turn(offset - pageSize));
$("records-more").addEventListener("click", () => turn(offset + pageSize));
$("records-last").addEventListener("click", () => turn(Math.floor((total - 1) / pageSize) * pageSize));

// The demo serves this page below its own.
if (location.pathname !== "/") Object.assign($("back"), { href: "../", hidden: false });

// The Do Not Call list.

function showDNC(entries) {
  rows($("dnc").tBodies[0], entries.reverse(), (e) => `${e.tenant} ${e.phone} ${e.customer_id}`, () => {
    const cells = [el("td"), el("td"), el("td")];
    const remove = el("button", { type: "button", class: "toggle" }, "Remove");
    let shown;
    remove.addEventListener("click", () => act(`${shown.phone || shown.customer_id} is off the Do Not Call list.`,
      `dnc?${new URLSearchParams({ phone: shown.phone, customer_id: shown.customer_id, tenant: shown.tenant })}`, "DELETE"));
    return {
      element: el("tr", {}, ...cells, el("td", {}, remove)),
      update(e) {
        shown = e;
        [e.phone || "–", e.customer_id || "–", utc(e.time)].forEach((v, i) => text(cells[i], v));
        attribute(remove, "aria-label", `Remove ${e.phone || e.customer_id} from the Do Not Call list`);
      },
    };
  });
  $("dnc-empty").hidden = entries.length > 0;
  $("dnc").hidden = entries.length === 0;
}
$("dnc-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  const entry = Object.fromEntries([...new FormData(form)].map(([k, v]) => [k, String(v).trim()]).filter(([, v]) => v));
  if (await act(`${entry.phone ?? entry.customer_id} is on the Do Not Call list.`, "dnc", "POST", entry)) form.reset();
});

// Faults.

const errors = ["CM_ERROR_CAMPAIGN_NOT_FOUND", "CM_ERROR_CAMPAIGN_NOT_LOADED", "CM_ERROR_CAMPAIGN_ALREADY_LOADED", "CM_ERROR_CAMPAIGN_NOT_STARTED",
  "CM_ERROR_CAMPAIGN_ALREADY_STARTED", "CM_ERROR_GROUP_NOT_FOUND", "CM_ERROR_GROUP_CAMP_NOT_FOUND", "CM_ERROR_INVALID_PARAMETER",
  "CM_ERROR_INVALID_CAMPAIGN_MODE", "CM_ERROR_INVALID_CAMPAIGN_SCHEDULE", "CM_ERROR_CAMPAIGN_SCHEDULE_NOT_FOUND",
  "CM_ERROR_INVALID_CAMPAIGN_SCHEDULE_MODE", "CM_ERROR_LICENSE_VIOLATION"];
const requests = ["CM_ReqDoNotCall", "CM_ReqCancelRecord", "CM_ReqLoadCampaign", "CM_ReqUnloadCampaign", "CM_ReqForceUnloadCampaign",
  "CM_ReqStartDialing", "CM_ReqStopDialing", "CM_ReqSetDialingMode", "CM_ReqGetCampaignStatus"];
const form = $("faults-form").elements;
form.error.append(...errors.map((name) => el("option", {}, name)));
form.error.value = "CM_ERROR_INVALID_PARAMETER";
form.request.append(...requests.map((name) => el("option", {}, name)));
const doLabel = (what) => form.do.querySelector(`[value="${what}"]`)?.textContent ?? what;
const ofTServer = (what) => form.do.querySelector(`[value="${what}"]`)?.parentElement.label === "T-Server";

function fitForm() {
  const about = [form.do.value, ofTServer(form.do.value) ? "tserver" : "ocs"];
  for (const field of $("faults-form").querySelectorAll("[data-for]")) {
    field.hidden = !field.dataset.for.split(" ").some((f) => about.includes(f));
  }
}
form.do.addEventListener("input", fitForm);
fitForm();

const numeric = ["campaign", "percent", "after", "times"];
$("faults-form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const fault = {};
  for (const field of form) {
    const value = field.name && !field.closest("[hidden]") ? field.value.trim() : "";
    if (value) fault[field.name] = numeric.includes(field.name) && /^\d+$/.test(value) ? Number(value) : value;
  }
  const set = await act("", "faults", "POST", fault);
  if (set) say(set.id ? `Fault ${set.id} is set: ${doLabel(fault.do)}.` : `It has happened: ${doLabel(fault.do)}.`);
});
$("faults-clear").addEventListener("click", () => act("No fault is set any more.", "faults", "DELETE"));

function describe(f) {
  const { id, happened, do: what, ...rest } = f;
  return Object.entries(rest).map(([key, value]) => (key === "percent" ? `${value} %` : `${key} ${value}`)).join(", ");
}
function showFaults(all) {
  rows($("faults"), all, (f) => f.id, (first) => {
    const label = el("span");
    const rest = el("small");
    const remove = el("button", { type: "button", "aria-label": `Remove fault ${first.id}` }, "Remove");
    remove.addEventListener("click", () => act(`Fault ${first.id} is gone.`, `faults/${first.id}`, "DELETE"));
    return {
      element: el("li", {}, el("p", {}, label, rest), remove),
      update(f) {
        text(label, `${f.id} · ${ofTServer(f.do) ? "T-Server" : "OCS"} ${doLabel(f.do)}`);
        text(rest, [describe(f), `happened ${count(f.happened)} ×`].filter(Boolean).join(" · "));
      },
    };
  });
  text($("faults-count"), all.length || "");
  $("faults-empty").hidden = all.length > 0;
  $("faults-clear").hidden = all.length < 2;
}

// The trace.

let paused = false;
let held = []; // events that came while it was paused
const shownBy = (e) => {
  const words = $("trace-filter").value.trim().toLowerCase();
  return !($("trace-messages").checked && e.message === "UserEvent")
    && (!words || [e.message, e.application, e.dn, e.text].some((s) => s.toLowerCase().includes(words)));
};
// facts picks what an event is about out of its log text.
function facts(log) {
  const value = (key) => log.match(new RegExp(`'${key}'\\t'?([^'\\n]*)`))?.[1];
  const campaign = value("GSW_CM_AttrCampaignID");
  const group = value("GSW_CM_AttrGroupID");
  const status = Object.keys(statuses)[value("GSW_CM_AttrGroupCampStatus")];
  return [value("GSW_PHONE"), value("GSW_CUSTOMER_ID"), group && `${campaign ?? 0}/${group}`, status && statuses[status][0].toLowerCase(),
    value("GSW_CM_AttrErrorMessage")].filter(Boolean).join(" · ");
}
function addEvent(e) {
  const item = el("li", { "data-from": e.from, "data-message": e.message },
    el("details", {},
      el("summary", {}, el("time", { datetime: e.time, title: utc(e.time) }, clockOf(e.time)), el("strong", {}, e.message), el("span", { class: "facts" }, facts(e.text)),
        el("span", { class: "muted" }, `${e.application}${e.missed ? `, ${e.missed} missed before` : ""}`)),
      el("pre", { tabindex: "0" }, `${e.dn}\n${e.text}`)));
  item.event = e;
  item.hidden = !shownBy(e);
  const trace = $("trace");
  const top = trace.scrollTop;
  const height = trace.scrollHeight;
  trace.prepend(item);
  if (top > 0) trace.scrollTop = top + trace.scrollHeight - height; // what is being read stays where it is
  while (trace.childElementCount > kept) trace.lastElementChild.remove();
}
function showTrace() {
  text($("trace-state"), paused ? `paused, ${count(held.length)} waiting` : connected ? "live" : "connection lost, trying again");
  $("trace-empty").hidden = $("trace").childElementCount > 0;
}
function seen(e) {
  if (paused) {
    held.push(e);
    if (held.length > kept) held.shift();
  } else addEvent(e);
  showTrace();
}
let connected = false;
const source = new EventSource("api/trace");
source.onopen = () => { connected = true; showTrace(); };
source.onerror = () => { connected = false; showTrace(); };
source.onmessage = (message) => seen(JSON.parse(message.data));
$("trace-pause").addEventListener("click", () => {
  paused = !paused;
  attribute($("trace-pause"), "aria-pressed", paused);
  if (!paused) held.splice(0).forEach(addEvent);
  showTrace();
});
$("trace-clear").addEventListener("click", () => {
  $("trace").replaceChildren();
  held = [];
  showTrace();
});
for (const id of ["trace-filter", "trace-messages"]) {
  $(id).addEventListener("input", () => { for (const item of $("trace").children) item.hidden = !shownBy(item.event); });
}

// Asking, once a second and after each action.

let asking = false;
let again = false;
let timer = 0;
async function refresh() {
  if (asking) {
    again = true;
    return;
  }
  clearTimeout(timer);
  asking = true;
  again = false;
  const path = recordsPath();
  /** @type {[path: string, show: (answer: any) => void][]} */
  const views = [["state", showState], ["campaigns", showCampaigns], [path, (p) => { if (path === recordsPath()) showRecords(p); }],
    [`dnc?limit=${recent}`, showDNC], ["faults", showFaults]];
  const results = await Promise.allSettled(views.map(async ([path, show]) => show(await api(path))));
  const failed = results.find((r) => r.status === "rejected")?.reason;
  attribute($("link"), "data-tone", failed ? "bad" : "good");
  text($("link"), failed ? failed.message : "live");
  if (failed && !failed.served) reportError(failed);
  asking = false;
  if (again) refresh();
  else if (!document.hidden) timer = setTimeout(refresh, 1000);
}
document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
refresh();
