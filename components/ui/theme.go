package ui

// Theme is the style sheet that all elements share; each has its own beside it. A
// component's outermost element has the class base.
//
// Colours follow color-scheme: light or dark by the reader's preference, unless the
// background of the element is the other one (plugin.js sees to that) or the host page
// sets it on the element. The custom properties --commdn-* are for the host; those with _
// are our own. We override what a host's "* { … !important }" could paint on the element
// itself; the element's place (display, margin, width, position) is the host's. For
// -webkit-box-reflect Chromium does not take none, so it is initial.
const Theme = `
:host {
  display: block; max-inline-size: 100%; color-scheme: light dark;
  --_ink: var(--commdn-ink, light-dark(#17212e, #e6ebf1));
  --_muted: var(--commdn-muted, light-dark(#55626f, #9fadbd));
  --_surface: var(--commdn-surface, light-dark(#fff, #1a212b));
  --_raised: var(--commdn-raised, light-dark(#f4f6f9, #232c38));
  --_rule: var(--commdn-rule, light-dark(#c9d2dc, #3a4656));
  --_edge: var(--commdn-edge, light-dark(#7d8a99, #77879a));
  --_accent: var(--commdn-accent, light-dark(#1f5fbf, #7fb0ff));
  --_on-accent: var(--commdn-on-accent, light-dark(#fff, #08172c));
  --_stop: var(--commdn-stop, light-dark(#b3261e, #ff8a80));
  --_on-stop: var(--commdn-on-stop, light-dark(#fff, #2a0503));
  --_good: var(--commdn-good, light-dark(#1b6e3c, #7ddf9a));
  --_warn: var(--commdn-warn, light-dark(#8a5300, #ffc46b));
  --_radius: var(--commdn-radius, 6px);
  --_font: var(--commdn-font-family, system-ui, "Segoe UI", Roboto, sans-serif);
  --_size: var(--commdn-font-size, 14px);
  --_control: 32px; --_gap: 8px; --_pad: 14px;
  background: none !important; border: 0 !important; padding: 0 !important; outline: 0 !important; box-shadow: none !important;
  opacity: 1 !important; filter: none !important; transform: none !important; clip-path: none !important; mask: none !important;
  mix-blend-mode: normal !important; zoom: 1 !important; columns: auto !important; writing-mode: horizontal-tb !important;
  rotate: none !important; scale: none !important; translate: none !important; offset: none !important; text-decoration: none !important;
  backdrop-filter: none !important; -webkit-mask-box-image: none !important; -webkit-box-reflect: initial !important;
}
:host::before, :host::after { content: none !important; }
:host([density="compact"]) { --_size: var(--commdn-font-size, 13px); --_control: 26px; --_gap: 6px; --_pad: 10px; }
:host([hidden]) { display: none !important; }
.base {
  all: initial; direction: inherit; color-scheme: inherit; display: block; box-sizing: border-box; visibility: inherit;
  font: var(--_size)/1.45 var(--_font); color: var(--_ink); text-align: start; overflow-wrap: anywhere; -webkit-text-size-adjust: 100%;
}
*, ::before, ::after { box-sizing: border-box; }
p, ul, ol, fieldset { margin: 0; padding: 0; border: 0; min-inline-size: 0; }
ul, ol { list-style: none; }
button, input, select, textarea { font: inherit; color: inherit; letter-spacing: inherit; margin: 0; }
button {
  cursor: pointer; min-block-size: var(--_control); min-inline-size: 26px; max-inline-size: 100%; padding: 2px var(--_pad);
  color: var(--_ink); background-color: var(--_surface); border: 1px solid var(--_edge); border-radius: var(--_radius);
}
button:hover:not(.primary, .danger, [disabled], [aria-disabled="true"]) { background-color: var(--_raised); }
button[disabled], button[aria-disabled="true"] { cursor: default; color: var(--_muted); border-color: var(--_rule); }
button.primary { color: var(--_on-accent); background-color: var(--_accent); border-color: var(--_accent); font-weight: 600; }
button.danger { color: var(--_on-stop); background-color: var(--_stop); border-color: var(--_stop); font-weight: 600; }
button:is(.primary, .danger):hover:not([disabled], [aria-disabled="true"]) { filter: brightness(1.1); }
button:is(.primary, .danger):is([disabled], [aria-disabled="true"]) { color: var(--_muted); background: transparent; border-color: var(--_rule); }
button.quiet { border-color: transparent; background: transparent; }
input, select, textarea {
  min-block-size: var(--_control); min-inline-size: 0; padding: 2px 8px; background-color: var(--_surface);
  border: 1px solid var(--_edge); border-radius: var(--_radius);
}
input[type="checkbox"], input[type="radio"] { min-block-size: 0; inline-size: 18px; block-size: 18px; accent-color: var(--_accent); }
[aria-invalid="true"] { border-color: var(--_stop); }
::placeholder { color: var(--_muted); opacity: 1; }
:focus-visible { outline: 2px solid var(--_accent); outline-offset: 2px; }
.panel { padding: 10px var(--_pad); background-color: var(--_surface); border: 1px solid var(--_rule); border-radius: var(--_radius); }
.ask { border-inline-start: 3px solid var(--_stop); }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: var(--_gap); }
.stack { display: grid; gap: var(--_gap); }
.field { display: grid; gap: 2px; min-inline-size: 0; }
.field > span, .muted, .hint { color: var(--_muted); }
.error, .changed { color: var(--_stop); }
.strong { font-weight: 600; }
.result { padding-inline-start: 10px; border-inline-start: 3px solid var(--_rule); }
.result.done { border-color: var(--_good); }
.result.incomplete, .result.waiting, .result.held, .result.queued { border-color: var(--_warn); }
.result.refused, .result.no-answer, .result.not-sent, .result.expired { border-color: var(--_stop); }
.hidden { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: no-preference) { button { transition: background-color .12s; } }
@media (forced-colors: active) { button.primary, button.danger { border: 2px solid; } }
`
