// Fetches what the Go program needs, once an element or a handle wants it, and starts it.
// There are two programs: one with an agent's elements, and one with all.

import { anotherVersion, policy } from "./errors.js";
import { each, it } from "./shared.js";

let starting = false;
let attempts = 0;
let plugged; // resolve and reject of it.plugin
const loads = {}; // by whether it is that with all elements: what it needs, on the way or here
const at = (name) => new URL(name, import.meta.url);

const seen = new IntersectionObserver((entries) => entries.some((e) => e.isIntersecting) && start());

// want starts the program once an element may cause that.
export function want({ el, kind }) {
  if (starting && !kind.supervisor) return;
  const load = el.getAttribute("load");
  if (load === "eager" || el.ownerDocument !== document) start("auto");
  else if (load !== "idle") seen.observe(el);
  else if (document.readyState === "complete") (globalThis.requestIdleCallback ?? setTimeout)(() => start(), { timeout: 5000 }); // some pages are never idle
  else addEventListener("load", () => want({ el, kind }), { once: true });
}

// grow makes the program that starts, or the one that runs, that with all elements.
export function grow() {
  it.all = true;
  it.grow?.();
}

export async function start(priority = "low") {
  const first = !starting;
  starting = true;
  seen.disconnect();
  if (first) {
    it.plugin ??= new Promise((resolve, reject) => { plugged = { resolve, reject }; });
    it.plugin.catch(() => {}); // awaited elsewhere
  }
  await null; // the rest of the elements is defined then, and what follows connect() has said what it needs
  for (const s of it.live.values()) if (s.kind.supervisor) grow();
  if (!first) return;
  try {
    let all, parts;
    do parts = await load(all = it.all, priority); while (all !== it.all);
    await it.made.run(...parts, all, it.die);
  } catch (error) {
    if (!it.made) {
      plugged.reject(error);
      it.plugin = null;
    }
    it.die(error);
  }
}

// rerun starts the program anew.
export function rerun() {
  starting = false;
  it.late = 0;
  each(it.draw);
  start("auto");
}

// load fetches plugin.js, the runtime and a program, and returns the latter two. It says
// in the elements that wait for them that this takes long, and at last offers to ask
// anew for what has not come: a download that stalls ends by itself after minutes, or
// never. The first one that comes counts, and of the failures the last.
function load(all, priority) {
  const own = all ? new URL("__ALL__", import.meta.url) : new URL("__AGENT__", import.meta.url);
  const parts = [
    async (other) => {
      const { plugin } = await (other ? import(other) : import("./plugin.js"));
      plugged.resolve((it.made ??= plugin(it)));
      return it.made;
    },
    async (other) => (await (other ? import(other) : import("__RUNTIME__"))).default,
    (other) => compile(other ?? own, priority),
  ];
  let come = [it.made];

  // get fetches what has not come, by the names in this script or from other addresses.
  async function get(others = []) {
    const mine = come;
    await Promise.all(parts.map(async (part, i) => { mine[i] ??= await part(others[i]); }));
    return mine.slice(1);
  }

  // present fetches the relay's present files, where they go with this script: those of
  // this script are gone (error says so) or have stalled. No cache knows an address that
  // has the time in it.
  async function present(error) {
    own.search = error ? "" : `?${attempts}`;
    const now = await fetch(at(`commdn.json?${Date.now()}`)).then((r) => r.json()).catch(() => ({}));
    if (now.goesWith && (now.goesWith !== "__GOES_WITH__" || !(it.made?.url ?? now.plugin).includes(now.plugin))) {
      throw new Error(anotherVersion);
    }
    const wasm = all ? now.all : now.agent;
    const same = !wasm || at(wasm).pathname === own.pathname;
    if (error && same) throw error;
    if (!same) come = [it.made];
    return get(wasm && [now.plugin, now.runtime, wasm].map((name) => at(name + own.search).href));
  }

  return (loads[all] ??= new Promise((resolve, reject) => {
    const attempt = (parts) => {
      const mine = ++attempts;
      late(0);
      const timers = [[3, 5000], [4, 20000]].map(([text, after]) => setTimeout(late, after, text, () => attempt(present())));
      const settle = (f) => (value) => {
        timers.forEach(clearTimeout);
        late(0);
        f(value);
      };
      parts.then(settle(resolve), (error) => {
        if (mine !== attempts) return;
        delete loads[all]; // the next start fetches again
        settle(reject)(error);
      });
    };
    attempt(get().catch(present));
  }));
}

// late sets what the elements say that wait for a download, 0 for nothing, and what
// starts another one.
function late(text, again) {
  if (it.late === text || it.broken) return;
  it.late = text;
  it.again = again;
  each((s) => s.drawnFor || it.draw(s));
}

// compile also takes what a fetch of the page's own gives, or a server that knows no type.
// Each browser has its own words for a policy that forbids it.
async function compile(url, priority) {
  const response = await fetch(url, { priority });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return WebAssembly.compileStreaming(response).catch(async (error) => {
    if (response.bodyUsed) throw error;
    return WebAssembly.compile(await response.arrayBuffer());
  }).catch((error) => {
    throw /unsafe-eval|CSP|security policy/i.test(error.message) ? new Error(policy) : error;
  });
}

// forget is that an element needs no program any more.
export function forget(el) { seen.unobserve(el); }

it.load = load;
