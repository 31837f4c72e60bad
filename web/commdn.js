// The one script that a host page adds: <script type="module" src=".../commdn.js"></script>
// It defines the custom elements at once and fetches the plugin when the first
// of them is on the page. It puts nothing on globalThis and uses no eval.

const version = "__VERSION__";
const runtimeFile = "__RUNTIME__";
const wasmFile = "__WASM__";

// Which attributes each element observes; components/*.go has the same lists.
const elements = {
  "commdn-dnc": ["phone", "customer-id", "chain", "label", "disabled", "confirm"],
};

let plugin = null; // the functions of the Go side, once it is ready
let broken = ""; // why there will be none
let starting = false;
let lastNumber = 0;
const live = new Map(); // number -> element, as long as it is on the page

for (const [tag, observedAttributes] of Object.entries(elements)) {
  if (customElements.get(tag)) continue; // the script was added twice
  customElements.define(tag, class extends HTMLElement {
    static observedAttributes = observedAttributes;
    #number = 0;

    connectedCallback() {
      if (this.#number) return; // moved within the page: it keeps its state
      this.#number = ++lastNumber;
      if (!this.shadowRoot) this.attachShadow({ mode: "open" });
      live.set(this.#number, this);
      if (broken) outOfOrder(this);
      else if (plugin) plugin.mount(this.#number, tag, this, this.shadowRoot);
      else start();
    }

    disconnectedCallback() {
      queueMicrotask(() => {
        if (this.isConnected || !this.#number) return;
        if (plugin && !broken) plugin.unmount(this.#number);
        live.delete(this.#number);
        this.#number = 0;
        this.shadowRoot.replaceChildren();
      });
    }

    attributeChangedCallback(name, _old, value) {
      if (this.#number && plugin && !broken) plugin.attribute(this.#number, name, value);
    }
  });
}

async function start() {
  if (starting) return;
  starting = true;
  try {
    const wasm = WebAssembly.compileStreaming(fetch(new URL(wasmFile, import.meta.url)));
    wasm.catch(() => {}); // awaited below; until then a failure is no unhandled one
    const { default: runtime } = await import(new URL(runtimeFile, import.meta.url).href);
    const scope = privateScope();
    const go = new (runtime(scope))();
    await go.run(await WebAssembly.instantiate(await wasm, go.importObject));
    fail("the plugin has ended");
  } catch (error) {
    fail(String(error));
  }
}

// The Go runtime wants Go, fs, process and path on the global object. It gets
// an object of its own that shows the page's globals behind them, so that the
// page sees none of it and a page's own "process" does not mislead Go.
function privateScope() {
  const own = { fs: undefined, process: undefined, path: undefined, Go: undefined, commdn: bridge() };
  return new Proxy(own, {
    get: (target, key) => (key in target ? target[key] : globalThis[key]),
  });
}

function bridge() {
  const url = new URL("ws", import.meta.url);
  url.protocol = url.protocol.replace("http", "ws");
  return {
    url: url.href,
    agent: `commdn-web/${version}`,
    ready(api) {
      for (const [tag, names] of Object.entries(api.attributes)) {
        if (String(elements[tag]) !== String(names)) throw new Error(`loader and plugin differ about <${tag}>`);
      }
      plugin = api;
      for (const [number, el] of live) plugin.mount(number, el.localName, el, el.shadowRoot);
    },
    failed(message) {
      console.error(`commdn: ${message}`);
    },
  };
}

// fail shows in every element that nothing works any more: an agent must not
// believe that a click did something.
function fail(message) {
  broken = message;
  console.error(`commdn: out of order: ${message}`);
  for (const el of live.values()) outOfOrder(el);
}

function outOfOrder(el) {
  const p = document.createElement("p");
  p.setAttribute("role", "alert");
  p.textContent = "Do Not Call is out of order. Reload the page, or tell your administrator.";
  p.title = broken;
  el.shadowRoot.replaceChildren(p);
  el.dispatchEvent(new CustomEvent("commdn-state", {
    detail: { state: "out-of-order", message: broken }, bubbles: true, composed: true,
  }));
}
