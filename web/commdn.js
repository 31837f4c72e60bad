// The one module that a host page needs: it defines the custom elements and exports
// connect(). It fetches plugin.js and the Go program on demand. It puts nothing on
// globalThis and uses no eval. See README.md and commdn.d.ts.

import { clear, draw, drawLater, dress, language, leave, passed, tagOf } from "./draw.js";
import { ArgumentError, ClosedError } from "./errors.js";
import { grow, rerun, start } from "./program.js";
import { each, it, number } from "./shared.js";

export { ArgumentError, ClosedError, CommdnError, NoAnswerError, OcsError, RelayError } from "./errors.js";

// tag -> its description in manifest/elements.yaml: attributes, booleans, size.
const elements = __ELEMENTS__;

let page = null; // connection of the elements without their own
let called = false; // connect() has made one for them, so no implicit one any more
const ofHandle = new WeakMap(); // handle -> connection

const { connections, live } = it;
Object.assign(it, { asText, connectionOf, die, restart });

// ---- connections

function asText(value, what) {
  if (value !== undefined && typeof value !== "string") throw new TypeError(`commdn: ${what} is not a string`);
  return value ?? "";
}

export function connect(options = {}) {
  if (Object(options) !== options) throw new TypeError("commdn: the options of connect() are no object");
  const { url, token, getToken, locale, keepHours = 72, default: asDefault, ...rest } = options;
  for (const name of Reflect.ownKeys(rest)) throw new TypeError(`commdn: connect() has no option ${String(name)}`);
  if (getToken !== undefined && (typeof getToken !== "function" || token !== undefined)) {
    throw new TypeError("commdn: getToken is not a function, or there is a token too");
  }
  if (![undefined, true, false].includes(asDefault)) throw new TypeError("commdn: default is neither true nor false");
  if (!(keepHours >= 0)) throw new TypeError("commdn: keepHours is not a number");
  const fixed = asText(token, "token");
  const speaks = tagOf(asText(locale, "locale"));
  if (locale && !speaks) throw new TypeError(`commdn: locale ${locale} is no language tag`);
  const c = open(asText(url, "url"), getToken ?? (fixed && (() => fixed)), speaks, keepHours);
  if (asDefault ?? (!page || page.implicit)) {
    const before = page;
    page = c;
    called = true;
    if (before?.implicit) destroy(before);
    each((s) => s.own || drawLater(s));
  }
  start();
  return handleOf(c);
}

function open(url, getToken, locale, keepHours, implicit) {
  const at = url ? new URL(url, document.baseURI) : new URL(".", import.meta.url);
  if (!at.pathname.endsWith("/")) at.pathname += "/";
  const socket = new URL("ws", at);
  socket.protocol = at.protocol.replace("http", "ws");
  if (!/^wss?:$/.test(socket.protocol)) throw new TypeError(`commdn: ${at} is not where a relay can be; give connect() a url`);
  const c = {
    number: number(), url: socket.href, getToken, locale, keepHours, implicit, listeners: {},
    status: {
      state: "connecting", since: new Date().toISOString(), error: "", unkept: "", relay: "", session: "", ocs: [],
      link: { up: false, since: "", reason: "" }, identity: { name: "", roles: [], expires: "" },
    },
  };
  renew(c);
  connections.set(c.number, c);
  if (it.broken) fail(c);
  if (it.api) it.begin(c);
  return c;
}

// fail ends what the program should do for a connection.
function fail(c, error = new ClosedError(it.broken)) {
  c.status = { ...c.status, state: "failed", error: it.broken };
  c.reject(error);
}

function renew(c) {
  c.ready = new Promise((resolve, reject) => Object.assign(c, { resolve, reject }));
  c.ready.catch(() => {}); // no unhandled rejection for a host that ignores it
}

