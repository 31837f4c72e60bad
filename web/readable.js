// Keeps elements readable in pages that were not made for them.

const dark = matchMedia("(prefers-color-scheme: dark)");

// readability serves the elements of one copy of commdn.js, which shares it.
export function readability(it) {
  let themed = []; // custom properties of the theme
  const followed = new WeakSet(); // documents

  const know = (css) => { themed = [...new Set(css.match(/--commdn-[a-z-]+/g))]; };
  const all = () => it.each(suit);
  const speak = () => it.each((s) => s.drawnFor && it.api?.attribute(s.number, "lang", it.language(s)));
  dark.addEventListener("change", all);

  // follow watches a document for changes of its theme and language, also where somebody
  // replaces its body, or all of it.
  function follow(page) {
    if (followed.has(page)) return;
    followed.add(page);
    const looks = new MutationObserver(() => {
      setTimeout(all);
      setTimeout(all, 600); // for a background with a transition
    });
    const language = new MutationObserver(speak);
    const parts = () => [page.documentElement, page.body].filter((el) => el);
    let known = [];
    const watch = () => {
      const now = parts();
      if (now.length === known.length && now.every((el, i) => el === known[i])) return false;
      known = now;
      looks.disconnect();
      language.disconnect();
      for (const el of now) looks.observe(el, { attributes: true });
      if (now[0]) language.observe(now[0], { attributeFilter: ["lang"] });
      tree.disconnect();
      for (const el of [page, now[0]]) if (el) tree.observe(el, { childList: true });
      return true;
    };
    const tree = new MutationObserver(() => {
      if (!watch()) return;
      setTimeout(all);
      speak();
    });
    watch();
    // A window that closes takes along what is in it, unless the host takes that back.
    if (page !== document) {
      page.defaultView.addEventListener("pagehide", () => setTimeout(() => it.each((s) => s.el.ownerDocument === page && it.leave(s))));
    }
  }

  // suit makes an element follow the page if the page does not follow the reader's
  // preference: many have only one scheme, or a switch.
  function suit(s) {
    if (s.scheme !== scheme(s)) it.dress(s);
  }

  function scheme({ el }) {
    const is = isDark(el);
    return is === dark.matches ? "" : `:host{color-scheme:${is ? "dark" : "light"}}`;
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
    const schemes = getComputedStyle(el.ownerDocument.documentElement).colorScheme;
    return /dark/.test(schemes) && (dark.matches || !/light/.test(schemes));
  }

  // mend returns the styles against what would make an element unreadable: another scheme
  // than the page's, and the host's custom properties with invalid values.
  function mend(s) {
    s.scheme = scheme(s);
    const style = getComputedStyle(s.el);
    const map = s.el.computedStyleMap?.(); // distinguishes an empty value from none, if the browser has it
    const bad = themed.filter((name) => {
      const value = style.getPropertyValue(name).trim();
      if (!value) return map?.get(name);
      const kind = /radius$/.test(name) ? "border-radius" : /-(font-.*)$/.exec(name)?.[1] ?? "color";
      return !CSS.supports(kind, value);
    });
    const names = bad.join(", ");
    if (bad.length && s.bad !== names) console.warn(`commdn: passed over on <${s.el.localName}>, as their values are none of their kind: ${names}`);
    s.bad = names;
    return [s.scheme, bad.length ? `:host{${bad.map((name) => `${name}:initial!important`).join(";")}}` : ""];
  }

  return { know, follow, mend };
}
