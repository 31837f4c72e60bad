package e2e

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/andybalholm/brotli"

	"commdn/web"
)

// slowPages are the pages of BenchmarkSlow. ready is true once a person can use the page.
var slowPages = []struct{ name, body, ready string }{
	{"without us", ``, `document.readyState === "complete"`},
	{"empty Go program", `<script type="module" src="empty.js"></script>`, `window.empty`},
	{"empty, in a Worker", `<script type="module" src="away.js"></script>`, `window.empty`},
	{"agent's elements", loader + agentElements, `deep("dnc", "button")`},
	{"our script late", hostModule + agentElements, `deep("dnc", "button")`},
	{"late, with a hint", `<link rel="modulepreload" fetchpriority="low" href="RELAY/commdn.js">` + hostModule + agentElements, `deep("dnc", "button")`},
	{"all elements", loader + agentElements + `<commdn-campaigns></commdn-campaigns><commdn-sequence></commdn-sequence>`, `deep("dnc", "button")`},
	{"a page that grows", loader + agentElements, `grown()`},
}

const (
	hostModule    = `<script type="module" src="host.js?relay=RELAY"></script>`
	loader        = `<script type="module" src="RELAY/commdn.js"></script>`
	agentElements = `<commdn-status id="status"></commdn-status><commdn-dnc id="dnc" phone="5551234567"></commdn-dnc>` +
		`<commdn-cancel phone="5551234567"></commdn-cancel><commdn-activity></commdn-activity>`
)

// hostScript is a module of the host's own, 150 KB that do not compress. It imports the
// loader when it has run.
const hostScript = `performance.mark("host");
import(new URL(import.meta.url).searchParams.get("relay") + "/commdn.js");
// `

// emptyScript starts the empty program as the loader starts the plugin.
const emptyScript = `import runtime from "./go.js";
const own = { ...Object.fromEntries(["crypto", "performance", "TextEncoder", "TextDecoder"].map((name) => [name, globalThis[name]])) };
const go = new (runtime(own))();
go.run(await WebAssembly.instantiate(await WebAssembly.compileStreaming(fetch("empty.wasm")), go.importObject));
globalThis.empty = true;
if (!globalThis.document) {
	onmessage = () => postMessage("");
	postMessage("");
}
`

// awayScript starts the empty program in a Worker. hop() is how long a message takes there
// and back, as each click would: the median of 21, in ms.
const awayScript = `const worker = new Worker("empty.js", { type: "module" });
const heard = () => new Promise((resolve) => worker.onmessage = resolve);
await heard();
window.hop = async () => {
	const times = [];
	for (let i = 0; i < 21; i++) {
		await new Promise((resolve) => setTimeout(resolve, 20));
		const began = performance.now(), answer = heard();
		worker.postMessage("");
		await answer;
		times.push(performance.now() - began);
	}
	return times.sort((a, b) => a - b)[10];
};
window.empty = true;
`

// noise is text that does not compress much.
func noise(n int) string {
	b := make([]byte, n*3/4)
	rand.NewChaCha8([32]byte{}).Read(b)
	return base64.StdEncoding.EncodeToString(b)
}

// slowSite serves the pages, and the empty program as a relay serves the plugin:
// compressed, and to be kept.
func slowSite(b *testing.B) *httptest.Server {
	b.Helper()
	wasm := filepath.Join(b.TempDir(), "empty.wasm")
	build := exec.Command("go", "build", "-trimpath", "-gcflags=all=-l", "-ldflags", "-s -w", "-o", wasm, "./testdata/empty")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("building the empty program: %v\n%s", err, out)
	}
	program, err := os.ReadFile(wasm)
	if err != nil {
		b.Fatal(err)
	}
	var packed bytes.Buffer
	w := brotli.NewWriterOptions(&packed, brotli.WriterOptions{Quality: brotli.BestCompression, LGWin: 24})
	if _, err := w.Write(program); err != nil || w.Close() != nil {
		b.Fatal("brotli: ", err)
	}
	names, err := fs.Glob(web.Files(), "go.*.js")
	if err != nil || len(names) != 1 {
		b.Fatal("the Go runtime's script: ", names, err)
	}
	runtime, err := fs.ReadFile(web.Files(), names[0])
	if err != nil {
		b.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		var i int
		if _, err := fmt.Sscan(r.FormValue("page"), &i); err != nil || i < 0 || i >= len(slowPages) {
			http.Error(w, "page", http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprint(w, `<!doctype html><html lang="en"><title>Desktop</title><link rel="icon" href="data:,"><h1>Desktop</h1>`,
			strings.ReplaceAll(slowPages[i].body, "RELAY", "http://"+r.FormValue("relay")))
	})
	for name, file := range map[string]struct {
		kind, encoding string
		content        []byte
	}{
		"/go.js":      {"text/javascript", "", runtime},
		"/host.js":    {"text/javascript", "", []byte(hostScript + noise(150_000))},
		"/empty.js":   {"text/javascript", "", []byte(emptyScript)},
		"/away.js":    {"text/javascript", "", []byte(awayScript)},
		"/empty.wasm": {"application/wasm", "br", packed.Bytes()},
	} {
		mux.HandleFunc("GET "+name, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", file.kind)
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			if file.encoding != "" {
				w.Header().Set("Content-Encoding", file.encoding)
			}
			_, _ = w.Write(file.content)
		})
	}
	s := httptest.NewServer(mux)
	b.Cleanup(s.Close)
	return s
}