function handleOf(c) {
  const handle = {
    get status() { return c.status; },
    get ready() { return c.ready; },
    on(event, listener) {
      if (!/^(status|request|campaign|sequence|directory|error)$/.test(event)) throw new TypeError(`commdn: no event ${event}`);
      if (typeof listener !== "function") throw new TypeError("commdn: the listener is not a function");
      if (it.campaigns.test(event)) grow();
      const one = { listener };
      const set = (c.listeners[event] ??= new Set()).add(one);
      const watch = (on) => it.api && !c.closed && it.api.watch(c.number, event, on);
      watch(true);
      return () => { set.delete(one) && !set.size && watch(false); };
    },
    restart() {
      restart();
      return c.ready;
    },
    destroy() { destroy(c); },
  };
  for (const method of ["directory", "requests"]) handle[method] = (options) => ask(c, method, {}, options);
  for (const method of [
    "doNotCall", "cancelRecord", "loadCampaign", "unloadCampaign", "forceUnloadCampaign",
    "startDialing", "stopDialing", "setDialingMode", "getCampaignStatus",
  ]) handle[method] = (args, options) => ask(c, method, args, options);
  handle.undo = (id) => ask(c, "undo", { id });
  ofHandle.set(handle, c);
  return Object.freeze(handle);
}

// ask makes a request. It passes the arguments as plain data, copied now: a getter that
// throws must not do so inside the Go program.
async function ask(c, method, args, options) {
  const began = performance.now();
  let data;
  try {
    data = plain(args ?? {});
  } catch (error) {
    throw new ArgumentError(`arguments: ${error?.message ?? error}`, { argument: "" });
  }
  if (it.broken) throw new ClosedError(it.broken);
  if (it.campaigns.test(method)) grow();
  const plugin = await it.plugin.catch((error) => { throw new ClosedError(error.message); });
  return plugin.ask(c, method, data, options, began);
}

// plain copies data as JSON would, but heeds no toJSON that a host has put on a prototype of
// the language; the copies have no prototype. What JSON drops or turns into null (functions,
// NaN, an invalid Date) becomes a value that is wrong everywhere. Otherwise it would pass
// for a missing argument.
function plain(value, depth = 0) {
  if (depth > 9) throw new TypeError("nested too deeply");
  const list = Array.isArray(value);
  if (value instanceof Date) value = isNaN(+value) ? NaN : value.toISOString();
  else if (!list && value?.toJSON !== Object.prototype.toJSON && Object(value) === value) value = value.toJSON() ?? NaN;
  if (typeof value === "bigint") throw new TypeError("a BigInt is no JSON");
  if (/^(function|symbol)$/.test(typeof value) || (typeof value === "number" && !isFinite(value))) return [];
  if (Object(value) !== value) return value;
  const copy = Object.setPrototypeOf(list ? [] : {}, null);
  for (const key in value) if (Object.hasOwn(value, key) && value[key] !== undefined) copy[key] = plain(value[key], depth + 1);
  return copy;
}

function destroy(c) {
  if (c.closed) return;
  c.closed = true;
  connections.delete(c.number);
  if (page === c) page = null;
  const error = new ClosedError("the connection was destroyed");
  c.status = { ...c.status, state: "closed" };
  c.reject(error);
  it.drop?.(error, c);
  each((s) => {
    if (s.drawnFor !== c) return;
    clear(s);
    drawLater(s);
  });
  it.api?.disconnect(c.number);
}

// ---- the program

// die shows everywhere that nothing works any more: an agent must not believe that a
// click did something.
function die(reason) {
  if (it.broken) return;
  it.broken = String(reason?.message ?? reason) || "unknown";
  it.api = null;
  console.error(`commdn: out of order: ${it.broken}`);
  const error = new ClosedError(it.broken);
  for (const c of connections.values()) {
    fail(c, error);
    it.tell?.(c, "status", c.status);
    it.tell?.(c, "error", error);
  }
  it.drop?.(error);
  each(draw);
}

function restart() {
  if (!it.broken) return;
  it.broken = "";
  for (const c of connections.values()) renew(c);
  rerun();
}

// ---- elements

