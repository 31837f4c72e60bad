// One element for desktops that only take frames. The address gives the element, its
// attributes and its colours; the parent page talks to it by postMessage. README.md, "In
// a frame", has all messages and says which pages may embed it.
import { connect, CommdnError } from "./commdn.js";
import manifest from "./custom-elements.js";

const methods = [
  "doNotCall", "cancelRecord", "loadCampaign", "unloadCampaign", "forceUnloadCampaign", "startDialing", "stopDialing",
  "setDialingMode", "getCampaignStatus",
];
const properties = /^(--commdn-[a-z-]+|color-scheme)$/;

const query = new URLSearchParams(location.search);
const tag = query.get("element") ?? "";
const type = manifest.modules.flatMap((m) => m.declarations).find((d) => d.tagName === tag);
const attributes = type?.attributes.map((a) => a.name);
const framed = parent !== window;
let allowed = [location.origin]; // origins of pages that may talk to this one
let peer = ""; // the origin of the parent page, once known and allowed
const waiting = []; // functions that wait for a token
let element, handle;
const running = new Map(); // id of a request -> AbortController

function warn(text) { console.warn(`commdn frame: ${text}`); }

// tell sends to the parent page, and only to allowed origins: while the parent's origin
// is unknown, it addresses the message to each of them.
function tell(message) {
  if (!framed) return;
  for (const origin of peer ? [peer] : allowed) parent.postMessage({ commdn: 1, ...message }, origin);
}

// around returns the origin of the parent page if the browser tells it.
function around() {
  if (location.ancestorOrigins?.length) return location.ancestorOrigins[0];
  return document.referrer ? new URL(document.referrer).origin : "";
}

function setAttributes(values) {
  for (const [name, value] of Object.entries(values)) {
    if (!attributes.includes(name)) warn(`<${tag}> has no attribute "${name}"; it has ${attributes.join(", ")}`);
    else if (value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
}

function setProperties(values) {
  for (const [name, value] of Object.entries(values)) {
    if (!properties.test(name)) warn(`"${name}" is no property to be set; --commdn-… and color-scheme are`);
    else if (name !== "color-scheme") element.style.setProperty(name, value ?? "");
    else if (value) document.documentElement.style.colorScheme = value; // the element follows
    else document.documentElement.removeAttribute("style");
  }
}

// The messages of the parent page.
const answers = {
  set(message) {
    setAttributes(message.attributes ?? {});
    setProperties(message.properties ?? {});
  },
  get() {
    const set = attributes.filter((name) => element.hasAttribute(name)).map((name) => [name, element.getAttribute(name)]);
    tell({ type: "state", element: tag, attributes: Object.fromEntries(set), status: handle.status });
  },
  token({ token }) {
    for (const take of waiting.splice(0)) take(String(token ?? ""));
  },
  async request({ id, method, args, options }) {
    const abort = new AbortController();
    running.set(id, abort);
    try {
      if (!methods.includes(method)) throw new TypeError(`no method ${method}; there are ${methods.join(", ")}`);
      const result = await handle[method](args, { timeout: options?.timeout, signal: abort.signal });
      tell({ type: "response", id, ok: true, result });
    } catch (error) {
      tell({ type: "response", id, ok: false, error: plain(error) });
    } finally {
      running.delete(id);
    }
  },
  abort({ id }) {
    running.get(id)?.abort();
  },
};

// plain turns an error into what a message can carry, with OCS's answers.
function plain(error) {
  const { name, message } = error;
  return error instanceof CommdnError ? JSON.parse(JSON.stringify({ ...error, name, message })) : { name, message };
}

function heard(event) {
  if (event.data?.commdn !== 1 || event.source === window) return;
  if (event.source !== parent) return warn("a message of a window that is not the one around was refused");
  if (!allowed.includes(event.origin)) return refuse(event.origin);
  peer = event.origin;
  const answer = Object.hasOwn(answers, event.data.type) ? answers[event.data.type] : null;
  if (!answer) return warn(`no message has the type "${event.data.type}"; there are ${Object.keys(answers).join(", ")}`);
  try {
    answer(event.data);
  } catch (error) {
    warn(`message ${event.data.type}: ${error}`);
  }
}

function refuse(origin) {
  warn(`the page around is of ${origin}, which is not allowed; to allow it, add it to "parents" in the relay's configuration (commdn demo: --parent ${origin})`);
}

function askToken() {
  return new Promise((take) => {
    waiting.push(take);
    tell({ type: "need-token" });
  });
}

async function start() {
  document.getElementById("blocked")?.remove();
  if (!type) {
    document.body.append(Object.assign(document.createElement("p"), { role: "alert", textContent: `?element=${tag} names no element of commdn.` }));
    return;
  }
  if (framed) {
    try {
      const response = await fetch(new URL("frame-parents.json", import.meta.url));
      if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
      allowed = allowed.concat((await response.json()).parents);
    } catch (error) {
      warn(`only pages of ${location.origin} may talk to this one, as frame-parents.json cannot be read: ${error}`);
    }
    const origin = around();
    if (origin && allowed.includes(origin)) peer = origin;
    else if (origin) {
      refuse(origin);
      allowed = [location.origin];
    }
    addEventListener("message", heard);
  }
  element = document.createElement(tag);
  query.delete("element");
  const byParent = query.get("token") === "parent";
  query.delete("token");
  for (const [name, value] of query) (properties.test(name) ? setProperties : setAttributes)({ [name]: value });
  handle = connect(byParent ? { getToken: askToken } : {});
  handle.ready.catch((error) => warn(String(error)));
  for (const { name } of type.events) {
    element.addEventListener(name, (event) => tell({ type: "event", name, detail: event.detail }));
  }
  document.body.append(element);
  tell({ type: "ready", element: tag, attributes, methods });
  new ResizeObserver(() => tell({ type: "size", height: Math.ceil(document.body.getBoundingClientRect().height) })).observe(document.body);
}

start();
