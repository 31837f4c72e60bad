// The one module that a host page needs: it defines the custom elements and exports
// connect(). It fetches plugin.js and the Go program on demand. It puts nothing on
// globalThis and uses no eval. See README.md and commdn.d.ts.

// tag -> its description in manifest/elements.yaml: attributes, booleans, size.
const elements = __ELEMENTS__;

export class CommdnError extends Error {
  name = "CommdnError";
  constructor(message, fields) {
    super(message);
    Object.assign(this, fields);
  }
}
export class ArgumentError extends CommdnError { name = "ArgumentError"; }
export class OcsError extends CommdnError { name = "OcsError"; }
export class RelayError extends CommdnError { name = "RelayError"; }
export class NoAnswerError extends CommdnError { name = "NoAnswerError"; }
export class ClosedError extends CommdnError { name = "ClosedError"; }

// The loader's own texts: out of order, start again, not connected.
const words = {
  en: ["This is out of order. Start it again or reload the page.", "Start again", "Not connected."],
  es: ["Esto no funciona. Inícielo de nuevo o vuelva a cargar la página.", "Iniciar de nuevo", "Sin conexión."],
  fr: ["Ceci est hors service. Redémarrez-le ou rechargez la page.", "Redémarrer", "Non connecté."],
  de: ["Dies ist außer Betrieb. Starten Sie es neu oder laden Sie die Seite neu.", "Neu starten", "Nicht verbunden."],
  pt: ["Isto está fora de serviço. Inicie de novo ou recarregue a página.", "Iniciar de novo", "Sem conexão."],
  ja: ["動作していません。再起動するか、ページを再読み込みしてください。", "再起動", "接続されていません。"],
};

let starting = false;
const fetched = {}; // address of a program -> it, compiled
let page = null; // connection of the elements without their own
let called = false; // connect() has made one for them, so no implicit one any more
let last = 0; // last number
const ofHandle = new WeakMap(); // handle -> connection

// Shared with plugin.js.
const it = {
  version: "__VERSION__",
  api: null, // functions of the Go program while it runs
  whole: false, // whether that is the program with all elements
  all: false, // whether the page uses what the agent's program does not have
  broken: "", // why it does not run
  theme: null, // style sheet of all elements, from the program
  connections: new Map(), // number -> connection, until destroyed
  live: new Map(), // number -> state of an element on the page
  failures: { CommdnError, ArgumentError, OcsError, RelayError, NoAnswerError, ClosedError },
  number: () => ++last,
  campaigns: /ign|ial|dir|seq/, // in methods and events that the agent's program does not have
  asText, draw, outOfOrder, language, pageLanguage, die, program,
};
const { connections, live } = it;

// ---- connections

function asText(value, what) {
  if (value !== undefined && typeof value !== "string") throw new TypeError(`commdn: ${what} is not a string`);
  return value ?? "";
}

export function connect(options = {}) {
  if (Object(options) !== options) throw new TypeError("commdn: the options of connect() are no object");
  const { url, token, getToken, locale, default: asDefault, ...rest } = options;
  for (const name in rest) throw new TypeError(`commdn: connect() has no option ${name}`);
  if (getToken !== undefined && (typeof getToken !== "function" || token !== undefined)) {
    throw new TypeError("commdn: getToken is not a function, or there is a token too");
  }
  if (![undefined, true, false].includes(asDefault)) throw new TypeError("commdn: default is neither true nor false");
  const fixed = asText(token, "token");
  try {
    Intl.getCanonicalLocales(asText(locale, "locale") || []);
  } catch {
    throw new TypeError(`commdn: locale ${locale} is no language tag`);
  }
  const c = open(asText(url, "url"), getToken ?? (fixed && (() => fixed)), locale);
  if (asDefault ?? (!page || page.implicit)) {
    const before = page;
    page = c;
    called = true;
    if (before?.implicit) destroy(before);
    for (const s of live.values()) if (!s.own) drawLater(s);
  }
  start();
  return handleOf(c);
}

