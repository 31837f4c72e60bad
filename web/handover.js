// Makes a program the one that serves the page: the first, and that with all elements,
// which takes over from the agent's when a page comes to use more than that one has.

// turn lets the page have its turn: what the person did meanwhile comes first.
export const turn = globalThis.scheduler?.yield
  ? () => globalThis.scheduler.yield()
  : () => new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => { port1.close(); resolve(null); };
    port2.postMessage(0);
  });

export function handover(it, boards, kept, pending, { run, begin }) {
  let current = { stop() {}, failed() {} }; // the program that serves the page
  let growing = false;

  // serve makes a program the one that serves the page.
  function serve(self, api) {
    current.stop();
    current.failed = () => {};
    current = self;
    self.failed = it.die;
    it.api = api;
    it.whole = self.all;
    if (it.all && !self.all) queueMicrotask(grow); // wanted while this one started
  }

  // first makes a program serve a page that none serves, in steps: the code of each runs
  // for the first time, which on a slow computer takes longer than a page may stand still.
  async function first(self, api) {
    await turn();
    if (self.stopped) return;
    serve(self, api);
    for (const c of it.connections.values()) begin(c);
    for (const s of [...it.live.values()]) {
      for (const step of [it.connectionOf, it.draw]) {
        await turn();
        if (it.api !== api) return;
        it.each((one) => one === s && !s.drawnFor && step(s));
      }
    }
  }

  // grow starts the program with all elements beside the agent's, which goes on until the
  // other one takes over. If it cannot start, the agent's elements do not notice.
  async function grow() {
    if (!it.api || it.whole || growing) return;
    growing = true;
    const failed = (error) => {
      growing = it.all = false;
      const reason = String(error?.message ?? error);
      console.error(`commdn: out of order: ${reason}`);
      for (const p of [...pending.values()]) if (!p.fits()) p.reject(new it.failures.ClosedError(reason));
      it.each((s) => s.kind.supervisor && it.outOfOrder(s, reason, () => {
        it.all = true;
        it.draw(s);
        grow();
      }));
    };
    try {
      await run(...await it.load(true, "auto"), true, failed);
    } catch (error) {
      failed(error);
    }
  }

  // rehearse has a started program draw one element of each kind where nobody sees it, with
  // a connection to nowhere: what runs for the first time is slow. The page knows none of
  // these numbers, so what the program tells of them goes nowhere, too.
  async function rehearse(self, api) {
    let last = 0;
    const nowhere = --last;
    const steps = [() => api.connect(nowhere, "", false, it.pageLanguage(), 0)];
    for (const s of new Map([...it.live.values()].map((s) => [s.el.localName, s])).values()) {
      const n = --last;
      const root = document.createElement("div").attachShadow({ mode: "closed" });
      steps.push(() => api.mount(n, s.el.localName, root, nowhere, it.language(s), it.given(s)), () => api.unmount(n));
    }
    for (const step of [...steps, () => api.disconnect(nowhere)]) {
      await turn();
      if (self.stopped) return;
      step();
    }
  }

  // takeOver makes a started program follow the one that runs, in one task: no click falls
  // between the two. It waits until nothing is in flight and no confirmation is open, as
  // the one that is left takes its connections and its questions with it. Requests with
  // their results, typed text and the focus stay.
  async function takeOver(self, api) {
    const before = it.api;
    await rehearse(self, api);
    const drawn = () => [...it.live.values()].filter((s) => s.drawnFor);
    const asking = ({ root }) => root.querySelector("[part~=confirm]");
    const look = () => {
      if (self.stopped) return;
      if (it.api !== before) return self.stop(); // it has died, and the next start is with all elements
      const shown = [...drawn(), ...kept.all()];
      const quiet = ![...pending.values()].some((p) => p.sent) && !shown.some(asking);
      const left = quiet && before.leave();
      if (!left) return setTimeout(look, 50);
      const typed = shown.map(typing);
      for (const { root } of shown) boards.get(root)?.end();
      growing = false;
      serve(self, api);
      for (const c of it.connections.values()) {
        c.moving = c.status.state === "connected"; // until it is again
        begin(c);
      }
      api.enter(JSON.parse(left));
      it.each(it.draw);
      kept.draw();
      for (const { text } of typed) text();
      api.enter(null);
      for (const { focus } of typed) focus();
    };
    look();
  }

  // typing returns what types again into an element what stands in its fields, and what
  // gives the focus back.
  function typing({ root }) {
    const controls = () => [...root.querySelectorAll("input, button")];
    const typed = (e) => /^(text|tel)$/.test(e.type);
    const before = controls().map((e) => [e.value, e.checked, e === root.activeElement, e.selectionStart, e.selectionEnd]);
    const each = (f) => controls().forEach((e, i) => before[i] && f(e, ...before[i]));
    return {
      text: () => each((e, value, checked) => {
        if (e.type === "radio" && checked && !e.checked) e.click();
        if (!typed(e) || !value || e.value === value) return;
        e.value = value;
        e.dispatchEvent(new Event("input", { bubbles: true }));
      }),
      focus: () => each((e, ...[, , focused, from, to]) => {
        if (!focused) return;
        e.focus({ preventScroll: true });
        if (typed(e)) e.setSelectionRange(from, to);
      }),
    };
  }

  return { first, takeOver, grow };
}
