// What an element does with keys and clicks that the page around would misread.

const done = new WeakSet(); // ShadowRoots
const controls = "a[href],button,input,select,textarea,summary,[tabindex]";

// manners teaches an element, once. Its shadow root delegates the focus.
export function manners({ el, root }) {
  if (done.has(root)) return;
  done.add(root);
  // Dialogs look for what Tab reaches, and find only what has a tabindex.
  if (el.localName !== "commdn-status" && !el.hasAttribute("tabindex")) el.tabIndex = 0;
  for (const type of ["keydown", "keypress", "keyup"]) root.addEventListener(type, (e) => ours(root, e) && e.stopPropagation());
  // A click on a text must not put the focus on the first button, where a key then sends.
  let missed = false;
  root.addEventListener("mousedown", (e) => {
    missed = !e.target.closest(controls + ",label");
    setTimeout(() => { missed = false; });
  });
  root.addEventListener("focusin", (e) => missed && e.target.blur());
}

// ours tells whether a key is no business of the page: what somebody types into a field,
// which the page would take for a shortcut, as it sees the element and no field; and Tab
// within the element, which a dialog would take away.
function ours(root, e) {
  const typed = e.key?.length === 1 && !e.metaKey && (!e.ctrlKey || e.altKey);
  if (typed) return /^(input|select|textarea)$/.test(e.target.localName);
  if (e.key !== "Tab") return false;
  const all = [...root.querySelectorAll(controls)].filter((n) => n.tabIndex >= 0 && !n.disabled && n.checkVisibility());
  const at = all.indexOf(root.activeElement);
  return at >= 0 && (e.shiftKey ? at > 0 : at < all.length - 1);
}