function open(url, getToken, locale, implicit) {
  const at = url ? new URL(url, document.baseURI) : new URL(".", import.meta.url);
  if (!at.pathname.endsWith("/")) at.pathname += "/";
  const socket = new URL("ws", at);
  socket.protocol = at.protocol.replace("http", "ws");
  if (!/^wss?:$/.test(socket.protocol)) throw new TypeError(`commdn: ${at} is not where a relay can be; give connect() a url`);
  const c = {
    number: ++last, url: socket.href, getToken, locale, implicit, listeners: {},
    status: {
      state: "connecting", since: new Date().toISOString(), error: "", relay: "", session: "", ocs: [],
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
  ofHandle.set(handle, c);
  return Object.freeze(handle);
}

// ask makes a request. It passes the arguments as plain data, copied now: a getter that
// throws must not do so inside the Go program.
async function ask(c, method, args, options) {
  const began = performance.now();
  let data;
  try {
    data = JSON.parse(JSON.stringify(args ?? {}, plainly));
  } catch (error) {
    throw new ArgumentError(`arguments: ${error?.message ?? error}`, { argument: "" });
  }
  if (it.broken) throw new ClosedError(it.broken);
  if (it.campaigns.test(method)) grow();
  const plugin = await it.plugin.catch((error) => { throw new ClosedError(error.message); });
  return plugin.ask(c, method, data, options, began);
}

// plainly replaces what JSON would drop or turn into null (functions, NaN, an invalid
// Date) by a value that is wrong everywhere. Otherwise it would pass for a missing
// argument.
function plainly(key, value) {
  const given = this[key];
  const lost = /^(function|symbol)$/.test(typeof given) || (typeof value === "number" && !isFinite(value)) || (value === null && given !== null);
  return lost ? [] : value;
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
  for (const s of live.values()) {
    if (s.drawnFor !== c) continue;
    clear(s);
    drawLater(s);
  }
  it.api?.disconnect(c.number);
}

// ---- the program

// grow makes the program that starts, or the one that runs, that with all elements.
function grow() {
  it.all = true;
  it.grow?.();
}

// program fetches one of the two.
function program(all, priority) {
  const url = all ? new URL("__ALL__", import.meta.url) : new URL("__AGENT__", import.meta.url);
  fetched[url] ??= WebAssembly.compileStreaming(fetch(url, { priority }));
  fetched[url].catch(() => { delete fetched[url]; }); // awaited by the caller; the next start fetches again
  return fetched[url];
}

const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && start());

// want starts the program once an element may cause that.
function want({ el, kind }) {
  if (starting && !kind.supervisor) return;
  const load = el.getAttribute("load");
  if (load === "eager") start("auto");
  else if (load !== "idle") seen.observe(el);
  else if (document.readyState === "complete") (globalThis.requestIdleCallback ?? setTimeout)(() => start());
  else addEventListener("load", () => want({ el, kind }), { once: true });
}

async function start(priority = "low") {
  const first = !starting;
  starting = true;
  seen.disconnect();
  if (first) {
    it.plugin = import("./plugin.js").then(({ plugin }) => (it.made ??= plugin(it)));
    it.plugin.catch(() => {}); // awaited below
  }
  await null; // the rest of the elements is defined then, and what follows connect() has said what it needs
  for (const s of live.values()) if (s.kind.supervisor) grow();
  if (!first) return;
  try {
    program(it.all, priority);
    const [{ run }, { default: runtime }] = await Promise.all([it.plugin, import("__RUNTIME__")]);
    let all, wasm;
    do wasm = await program(all = it.all, priority); while (all !== it.all);
    await run(runtime, wasm, all, die);
  } catch (error) {
    die(error);
  }
}

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
  for (const s of live.values()) draw(s);
}

function restart() {
  if (!it.broken) return;
  it.broken = "";
  starting = false;
  for (const c of connections.values()) renew(c);
  for (const s of live.values()) draw(s);
  start("auto");
}

// ---- elements

function pageLanguage() { return document.documentElement.lang || navigator.language; }
function language(s) { return s.el.lang || s.drawnFor?.locale || pageLanguage(); }

// connectionOf returns the connection of an element. The first element without one opens
// an implicit connection, to the relay that the script came from.
function connectionOf(s) {
  if (s.own || page || called) return s.own ?? page;
  try {
    return (page = open("", null, "", true));
  } catch (error) {
    called = true;
    console.error(error);
  }
}

function clear(s) {
  if (s.drawnFor) it.api?.unmount(s.number);
  s.drawnFor = null;
  s.root.adoptedStyleSheets = it.theme ? [s.size, it.theme] : [s.size];
}

// draw shows an element in its current state.
function draw(s) {
  clear(s);
  it.mend?.(s);
  if (it.broken) return outOfOrder(s, it.broken, restart);
  if (!it.api || (s.kind.supervisor && !it.whole)) {
    s.root.replaceChildren();
    const place = add(s.root, "div", { part: "placeholder", ariaBusy: "true" });
    for (const cell of cells(s)) add(place, cell);
    return want(s);
  }
  const c = connectionOf(s);
  if (!c || c.closed) return say(s, 2);
  s.root.replaceChildren();
  s.drawnFor = c;
  const names = s.kind.attributes.filter((name) => s.el.hasAttribute(name) && !passed(name));
  it.api.mount(s.number, s.el.localName, s.root, c.number, language(s), names.flatMap((name) => [name, s.el.getAttribute(name)]));
}

