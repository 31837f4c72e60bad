// Runs test.wasm to its end and reports the exit code to the runner.
let ended = false;
const send = globalThis.wasmtestSend;
delete globalThis.wasmtestSend;

const failed = (what) => {
  if (!ended) send("failed", String(what?.stack ?? what));
  ended = true;
};

// Print what the policy blocks: a test that did not expect it fails anyway, and this line
// says why.
document.addEventListener("securitypolicyviolation", (ev) => {
  if (!ended) send("write/2", `wasmtest: blocked by Content-Security-Policy: ${ev.effectiveDirective} ${ev.blockedURI}\n`);
});

// The package's own script modules, by their paths in the Go module.
globalThis.wasmtestImport = (path) => import("./module/" + path);

try {
  const { args, env, cwd } = await (await fetch("config")).json();
  process.chdir(cwd);
  const go = new Go();
  go.argv = args;
  go.env = env;
  go.exit = (code) => {
    if (!ended) send("exit/" + code, "");
    ended = true;
  };
  const { instance } = await WebAssembly.instantiateStreaming(fetch("test.wasm"), go.importObject);
  await go.run(instance);
} catch (err) {
  failed(err);
}
