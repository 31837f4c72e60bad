package main

import (
	"crypto/rand"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
)

//go:embed page
var page embed.FS

// policy is what a careful host page allows: no eval, no inline style, no foreign
// address. ws: is for tests of the socket against a local server.
const policy = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; " +
	"connect-src 'self' ws: http://127.0.0.1:*; base-uri 'none'; form-action 'none'"

// maxWrite bounds one write of the program.
const maxWrite = 64 << 20

// server serves one program to one page on loopback, and takes its output and exit code.
// Its paths start with a secret, because it also serves the files of the module under
// test.
type server struct {
	url    string
	exit   chan int   // the exit code, once
	failed chan error // the page could not run the program, once
	http   *http.Server
	files  *files
	mu     sync.Mutex // one write at a time, in the page's order
}

// newServer starts a server for the program args[0] with the arguments args[1:].
func newServer(args []string, stdout, stderr io.Writer) (*server, error) {
	support, err := wasmExec()
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(args[0]); err != nil {
		return nil, err
	}
	files, err := openFiles()
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		files.close()
		return nil, err
	}
	s := &server{exit: make(chan int, 1), failed: make(chan error, 1), files: files}
	base := "/" + rand.Text() + "/"
	s.url = "http://" + listener.Addr().String() + base

	mux := http.NewServeMux()
	for _, name := range []string{"index.html", "fs.js", "run.js"} {
		path := base + name
		if name == "index.html" {
			path = base + "{$}"
		}
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			http.ServeFileFS(w, r, page, "page/"+name)
		})
	}
	mux.HandleFunc("GET "+base+"wasm_exec.js", func(w http.ResponseWriter, r *http.Request) { http.ServeFile(w, r, support) })
	mux.HandleFunc("GET "+base+"test.wasm", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/wasm") // go test names it without .wasm
		http.ServeFile(w, r, args[0])
	})
	mux.HandleFunc("GET "+base+"config", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, map[string]any{"args": args, "env": environ(), "cwd": s.files.cwd})
	})
	mux.HandleFunc("POST "+base+"write/1", s.write(stdout))
	mux.HandleFunc("POST "+base+"write/2", s.write(stderr))
	mux.HandleFunc("POST "+base+"exit/{code}", s.handleExit)
	mux.HandleFunc("POST "+base+"failed", s.handleFailed)
	mux.HandleFunc("GET "+base+"stat", s.files.handleStat)
	mux.HandleFunc("GET "+base+"read", s.files.handleRead)
	mux.HandleFunc("GET "+base+"module/{path...}", s.files.handleModule)
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, r *http.Request) { w.WriteHeader(http.StatusNoContent) })

	s.http = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Cache-Control", "no-store")
		mux.ServeHTTP(w, r)
	})}
	go s.http.Serve(listener)
	return s, nil
}

func (s *server) close() {
	s.http.Close()
	s.files.close()
}

// codeOr returns the exit code if the program has already ended, otherwise err.
func (s *server) codeOr(err error) (int, error) {
	select {
	case code := <-s.exit:
		return code, nil
	default:
		return 0, err
	}
}

// write passes on the program's output. The page waits for the reply, so nothing is lost
// even if the program hangs or ends right after.
func (s *server) write(to io.Writer) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, err := io.Copy(to, http.MaxBytesReader(w, r.Body, maxWrite)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

func (s *server) handleExit(w http.ResponseWriter, r *http.Request) {
	code, err := strconv.Atoi(r.PathValue("code"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	select {
	case s.exit <- code:
	default:
	}
}

func (s *server) handleFailed(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 64<<10))
	if err != nil {
		text = []byte(err.Error())
	}
	select {
	case s.failed <- errors.New("the page could not run the program: " + string(text)):
	default:
	}
}

// wasmExec returns the path of the Go toolchain's own loader. It has to match the
// compiler of the program, so it comes from the go command.
func wasmExec() (string, error) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return "", fmt.Errorf("asking go env GOROOT: %w", err)
	}
	path := filepath.Join(strings.TrimSpace(string(out)), "lib", "wasm", "wasm_exec.js")
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the Go toolchain has no wasm_exec.js: %w", err)
	}
	return path, nil
}

// environ is the program's part of the environment. All of it would not fit: the Go
// runtime leaves 8 KB for arguments and environment together.
func environ() map[string]string {
	env := map[string]string{}
	for _, entry := range os.Environ() {
		name, value, _ := strings.Cut(entry, "=")
		if name == "GODEBUG" || name == "GOTRACEBACK" || name == "GOGC" || name == "TZ" || strings.HasPrefix(name, "COMMDN_") {
			env[name] = value
		}
	}
	return env
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	if err := json.NewEncoder(w).Encode(v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}