// connectionOf returns the connection of an element. The first element without one opens
// an implicit connection, to the relay that the script came from.
function connectionOf(s) {
  if (s.own || page || called) return s.own ?? page;
  try {
    return (page = open("", null, "", 72, true));
  } catch (error) {
    called = true;
    console.error(error);
  }
}

// The grid of fields as in person.vugu; an i is a field or the button, the b a row.
const grid = "[part=placeholder]:not(:empty){display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17em),1fr));gap:8px;max-inline-size:72em;font-size:var(--commdn-font-size,14px);i{block-size:32px}b{grid-column:1/-1;block-size:24px}"
  + ":host([density=compact]) &{gap:6px;font-size:var(--commdn-font-size,13px);i{block-size:26px}}}";

for (const [tag, kind] of Object.entries(elements)) {
  if (customElements.get(tag)) {
    console.warn("commdn: the script is on this page twice, from two addresses; the elements belong to the first");
    break;
  }
  const least = tag === "commdn-campaigns" ? `var(--commdn-height,${kind.size}px)` : `${kind.size}px`;
  const compact = kind.size < 40 ? `${Math.round(kind.size * 0.8)}px` : least; // one line
  const size = `:host{display:block;outline:0;min-block-size:${least}}:host([density=compact]){min-block-size:${compact}}${kind.typed ? grid : ""}`;
  const own = ["connection"]; // properties

  class Element extends HTMLElement {
    static observedAttributes = kind.attributes;
    #s = { el: this, root: this.attachShadow({ mode: "open", delegatesFocus: true }), kind, size, number: 0 };

    connectedCallback() {
      const s = this.#s;
      if (s.number) { // moved: keep its state
        dress(s);
        return it.moved?.(s);
      }
      // Set before the element was defined. A framework may have put accessors of its own here.
      for (const name of own) {
        const set = Object.getOwnPropertyDescriptor(this, name);
        if (!set || set.get || set.set) continue;
        Reflect.deleteProperty(this, name);
        Reflect.set(Element.prototype, name, set.value, this);
      }
      s.number = number();
      if (it.take?.(s)) return;
      live.set(s.number, s);
      draw(s);
    }

    disconnectedCallback() {
      queueMicrotask(() => this.isConnected || leave(this.#s));
    }

    attributeChangedCallback(name, _before, value) {
      const s = this.#s;
      if (!it.api && !it.broken && s.number) return draw(s); // the placeholder may change, or the load start
      if (!s.drawnFor || !it.api) return;
      if (name === "lang") it.api.attribute(s.number, name, language(s));
      else if (!passed(name)) it.api.attribute(s.number, name, value);
    }

    get connection() { return this.#s.handle ?? null; }
    set connection(handle) {
      const given = handle == null ? null : ofHandle.get(handle);
      if (given === undefined) throw new TypeError("commdn: connection is not what connect() of the commdn.js that made this element gave");
      const s = this.#s;
      s.handle = handle;
      if (s.own === given) return;
      s.own = given;
      if (s.number) drawLater(s);
    }
  }

  for (const name of kind.attributes) {
    if (name === "lang") continue; // HTMLElement's own
    const flag = kind.booleans?.includes(name);
    // readOnly, as of an <input>, is what frameworks set.
    for (const property of name === "readonly" ? [name, "readOnly"] : [name.replace(/-./g, (m) => m[1].toUpperCase())]) {
      own.push(property);
      Object.defineProperty(Element.prototype, property, {
        configurable: true, enumerable: true,
        get() { return flag ? this.hasAttribute(name) : this.getAttribute(name) ?? ""; },
        set(value) {
          if (flag) this.toggleAttribute(name, !!value);
          else if (value != null) this.setAttribute(name, typeof value === "object" ? JSON.stringify(plain(value)) : value);
          else {
            this.removeAttribute(name);
            this.attributeChangedCallback(name, null, null); // even if it was not there: what was edited goes too
          }
        },
      });
    }
  }
  customElements.define(tag, Element);
}
