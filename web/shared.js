// What the parts of the loader share, and plugin.js with them. A page may have a second
// copy of commdn.js, from another address, with a state of its own.

import { ArgumentError, ClosedError, CommdnError, NoAnswerError, OcsError, RelayError } from "./errors.js";

/** @type {any} */
export const it = {
  version: "__VERSION__",
  api: null, // functions of the Go program while it runs
  whole: false, // whether that is the program with all elements
  all: false, // whether the page uses what the agent's program does not have
  late: 0, // the text for a download that takes long
  broken: "", // why it does not run
  theme: "", // style of all elements, from the program
  connections: new Map(), // number -> connection, until destroyed
  live: new Map(), // number -> state of an element on the page
  failures: { CommdnError, ArgumentError, OcsError, RelayError, NoAnswerError, ClosedError },
  campaigns: /ign|ial|dir|seq/, // in methods and events that the agent's program does not have
  each,
};

let last = 0;

// number returns a new one, for a connection or an element.
export function number() { return ++last; }

// each does f for every element; a failure is that element's own.
export function each(f) {
  for (const s of it.live.values()) {
    try {
      f(s);
    } catch (error) {
      console.error(error);
    }
  }
}