// cells are the grid cells of an element's placeholder: the fields to type in, the button
// and, over the full width, the choice of scope.
function cells({ el, kind }) {
  const has = (name) => el.hasAttribute(name);
  if (!kind.typed || kind.unless.some(has)) return [];
  return [...kind.typed.filter((name) => !has(name)).map(() => "i"), ...(has("choose-chain") ? ["b"] : []), "i"];
}

// drawLater avoids drawing inside the element's own events.
function drawLater(s) { queueMicrotask(() => live.get(s.number) === s && draw(s)); }

// passed are the attributes that the component does not know.
const passed = (name) => /^(lang|density|load)$/.test(name);

function outOfOrder(s, message, again) {
  if (!live.has(s.number)) return;
  clear(s);
  it.mend?.(s);
  say(s, 0, again).title = message;
  s.el.dispatchEvent(new CustomEvent("commdn-state", { detail: { state: "out-of-order", message }, bubbles: true, composed: true }));
}

const add = (to, tag, fields) => to.appendChild(Object.assign(document.createElement(tag), fields));

function say(s, text, again) {
  const said = words[language(s).slice(0, 2).toLowerCase()] ?? words.en;
  s.root.replaceChildren();
  const base = add(s.root, "div", { className: "base", part: "base" });
  const p = add(base, "p", { role: "alert", part: "hint", textContent: said[text] });
  if (again) add(base, "button", { type: "button", part: "button", textContent: said[1], onclick: again });
  return p;
}

// The grid of fields as in person.vugu; an i is a field or the button, the b a row.
const grid = "[part=placeholder]:not(:empty){display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,17em),1fr));gap:8px;max-inline-size:72em;font-size:var(--commdn-font-size,14px);i{block-size:32px}b{grid-column:1/-1;block-size:24px}"
  + ":host([density=compact]) &{gap:6px;font-size:var(--commdn-font-size,13px);i{block-size:26px}}}";

for (const [tag, kind] of Object.entries(elements)) {
  if (customElements.get(tag)) {
    console.warn("commdn: the script is on this page twice, from two addresses; the elements belong to the first");
    break;
  }
  const size = new CSSStyleSheet();
  const least = tag === "commdn-campaigns" ? `var(--commdn-height,${kind.size}px)` : `${kind.size}px`;
  const compact = kind.size < 40 ? `${Math.round(kind.size * 0.8)}px` : least; // one line
  size.replaceSync(`:host{display:block;min-block-size:${least}}:host([density=compact]){min-block-size:${compact}}${kind.typed ? grid : ""}`);

  class Element extends HTMLElement {
    static observedAttributes = kind.attributes;
    #s = { el: this, root: this.attachShadow({ mode: "open" }), kind, size, number: 0 };

    connectedCallback() {
      if (this.#s.number) return; // moved within the page: keep its state
      for (const name of Object.keys(this)) { // set before the element was defined
        if (!(name in Element.prototype)) continue;
        const value = this[name];
        delete this[name];
        this[name] = value;
      }
      live.set((this.#s.number = ++last), this.#s);
      draw(this.#s);
    }

    disconnectedCallback() {
      queueMicrotask(() => {
        if (this.isConnected || !this.#s.number) return;
        seen.unobserve(this);
        clear(this.#s);
        live.delete(this.#s.number);
        this.#s.number = 0;
        this.shadowRoot.replaceChildren();
      });
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
      const own = handle == null ? null : ofHandle.get(handle);
      if (own === undefined) throw new TypeError("commdn: connection is not what connect() gave");
      const s = this.#s;
      s.handle = handle;
      if (s.own === own) return;
      s.own = own;
      if (s.number) drawLater(s);
    }
  }

  for (const name of kind.attributes) {
    const property = name.replace(/-./g, (m) => m[1].toUpperCase());
    if (property in HTMLElement.prototype) continue;
    const flag = kind.booleans.includes(name);
    Object.defineProperty(Element.prototype, property, {
      configurable: true, enumerable: true,
      get() { return flag ? this.hasAttribute(name) : this.getAttribute(name) ?? ""; },
      set(value) {
        if (flag) this.toggleAttribute(name, !!value);
        else if (value == null) this.removeAttribute(name);
        else this.setAttribute(name, typeof value === "object" ? JSON.stringify(value) : value);
      },
    });
  }
  customElements.define(tag, Element);
}
