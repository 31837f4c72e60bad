// The integrator's playground: one element, with all that a host page can set. The Custom
// Elements Manifest says what there is.
import { connect } from "./commdn.js";
import manifest from "./custom-elements.js";

const declarations = manifest.modules.flatMap((m) => m.declarations);
const properties = declarations[0].cssProperties; // the same for every element
const languages = ["en", "es", "fr", "de", "pt-BR", "ja"];
const kept = 100; // events in the log

// The initial attributes of an element, so that there is something to see.
const beginnings = {
  "commdn-dnc": { phone: "5551234567", "customer-id": "C-1042" },
  "commdn-cancel": { phone: "5551234567" },
  "commdn-status": { detail: "full" },
};

const presets = {
  none: {},
  harbour: {
    "--commdn-accent": "light-dark(#0b6561, #62d5c8)", "--commdn-on-accent": "light-dark(#fff, #04201d)",
    "--commdn-edge": "light-dark(#5e8381, #6d9693)", "--commdn-radius": "14px",
  },
  paper: {
    "--commdn-ink": "light-dark(#2b2118, #f0e6da)", "--commdn-surface": "light-dark(#fdf8f0, #241d16)",
    "--commdn-raised": "light-dark(#f5ecdd, #31281f)", "--commdn-rule": "light-dark(#e0d2bc, #4a3d30)",
    "--commdn-font-family": "Georgia, serif", "--commdn-radius": "0px",
  },
  large: { "--commdn-font-size": "18px" },
  "broken colours": { "--commdn-ink": "not-a-colour", "--commdn-surface": "12px", "--commdn-accent": "url(x)" },
};

/** An element of the page, of any type. @type {(id: string) => any} */
const $ = (id) => document.getElementById(id);
const theme = new Map(); // custom property -> value
let declaration, element;

function make(tag, properties = {}, ...children) {
  const el = Object.assign(document.createElement(tag), properties);
  el.append(...children);
  return el;
}

const fill = (select, values) => select.replaceChildren(...values.map((v) => make("option", { value: v, textContent: v })));

// option makes a labelled control; the note says what it is for.
const option = (name, control, note) => make("label", { className: "option" }, make("span", { textContent: name }), control, ...(note ? [make("small", { textContent: note })] : []));

// control makes the form control of an attribute. It calls tell with the attribute's new
// text, or null to remove it.
function control(attribute, value, tell) {
  const { type: { text }, default: usual = "" } = attribute;
  if (text === "boolean") {
    const box = make("input", { type: "checkbox", checked: value !== undefined });
    box.addEventListener("change", () => tell(box.checked ? "" : null));
    return box;
  }
  const words = attribute.name === "lang" ? languages : text.startsWith('"') ? text.split(" | ").map(JSON.parse) : null;
  const field = make(words ? "select" : "input");
  if (words) {
    fill(field, ["", ...words]);
    field.options[0].textContent = "not set";
  } else {
    field.placeholder = usual;
    field.inputMode = text === "number" ? "numeric" : "text";
  }
  field.value = value ?? "";
  field.addEventListener("input", () => tell(field.value === "" ? null : field.value));
  return field;
}

function choose(tag) {
  declaration = declarations.find((d) => d.tagName === tag) ?? declarations[0];
  const beginning = beginnings[declaration.tagName] ?? {};
  $("element").value = declaration.tagName;
  $("about").textContent = plain(declaration.description);
  element = document.createElement(declaration.tagName);
  element.id = "subject";
  for (const [name, value] of Object.entries(beginning)) element.setAttribute(name, value);
  $("attributes").replaceChildren(...declaration.attributes.map((a) => option(a.name, control(a, beginning[a.name], (value) => {
    if (value === null) element.removeAttribute(a.name);
    else element.setAttribute(a.name, value);
    tellMarkup();
  }), plain(a.description))));
  dress();
  $("stage").replaceChildren(element);
}

const plain = (text) => text.replaceAll("`", "");

// dress applies the chosen look to the element and its surroundings.
function dress() {
  $("stage").dir = $("dir").value;
  $("stage").style.maxWidth = $("width").value;
  $("stage").style.colorScheme = element.style.colorScheme = $("scheme").value;
  for (const { name } of properties) {
    if (theme.has(name)) element.style.setProperty(name, theme.get(name));
    else element.style.removeProperty(name);
  }
  tellMarkup();
}

function tellMarkup() {
  const tag = declaration.tagName;
  const shown = [...element.attributes].filter((a) => a.name !== "id" && a.name !== "style");
  const written = shown.map((a) => (a.value === "" ? ` ${a.name}` : ` ${a.name}="${a.value.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}"`)).join("");
  const rules = [...theme].map(([name, value]) => `  ${name}: ${value};`);
  if ($("scheme").value) rules.unshift(`  color-scheme: ${$("scheme").value};`);
  const lines = [
    `<script type="module" src="${new URL("commdn.js", location.href)}"></script>`,
    $("dir").value === "rtl" ? `<div dir="rtl"><${tag}${written}></${tag}></div>` : `<${tag}${written}></${tag}>`,
  ];
  if (rules.length) lines.push("", "/* in your style sheet */", `${tag} {`, ...rules, "}");
  $("snippet").textContent = lines.join("\n");
  $("copied").textContent = "";
}

$("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText($("snippet").textContent);
    $("copied").textContent = "Copied.";
  } catch {
    getSelection()?.selectAllChildren($("snippet"));
    $("copied").textContent = "The browser does not let the page copy; it is selected instead.";
  }
});

// The log.
let count = 0;
for (const name of new Set(declarations.flatMap((d) => d.events.map((e) => e.name)))) {
  $("stage").addEventListener(name, (e) => {
    const { state, name: word } = e.detail ?? {};
    const head = [new Date().toLocaleTimeString("en"), name, state ?? "", word ?? ""].filter(Boolean).join(" · ");
    $("log").prepend(make("details", {}, make("summary", { textContent: head }), make("pre", { textContent: JSON.stringify(e.detail, null, 2) })));
    while ($("log").childElementCount > kept) $("log").lastElementChild.remove();
    $("count").textContent = String(++count);
  });
}
$("clear").addEventListener("click", () => {
  count = 0;
  $("log").replaceChildren();
  $("count").textContent = "none so far";
});

// The connection.
let handle = connect({ token: $("role").value });
$("role").addEventListener("change", () => {
  handle.destroy();
  handle = connect({ token: $("role").value });
});

// The theme.
const fields = new Map(properties.map(({ name, description }) => {
  const field = make("input", { spellcheck: false });
  field.addEventListener("input", () => {
    if (field.value.trim()) theme.set(name, field.value.trim());
    else theme.delete(name);
    dress();
  });
  return [name, [field, description]];
}));
$("theme").replaceChildren(...[...fields].map(([name, [field, description]]) => option(name.replace("--commdn-", ""), field, description)));
fill($("preset"), Object.keys(presets));
$("preset").addEventListener("change", () => {
  theme.clear();
  for (const [name, [field]] of fields) {
    field.value = presets[$("preset").value][name] ?? "";
    if (field.value) theme.set(name, field.value);
  }
  dress();
});
for (const id of ["dir", "width", "scheme"]) $(id).addEventListener("change", dress);

// The element: #TAG in the address.
fill($("element"), declarations.map((d) => d.tagName));
$("element").addEventListener("change", () => { location.hash = $("element").value; });
addEventListener("hashchange", () => choose(location.hash.slice(1)));
$("controls").addEventListener("submit", (e) => e.preventDefault());
choose(location.hash.slice(1));
