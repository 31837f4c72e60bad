// Runs the Go program and connects it with commdn.js, which fetches this file on demand.
// ../wasm/README.md lists the calls.

import { board } from "../wasm/render/board.js";
import { storage } from "../wasm/store/store.js";
import { leftovers } from "./left.js";
import { readability } from "./readable.js";
import { handover, turn } from "./handover.js";
import { keeping } from "./kept.js";
import { manners } from "./manners.js";
import { mistakes } from "./mistakes.js";

// constructs tells whether new f() can be, without doing it.
function constructs(f) {
  try {
    return !!Reflect.construct(Object, [], f);
  } catch {
    return false;
  }
}

const idle = globalThis.requestIdleCallback ?? ((f) => setTimeout(f, 100));

// plugin serves one copy of commdn.js, which shares it: a page may have a second copy,
// from another address.
export function plugin(it) {
  const readable = readability(it);
  const boards = new WeakMap(); // ShadowRoot -> what draws in it
  const kept = keeping(it, boards);
  const warn = mistakes();
  const left = leftovers();
  let lastRequest = 0;
  let later; // timer of a collection
  const pending = new Map(); // number -> request of a handle

  const { first, takeOver, grow } = handover(it, boards, kept, pending, { run, begin });

  // run starts a program and returns when it has ended. all says which one; failed gets
  // the reason if it does not come to serve the page.
  async function run(runtime, wasm, all, failed) {
    const sockets = new Set();
    const store = storage();
    const self = { all, failed, stop, end, stopped: false, store };
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
      self.stopped = go.exited = true;
      delete go._inst;
      for (const timer of go._scheduledTimeouts.values()) clearTimeout(timer);
      go._scheduledTimeouts.clear();
      for (const socket of sockets) socket.close();
      store.end();
    }
    function end(reason) {
      stop();
      self.failed(reason);
    }
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
      const instance = await WebAssembly.instantiate(wasm, go.importObject);
      await turn(); // filling the memory was a task of its own
      if (go.exited) return;
      await go.run(instance);
      end("the program has ended");
    } catch (error) {
      end(error);
    }
  }

  // scope is Go's global object: one of its own in front of the page's. So the page sees
  // no Go, fs, process and path, and a page's own "process" does not mislead Go.
  function scope(sockets, self) {
    // Not a subclass: the page's WebSocket may be a function that is no constructor.
    function Socket(...args) {
      if (!args[0]) throw new Error("a rehearsal"); // browsers take "" for the page's own address
      /** @type {any} */
      const Real = globalThis.WebSocket;
      const socket = constructs(Real) ? Reflect.construct(Real, args) : Real(...args);
      sockets.add(socket);
      socket.addEventListener("close", () => sockets.delete(socket));
      return socket;
    }
    const own = { fs: undefined, process: undefined, path: undefined, Go: undefined, commdn: bridge(self), WebSocket: Socket };
    return new Proxy(own, { get: (target, key) => (key in target ? target[key] : globalThis[key]) });
  }

  // made returns the functions of a program.
  function made(call) {
    const names = ["mount", "attribute", "unmount", "frame", "connect", "disconnect", "token", "watch", "request", "abort", "tidy", "leave", "enter"];
    const api = Object.fromEntries(names.map((name) => [name, (...args) => call(name, ...args)]));
    const { mount, unmount } = api;
    api.unmount = (number) => {
      unmount(number);
      // What the last elements leave may be too little for the program to collect by itself.
      // A second time, as what a collection finds may hold something more.
      clearTimeout(later);
      const collect = (times) => (later = setTimeout(() => idle(() => {
        it.api?.tidy();
        if (times > 1) collect(times - 1);
      }), 3000));
      collect(2);
    };
    api.mount = (number, tag, root, c, ...rest) => {
      mount(number, tag, root, c, ...rest);
      if (tag === "commdn-activity") api.attribute(number, "left", left.of(it.connections.get(c) ?? {}));
    };
    return api;
  }

  // bridge has the functions that the program calls.
  const bridge = (self) => ({
    agent: `commdn-web/${it.version}`,
    store: self.store,
    board(root, hear) {
      const made = board(root, hear);
      boards.set(root, made);
      return made;
    },

    ready(call, css) {
      const api = made(call);
      it.theme = css;
      readable.know(css);
      (it.api ? takeOver : first)(self, api).catch(self.end);
    },

    failed(message, number, panicked) {
      console.error(`commdn: ${message}`);
      for (const c of it.connections.values()) tell(c, "error", new it.failures.CommdnError(message));
      const s = it.live.get(number);
      if (s && panicked) queueMicrotask(() => it.outOfOrder(s, message, () => it.draw(s)));
    },

    emit(number, names, json) {
      for (const name of names.split(" ")) {
        const s = it.live.get(number);
        const detail = JSON.parse(json);
        if (s) emit(s, name, detail);
        else kept.heard(number, name, detail);
      }
    },

    save(name, type, content) {
      const a = /** @type {HTMLAnchorElement} */ (document.createElementNS("http://www.w3.org/1999/xhtml", "a"));
      a.download = name;
      // The decoder of Go's strings drops a byte order mark.
      a.href = URL.createObjectURL(new Blob([/^text.csv/.test(type) ? "\ufeff" : "", content], { type }));
      a.click();
      setTimeout(() => URL.revokeObjectURL(a.href), 1000);
    },

    // Of the window that shows the element: one that nobody sees has no frames.
    frame: (number) => (it.live.get(number)?.el.ownerDocument.defaultView ?? window).requestAnimationFrame(() => it.api?.frame(number)),

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
      if (name === "request") left.note(c, detail);
      if (name === "status") {
        if (c.moving && detail.state === "connecting" && !detail.error) return;
        if (detail.unkept && !c.status.unkept) console.warn(`commdn: requests without a connection are lost with the page: ${detail.unkept}`);
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

  // begin connects c in a started program, with all that waits for it.
  function begin(c) {
    it.api.connect(c.number, c.url, !!c.getToken, c.locale || it.pageLanguage(), c.keepHours * 3600);
    for (const event of Reflect.ownKeys(c.listeners)) it.api.watch(c.number, event, c.listeners[event].size > 0);
    flush(c);
  }

  // flush sends what has waited for the program and, if it took over, for the connection.
  function flush(c) {
    for (const p of pending.values()) if (p.c === c && !p.sent && p.fits()) p.send();
  }

  // ask returns the promise of a request that was made at the time began.
  function ask(c, method, data, options, began) {
    const { ArgumentError, ClosedError } = it.failures;
    const asked = new Promise((resolve, reject) => {
      const wrong = (argument, what) => new ArgumentError(`${argument} ${what}`, { argument });
      let signal, timeout, rest;
      try {
        ({ signal, timeout = 0, ...rest } = options ?? {});
      } catch (error) {
        throw wrong("options", `cannot be read: ${error?.message ?? error}`);
      }
      if (options && typeof options !== "object") throw wrong("options", "are no object");
      for (const name of Reflect.ownKeys(rest)) throw wrong(String(name), "is no option; there are signal and timeout");
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
    asked.catch(() => {}); // the host has the loader's promise; zone.js would report this one
    return asked;
  }

  function emit(s, name, detail) {
    s.el.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  // drop rejects the requests of a connection, or all.
  function drop(error, c) {
    kept.drop(c);
    if (c) left.forget(c); // a program that died leaves them behind
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

  // suit returns the style sheets that an element needs where it is.
  function suit(s) {
    warn(s);
    manners(s);
    readable.follow(s.el.ownerDocument);
    return readable.mend(s);
  }

  // moved follows an element to another place, or another document.
  function moved(s) {
    if (!s.drawnFor) return;
    it.api?.attribute(s.number, "lang", it.language(s));
    it.api?.frame(s.number); // that of a window that is gone never comes
  }

  const dressed = (s) => boards.get(s.root)?.style(s.drawnFor ? undefined : []);
  Object.assign(it, { begin, grow, tell, drop, emit, suit, moved, dressed, keep: kept.keep, take: kept.take });
  return { run, ask, url: import.meta.url };
}
