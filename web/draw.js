// Draws the elements, and what they show while there is no program to draw them.

import { anotherVersion, policy } from "./errors.js";
import { forget, want } from "./program.js";
import { it } from "./shared.js";

// The loader's own texts: out of order, start again, not connected, still loading, not
// loaded, another version; as one text, which brotli makes smaller.
const words = {
  en: "This is out of order.|Start again|Not connected.|Still loading…|Not loaded.|There is a new version. Reload the page.",
  es: "Esto no funciona.|Iniciar de nuevo|Sin conexión.|Cargando…|No se ha cargado.|Hay una nueva versión. Recargue la página.",
  pt: "Isto está fora de serviço.|Iniciar de novo|Sem conexão.|Carregando…|Não carregado.|Há uma nova versão. Recarregue a página.",
  fr: "Ceci est hors service.|Redémarrer|Non connecté.|Chargement…|Non chargé.|Il y a une nouvelle version. Rechargez la page.",
  de: "Dies ist außer Betrieb.|Neu starten|Nicht verbunden.|Lädt noch…|Nicht geladen.|Es gibt eine neue Version. Bitte neu laden.",
  ja: "動作していません。|再起動|接続されていません。|読み込み中…|読み込めません。|新しい版があります。再読み込みしてください。",
};

Object.assign(it, { draw, dress, given, leave, outOfOrder, language, pageLanguage });

// tagOf returns a language tag as browsers take it, or "": systems write de_DE.UTF-8, and
// frameworks write undefined.
export function tagOf(text = "") {
  try {
    return Intl.getCanonicalLocales(text.replace(/[.@].*/, "").replaceAll("_", "-") || [])[0] ?? "";
  } catch {
    return "";
  }
}

function pageLanguage(page = document) {
  return tagOf(page.documentElement.lang) || tagOf(document.documentElement.lang) || navigator.language;
}

export function language({ el, drawnFor }) { return tagOf(el.lang) || drawnFor?.locale || pageLanguage(el.ownerDocument); }

export function clear(s) {
  if (s.drawnFor) it.api?.unmount(s.number);
  s.drawnFor = null;
}

const sheets = new WeakMap(); // document -> its style sheets by their text

// dress gives an element the style sheets of the document that it is in: a document takes
// only its own. Those of others stay.
export function dress(s) {
  const page = s.el.ownerDocument;
  const View = page.defaultView;
  if (!View) return;
  if (!sheets.has(page)) sheets.set(page, new Map());
  const own = sheets.get(page);
  const others = [...s.root.adoptedStyleSheets].filter((sheet) => !s.sheets?.includes(sheet));
  s.sheets = [s.size, it.theme, ...(it.suit?.(s) ?? [])].map((css) => {
    let sheet = own.get(css);
    if (!sheet) own.set(css, (sheet = new View.CSSStyleSheet())).get(css).replaceSync(css);
    return sheet;
  });
  s.root.adoptedStyleSheets = [...s.sheets, ...others];
  it.dressed?.(s);
}

// draw shows an element in its current state.
export function draw(s) {
  clear(s);
  dress(s);
  if (it.broken) return outOfOrder(s, it.broken, it.restart);
  if (!it.api || (s.kind.supervisor && !it.whole)) {
    if (it.late) return say(s, it.late, it.late > 3 && it.again);
    s.root.replaceChildren();
    const place = add(s.root, "div", { part: "placeholder", ariaBusy: "true" });
    for (const cell of cells(s)) add(place, cell);
    return want(s);
  }
  const c = it.connectionOf(s);
  if (!c || c.closed) return say(s, 2);
  s.root.replaceChildren();
  s.drawnFor = c;
  it.api.mount(s.number, s.el.localName, s.root, c.number, language(s), given(s));
}

// given are the attributes of an element for its component, as alternating names and values.
function given({ el, kind }) {
  return kind.attributes.filter((name) => el.hasAttribute(name) && !passed(name)).flatMap((name) => [name, el.getAttribute(name)]);
}

// cells are the grid cells of an element's placeholder: the fields to type in, the button
// and, over the full width, the choice of scope.
function cells({ el, kind }) {
  const has = (name) => el.hasAttribute(name);
  if (!kind.typed || kind.unless.some(has)) return [];
  return [...kind.typed.filter((name) => !has(name)).map(() => "i"), ...(has("choose-chain") ? ["b"] : []), "i"];
}

// leave ends an element that is in no page any more.
export function leave(s) {
  if (!s.number) return;
  forget(s.el);
  if (!it.keep?.(s)) clear(s);
  it.live.delete(s.number);
  s.number = 0;
  s.root.replaceChildren();
}

// drawLater avoids drawing inside the element's own events.
export function drawLater(s) { queueMicrotask(() => it.live.get(s.number) === s && draw(s)); }

// passed are the attributes that the component does not know.
export const passed = (name) => /^(lang|density|load|keep)$/.test(name);

// outOfOrder offers what starts the element again, unless that mends nothing.
function outOfOrder(s, message, again) {
  if (!it.live.has(s.number)) return;
  clear(s);
  dress(s);
  const lasting = message === policy ? policy : message === anotherVersion ? texts(s)[5] : "";
  const p = say(s, 0, !lasting && again);
  p.append(" ", lasting);
  p.title = message;
  s.el.dispatchEvent(new CustomEvent("commdn-state", { detail: { state: "out-of-order", message }, bubbles: true, composed: true }));
}

function texts(s) { return (words[language(s).slice(0, 2).toLowerCase()] ?? words.en).split("|"); }

// A page may be XML, where createElement makes no HTML.
const add = (to, tag, fields) => to.appendChild(Object.assign(document.createElementNS("http://www.w3.org/1999/xhtml", tag), fields));

function say(s, text, again) {
  const said = texts(s);
  s.root.replaceChildren();
  const base = add(s.root, "div", { className: "base", part: "base" });
  const p = add(base, "p", { role: "alert", part: "hint", textContent: said[text] });
  if (again) add(base, "button", { type: "button", part: "button", textContent: said[1], onclick: again });
  return p;
}
