// What the promises of a handle are rejected with, and messages that elements know.

export class CommdnError extends Error {
  static name = "CommdnError"; // stays when the script is made small
  name = this.constructor.name;
  constructor(message, fields) {
    super(message);
    Object.assign(this, fields);
  }
}
export class ArgumentError extends CommdnError { static name = "ArgumentError"; }
export class OcsError extends CommdnError { static name = "OcsError"; }
export class RelayError extends CommdnError { static name = "RelayError"; }
export class NoAnswerError extends CommdnError { static name = "NoAnswerError"; }
export class ClosedError extends CommdnError { static name = "ClosedError"; }

// Messages of what another start does not mend.
export const anotherVersion = "the relay has another version now: reload the page; if that does not help, something caches commdn.js";
export const policy = "Content-Security-Policy: script-src needs 'wasm-unsafe-eval'.";
