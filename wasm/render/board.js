// The page's side of render (README.md): carries out in one call what a paint changes
// below one ShadowRoot. A call from Go to JavaScript costs more than most of these
// changes, and a node that Go holds costs its garbage collector.

const html = "http://www.w3.org/1999/xhtml"; // the page may be XML, where createElement makes no HTML

const sheets = new WeakMap(); // document -> its style sheets by their text, while in use

// sheet finds or makes a style sheet: a document takes only its own.
function sheet(page, css) {
  if (!sheets.has(page)) sheets.set(page, new Map());
  const own = sheets.get(page);
  const known = own.get(css)?.deref();
  if (known) return known;
  const made = new page.defaultView.CSSStyleSheet();
  made.replaceSync(css);
  own.set(css, new WeakRef(made));
  return made;
}

// board returns the functions that board.go calls for root. Numbers identify nodes;
// root's is 0. It reports events to hear(number, kind, type, event, target).
export function board(root, hear) {
  let nodes = [root];
  const numbers = new WeakMap(); // of the nodes with listeners
  const notes = new Map(); // number -> comment that stands in for an invalid element; nodes has a detached <s>
  const ears = [0, 1, 2, 3].map((kind) => (e) => {
    const n = numbers.get(e.currentTarget);
    if (n) hear(n, kind, e.type, e, e.target);
  });
  const shown = (n) => notes.get(n) ?? nodes[n];
  let styles = []; // texts
  let adopted = []; // the sheets of these
  const frame = (f) => (root.ownerDocument.defaultView ?? window).requestAnimationFrame(f);
  const change = (node, key, value) => {
    if (node[key] !== value) node[key] = value; // setting an equal value counts as an edit, and may move the caret
  };
  // In the next frame: a change during layout is an error of the page.
  const sizes = new ResizeObserver((entries) => {
    frame(() => entries.forEach((e) => e.target.dispatchEvent(new Event("resize"))));
  });
  const forget = (n) => {
    if (numbers.delete(nodes[n])) sizes.unobserve(nodes[n]);
    notes.delete(n);
    nodes[n] = undefined;
  };

  // A failure among these leaves the tree unknown, and ends the drawing.
  const structure = {
    text: (n, data) => void (nodes[n] = document.createTextNode(data)),
    note: (n, data) => void (nodes[n] = document.createComment(data)),
    data: (n, data) => void (nodes[n].data = data),
    fill: (n, list) => nodes[n].append(...list.split(" ").map(shown)),
    insert: (n, kid, next) => nodes[n].insertBefore(shown(kid), next ? shown(next) : null),
    remove: (n) => shown(n).remove(),
    content: (n, text) => void (nodes[n].textContent = text),
    html: (n, html) => void (nodes[n].innerHTML = html),
    forget,
  };
  // A failure among these concerns one node only, and the drawing goes on.
  const detail = {
    element(n, tag, namespace) {
      try {
        nodes[n] = document.createElementNS(namespace || html, tag);
      } catch (error) {
        nodes[n] = document.createElementNS(html, "s");
        notes.set(n, document.createComment(""));
        throw error;
      }
    },
    set: (n, key, value) => nodes[n].setAttribute(key, value),
    setNS: (n, key, value, namespace) => nodes[n].setAttributeNS(namespace, key, value),
    unset: (n, key) => nodes[n].removeAttribute(key),
    unsetNS: (n, key, namespace) => nodes[n].removeAttributeNS(namespace, key),
    style: (n, css) => void (nodes[n].style.cssText = css), // a policy without 'unsafe-inline' forbids the attribute and allows this
    value: (n, text) => change(nodes[n], "value", text),
    prop: (n, key, json) => change(nodes[n], key, JSON.parse(json)),
    listen(n, type, kind) {
      numbers.set(nodes[n], +n);
      nodes[n].addEventListener(type, ears[kind], { capture: (kind & 1) > 0, passive: (kind & 2) > 0 });
      if (type === "resize") sizes.observe(nodes[n]);
    },
    unlisten(n, type, kind) {
      nodes[n].removeEventListener(type, ears[kind], (kind & 1) > 0);
      if (type === "resize") sizes.unobserve(nodes[n]);
    },
    // What has the focus already comes into sight with the next frame: now it would cost a layout.
    focus(n, early) {
      const node = nodes[n];
      if (early || root.activeElement !== node) return node.focus({ preventScroll: !!early });
      frame(() => root.activeElement === node && node.scrollIntoView({ block: "nearest", inline: "nearest" }));
    },
  };

  return {
    // draw carries out orders: each is a name and as many words as it takes, all ended by
    // NUL. It returns the failures: first the one that ended the drawing, or "", then the
    // others; nothing if there are none.
    draw(orders) {
      const words = orders.split("\0");
      const failed = [""];
      for (let at = 0; at < words.length - 1; ) {
        const name = words[at++];
        const order = structure[name] ?? detail[name];
        try {
          order(...words.slice(at, (at += order.length)));
        } catch (error) {
          if (detail[name]) {
            failed.push(String(error));
            continue;
          }
          failed[0] = String(error);
          break;
        }
      }
      return failed.length > 1 || failed[0] ? failed : undefined;
    },
    node: (n) => nodes[n],
    // style adopts the style sheets of these texts, or the same as before in a document
    // that the root has moved to. Sheets of others stay, in front of ours.
    style(texts = styles) {
      styles = texts;
      if (!root.adoptedStyleSheets || !root.ownerDocument.defaultView) return;
      const others = [...root.adoptedStyleSheets].filter((s) => !adopted.includes(s));
      adopted = styles.map((css) => sheet(root.ownerDocument, css));
      root.adoptedStyleSheets = [...others, ...adopted];
    },
    // move takes the drawn tree to another root.
    move(to) {
      to.append(...root.childNodes);
      root = nodes[0] = to;
      adopted = [];
    },
    // focused returns the index of the focused node in a list, or -1.
    focused: (list) => (root.activeElement ? list.split(" ").findIndex((n) => shown(n)?.contains(root.activeElement)) : -1),
    clear() {
      root.replaceChildren(); // first: a focused one that goes fires blur
      for (const n of nodes.keys()) if (n) forget(n);
      nodes = [root];
    },
    end() {
      sizes.disconnect();
      hear = () => {};
    },
  };
}
