// Runs the Go program and connects it with commdn.js, which fetches this file on demand.
// ../wasm/README.md lists the calls.

import { board } from "../wasm/render/board.js";
import { readability } from "./readable.js";

const idle = globalThis.requestIdleCallback ?? ((f) => setTimeout(f, 100));

// plugin serves one copy of commdn.js, which shares it: a page may have a second copy,
// from another address.
export function plugin(it) {
  const readable = readability(it.live);
  let lastRequest = 0;
  const pending = new Map(); // number -> request of a handle

  let current = { all: false, runtime: null, stop() {} }; // the program that serves the page

  // run starts a program and returns when it has ended. all says which one; failed gets
  // the reason if it does not come to serve the page.
  async function run(runtime, wasm, all, failed) {
    const sockets = new Set();
    const self = { all, runtime, stop };
    const own = scope(sockets, self);
    const go = new (runtime(own))();
    // The last words of a dying program. wasm_exec.js would write them with the page's
    // fs, which is missing or another one.
    go.importObject.gojs["runtime.wasmWrite"] = (sp) => {
      const at = (sp >>> 0) + 16;
      const text = new Uint8Array(go.mem.buffer, Number(go.mem.getBigInt64(at, true)), go.mem.getInt32(at + 8, true));
      // @ts-expect-error: the runtime has set it
      own.fs.writeSync(1, text);
    };
    const resume = go._resume;
    function stop() {
      // As wasmExit does: what is still on the stack must not go on in there.
      go.exited = true;
      delete go._inst;
      for (const timer of go._scheduledTimeouts.values()) clearTimeout(timer);
      go._scheduledTimeouts.clear();
      for (const socket of sockets) socket.close();
    }
    const end = (reason) => {
      stop();
      if (current === self) it.die(reason);
      else failed(reason);
    };
    // A garbage collection takes as long as a click may, and Go would start it in the
    // middle of one. So we ask for it when the browser is idle and the program has worked
    // for a while. With much garbage Go still starts by itself.
    go.env = { GOGC: "200" };
    let worked = 0;
    let tidying = false;
    const tidy = () => {
      it.api?.tidy();
      worked = 0;
      tidying = false;
    };
    // Catches every failure inside, whoever called.
    go._resume = () => {
      if (go.exited) return;
      const began = performance.now();
      try {
        resume.call(go);
      } catch (error) {
        end(error);
      }
      if (go.exited) return end("the program has ended");
      worked += performance.now() - began;
      if (worked > 30 && !tidying) {
        tidying = true;
        idle(tidy);
      }
    };
    try {
      await go.run(await WebAssembly.instantiate(wasm, go.importObject));
      end("the program has ended");
    } catch (error) {
      end(error);
    }
  }

  // scope is Go's global object: one of its own in front of the page's. So the page sees
  // no Go, fs, process and path, and a page's own "process" does not mislead Go.
  function scope(sockets, self) {
    class Socket extends WebSocket {
      constructor(...args) {
        // @ts-expect-error: the arguments of WebSocket
        super(...args);
        sockets.add(this);
        this.addEventListener("close", () => sockets.delete(this));
      }
    }
    const own = { fs: undefined, process: undefined, path: undefined, Go: undefined, commdn: bridge(self), WebSocket: Socket };
    return new Proxy(own, { get: (target, key) => (key in target ? target[key] : globalThis[key]) });
  }

  // bridge has the functions that the program calls.
  const bridge = (self) => ({
    agent: `commdn-web/${it.version}`,
    board,

    ready(call, css) {
      const names = ["mount", "attribute", "unmount", "frame", "connect", "disconnect", "token", "watch", "request", "abort", "tidy", "leave", "enter"];
      const api = Object.fromEntries(names.map((name) => [name, (...args) => call(name, ...args)]));
      if (it.api) return takeOver(self, api);
      serve(self, api);
      if (!it.theme) {
        it.theme = new CSSStyleSheet();
        readable.follow(css);
        new MutationObserver(() => {
          for (const s of it.live.values()) if (s.drawnFor) it.api?.attribute(s.number, "lang", it.language(s));
        }).observe(document.documentElement, { attributeFilter: ["lang"] });
      }
      it.theme.replaceSync(css);
      for (const c of it.connections.values()) begin(c);
      for (const s of it.live.values()) it.draw(s);
    },

    failed(message, number, panicked) {
      console.error(`commdn: ${message}`);
      for (const c of it.connections.values()) tell(c, "error", new it.failures.CommdnError(message));
      const s = it.live.get(number);
      if (s && panicked) queueMicrotask(() => it.outOfOrder(s, message, () => it.draw(s)));
    },

    emit(number, name, json) {
      it.live.get(number)?.el.dispatchEvent(new CustomEvent(name, { detail: JSON.parse(json), bubbles: true, composed: true }));
    },

    save(name, type, content) {
      const a = document.createElement("a");
      a.download = name;
      // The decoder of Go's strings drops a byte order mark.
      a.href = URL.createObjectURL(new Blob([/^text.csv/.test(type) ? "\ufeff" : "", content], { type }));
      a.click();
      setTimeout(() => URL.revokeObjectURL(a.href), 1000);
    },

    frame: (number) => requestAnimationFrame(() => it.api?.frame(number)),

    async token(number, id) {
      const from = it.api;
      let token = "";
      let error = "";
      try {
        token = it.asText((await it.connections.get(number)?.getToken()) ?? null, "the token");
      } catch (e) {
        error = String(e?.message ?? e) || "getToken failed";
      }
      if (from === it.api) from?.token(id, token, error);
    },

    event(number, name, json) {
      const c = it.connections.get(number);
      if (!c) return;
      const detail = JSON.parse(json);
      if (name === "status") {
        if (c.moving && detail.state === "connecting" && !detail.error) return;
        c.status = detail;
        const known = detail.state === "connected" && detail.identity.roles.length; // the identity follows the welcome
        if (known) c.resolve(detail);
        if (c.moving && (known || detail.identity.name || detail.state !== "connected")) {
          c.moving = false;
          flush(c);
        }
        if (detail.state === "failed") c.reject(new it.failures.CommdnError(detail.error));
      }
      tell(c, name, detail);
    },

    settled(id, result, failure) {
      const p = pending.get(id);
      result &&= JSON.parse(result);
      if (!failure) return p?.resolve(result);
      const { class: kind, message, ...fields } = JSON.parse(failure);
      p?.reject(new it.failures[kind](message, result ? { ...fields, result, ocs: result.ocs } : fields));
    },
  });

  function serve(self, api) {
    current.stop();
    current = self;
    it.api = api;
    it.whole = self.all;
    if (it.all && !self.all) queueMicrotask(grow); // wanted while this one started
  }

  // grow starts the program with all elements beside the agent's, which goes on until the
  // other one takes over. If it cannot start, the agent's elements do not notice.
  let growing = false;
  async function grow() {
    if (!it.api || it.whole || growing) return;
    growing = true;
    const failed = (error) => {
      growing = it.all = false;
      console.error(`commdn: out of order: ${error?.message ?? error}`);
      for (const p of [...pending.values()]) if (!p.fits()) p.reject(new it.failures.ClosedError(String(error?.message ?? error)));
      for (const s of it.live.values()) {
        if (s.kind.supervisor) it.outOfOrder(s, String(error?.message ?? error), () => { it.all = true; it.draw(s); grow(); });
      }
    };
    try {
      await run(current.runtime, await it.program(true, "auto"), true, failed);
    } catch (error) {
      failed(error);
    }
  }

  // takeOver makes a started program follow the one that runs, in one task: no click falls
  // between the two. It waits until nothing is in flight and no confirmation is open, as
  // the one that is left takes its connections and its questions with it. Requests with
  // their results, typed text and the focus stay.
  function takeOver(self, api) {
    const before = it.api;
    const asking = (s) => s.drawnFor && s.root.querySelector("[part~=confirm]");
    const look = () => {
      if (it.api !== before) return self.stop(); // it has died, and the next start is with all elements
      const quiet = ![...pending.values()].some((p) => p.sent) && ![...it.live.values()].some(asking);
      const left = quiet && before.leave();
      if (!left) return setTimeout(look, 50);
      const typed = [...it.live.values()].filter((s) => s.drawnFor).map(typing);
      growing = false;
      serve(self, api);
      for (const c of it.connections.values()) {
        c.moving = c.status.state === "connected"; // until it is again
        begin(c);
      }
      api.enter(JSON.parse(left));
      for (const s of it.live.values()) it.draw(s);
      api.enter(null);
      for (const again of typed) again();
    };
    look();
  }

  // typing returns what types again into an element what stands in its fields, and gives
  // the focus back.
  function typing(s) {
    const controls = () => [...s.root.querySelectorAll("input, button")];
    const before = controls().map((e) => [e.value, e.checked, e === s.root.activeElement, e.selectionStart, e.selectionEnd]);
    return () => controls().forEach((e, i) => {
      const [value, checked, focused, from, to] = before[i] ?? [];
      if (e.type === "radio" && checked && !e.checked) e.click();
      if (e.type === "text" && value && e.value !== value) {
        e.value = value;
        e.dispatchEvent(new Event("input", { bubbles: true }));
      }
      if (!focused) return;
      e.focus({ preventScroll: true });
      if (e.type === "text") e.setSelectionRange(from, to);
    });
  }

  // begin connects c in a started program, with all that waits for it.
  function begin(c) {
    it.api.connect(c.number, c.url, !!c.getToken, c.locale || it.pageLanguage());
    for (const event in c.listeners) it.api.watch(c.number, event, c.listeners[event].size > 0);
    flush(c);
  }

  // flush sends what has waited for the program and, if it took over, for the connection.
  function flush(c) {
    for (const p of pending.values()) if (p.c === c && !p.sent && p.fits()) p.send();
  }

  // ask returns the promise of a request that was made at the time began.
  function ask(c, method, data, options, began) {
    const { ArgumentError, ClosedError } = it.failures;
    return new Promise((resolve, reject) => {
      const wrong = (argument, what) => new ArgumentError(`${argument} ${what}`, { argument });
      let signal, timeout, rest;
      try {
        ({ signal, timeout = 0, ...rest } = options ?? {});
      } catch (error) {
        throw wrong("options", `cannot be read: ${error?.message ?? error}`);
      }
      if (options && typeof options !== "object") throw wrong("options", "are no object");
      for (const name in rest) throw wrong(name, "is no option; there are signal and timeout");
      if (typeof timeout !== "number" || !(timeout >= 0 && timeout < 2 ** 31)) throw wrong("timeout", "is not a number of milliseconds");
      if (signal && !(signal.throwIfAborted && typeof signal.addEventListener === "function")) throw wrong("signal", "is not an AbortSignal");
      signal?.throwIfAborted();
      if (c.closed || it.broken) throw new ClosedError(it.broken || "the connection was destroyed");
      const id = ++lastRequest;
      const settle = (f) => (value) => {
        pending.delete(id);
        signal?.removeEventListener("abort", abort);
        f(value);
      };
      const abort = () => {
        settle(reject)(signal.reason);
        it.api?.abort(id);
      };
      signal?.addEventListener("abort", abort);
      const fits = () => !it.campaigns.test(method) || (it.whole && !c.moving);
      const send = () => {
        p.sent = true;
        it.api.request(id, c.number, method, data, timeout && Math.max(1, Math.round(timeout - performance.now() + began)));
      };
      const p = { c, fits, send, sent: false, resolve: settle(resolve), reject: settle(reject) };
      pending.set(id, p);
      if (it.api && fits()) send();
    });
  }

  // drop rejects the requests of a connection, or all.
  function drop(error, c) {
    for (const p of [...pending.values()]) if (!c || p.c === c) p.reject(error);
  }

  function tell(c, event, detail) {
    // Not from inside the Go program: a listener may do anything.
    queueMicrotask(() => {
      if (c.closed) return;
      for (const { listener } of [...(c.listeners[event] ?? [])]) {
        try {
          listener(detail);
        } catch (error) {
          console.error(error);
        }
      }
    });
  }

  Object.assign(it, { begin, tell, drop, grow, mend: readable.mend });
  return { run, ask };
}
