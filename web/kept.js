// Elements with the attribute keep: a framework removes one and creates it again, and the
// next one with the same name takes over what the one before showed and waits for.

const passed = /^(density|load|keep|lang)$/; // attributes that the component does not know
const most = 20; // elements that wait for the next one; the oldest gives way

export function keeping(it, boards) {
  const waiting = new Map(); // name -> {number, c, root, tag, values, events}

  const nameOf = (s) => {
    const keep = s.el.getAttribute("keep");
    return keep && JSON.stringify([s.el.localName, keep]);
  };
  const valuesOf = ({ el, kind }) => new Map(kind.attributes.map((name) => [name, el.getAttribute(name)]));

  function end(name) {
    const one = waiting.get(name);
    waiting.delete(name);
    if (one) it.api?.unmount(one.number);
  }

  // keep returns whether an element that leaves the page is kept.
  function keep(s) {
    const name = nameOf(s);
    if (!name || !s.drawnFor || !it.api || it.broken) return false;
    end(name);
    waiting.set(name, { number: s.number, c: s.drawnFor, root: hold(s), tag: s.el.localName, values: valuesOf(s), events: [] });
    s.drawnFor = null;
    if (waiting.size > most) end(waiting.keys().next().value);
    return true;
  }

  // hold moves what is drawn to where nobody sees it.
  function hold(s) {
    const root = document.createDocumentFragment();
    boards.get(s.root).move(root);
    boards.set(root, boards.get(s.root));
    boards.delete(s.root);
    return root;
  }

  // take makes a new element the next one of a kept one, or of one that has left in this
  // task, and returns whether there was one.
  function take(s) {
    const name = nameOf(s);
    if (!name || !it.api || it.broken) return false;
    for (const other of [...it.live.values()]) if (other !== s && !other.el.isConnected && nameOf(other) === name) it.leave(other);
    const one = waiting.get(name);
    if (!one) return false;
    if (one.c !== it.connectionOf(s)) {
      end(name);
      return false;
    }
    waiting.delete(name);
    s.number = one.number;
    s.drawnFor = one.c;
    it.live.set(s.number, s);
    s.root.replaceChildren();
    const board = boards.get(one.root);
    boards.set(s.root, board);
    board.move(s.root);
    it.dress(s);
    for (const [attribute, value] of valuesOf(s)) {
      if (!passed.test(attribute) && value !== one.values.get(attribute)) it.api.attribute(s.number, attribute, value);
    }
    it.moved(s);
    queueMicrotask(() => one.events.forEach(([type, detail]) => it.emit(s, type, detail)));
    return true;
  }

  // heard keeps what the next element has to tell its page.
  function heard(number, type, detail) {
    for (const one of waiting.values()) if (one.number === number && type !== "commdn-state") one.events.push([type, detail]);
  }

  // drop ends those of a connection, or all with the program.
  function drop(c) {
    for (const [name, one] of [...waiting]) if (!c || one.c === c) end(name);
  }

  const all = () => [...waiting.values()];

  // draw draws those that wait anew, in another program.
  function draw() {
    for (const { number, c, root, tag, values } of all()) {
      root.replaceChildren();
      const given = [...values].filter(([name, value]) => value !== null && !passed.test(name));
      it.api.mount(number, tag, root, c.number, c.locale || it.pageLanguage(), given.flat());
    }
  }

  return { keep, take, heard, drop, all, draw };
}
