// Keeps elements readable in pages that were not made for them.

const dark = matchMedia("(prefers-color-scheme: dark)");

// readability serves the elements of one copy of commdn.js.
export function readability(live) {
  let themed = []; // custom properties of the theme

  // follow watches the page for changes of its theme. Call it once, with our theme.
  function follow(css) {
    themed = [...new Set(css.match(/--commdn-[a-z-]+/g))];
    const all = () => live.forEach(suit);
    dark.addEventListener("change", all);
    const changes = new MutationObserver(() => {
      setTimeout(all);
      setTimeout(all, 600); // for a background with a transition
    });
    for (const el of [document.documentElement, document.body]) if (el) changes.observe(el, { attributes: true });
  }

  // suit makes an element follow the page if the page does not follow the reader's
  // preference: many have only one scheme, or a switch.
  function suit(s) {
    const scheme = isDark(s.el) ? "dark" : "light";
    s.scheme?.replaceSync((scheme === "dark") === dark.matches ? "" : `:host{color-scheme:${scheme}}`);
  }

  // isDark judges by the background behind an element.
  function isDark(el) {
    for (let n = el; n; n = n.assignedSlot ?? n.parentElement ?? n.getRootNode().host) {
      const [, kind, space, values] = /^([a-z]+)\(([a-z][\w-]* )?(.*)/.exec(getComputedStyle(n).backgroundColor) ?? [];
      const [x, y, z, alpha = 1] = ((values ?? "").match(/-?[\d.]+(e-?\d+)?/g) ?? [0, 0, 0, 0]).map(Number);
      if (alpha < 0.5) continue;
      if (/^ok/.test(kind)) return x < 0.5;
      if (/^l/.test(kind)) return x < 50;
      return 0.3 * x + 0.59 * y + 0.11 * z < (space ? 0.5 : 128);
    }
    const schemes = getComputedStyle(document.documentElement).colorScheme;
    return /dark/.test(schemes) && (dark.matches || !/light/.test(schemes));
  }

  // mend removes what would make an element unreadable: another scheme than the page's,
  // and the host's custom properties with invalid values.
  function mend(s) {
    s.scheme ??= new CSSStyleSheet();
    s.root.adoptedStyleSheets.push(s.scheme);
    suit(s);
    const style = getComputedStyle(s.el);
    const map = s.el.computedStyleMap?.(); // distinguishes an empty value from none, if the browser has it
    const bad = themed.filter((name) => {
      const value = style.getPropertyValue(name).trim();
      if (!value) return map?.get(name);
      const kind = /radius$/.test(name) ? "border-radius" : /-(font-.*)$/.exec(name)?.[1] ?? "color";
      return !CSS.supports(kind, value);
    });
    if (!bad.length) return;
    console.warn(`commdn: passed over on <${s.el.localName}>, as their values are none of their kind: ${bad.join(", ")}`);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`:host{${bad.map((name) => `${name}:initial!important`).join(";")}}`);
    s.root.adoptedStyleSheets.push(sheet);
  }

  return { follow, mend };
}
