// Package control is the simulation from outside: an HTTP API that tells its state
// and changes it while it runs, a page that shows it, and a client of the API.
// README.md of package sim lists the requests.
package control

import (
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"

	"commdn/protocol/commdn"
	"commdn/relay/internal/netname"
	"commdn/relay/sim"
)

// Options of Handler.
type Options struct {
	Sim     *sim.Sim
	Version string // of the program, told in State; may be empty
	// AnyHost serves requests for any host name. Without it only those for
	// loopback names are, so that no page can have its own name resolved to
	// this machine.
	AnyHost bool
	Log     *slog.Logger // nil: no log
}

//go:embed page
var pageFiles embed.FS

// contentSecurity is what the page needs and nothing more.
const contentSecurity = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
}

type handler struct {
	Options
	mux *http.ServeMux

	step  sync.Mutex // over each step of an advance of the clock, and a reset
	reset int        // how often there was one
}

// Handler serves the page at /, the API below /api/ and /healthz. Behind
// http.StripPrefix they are at another place: all addresses are relative.
// Streams end when the simulation is closed or the request's context ends.
func Handler(o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	h := &handler{Options: o, mux: http.NewServeMux()}
	for pattern, m := range map[string]methods{
		"/api/state":       {"GET": h.getState},
		"/api/campaigns":   {"GET": h.getCampaigns, "POST": h.postCampaigns},
		"/api/records":     {"GET": h.getRecords, "POST": h.postRecords},
		"/api/dnc":         {"GET": h.getDNC, "POST": h.postDNC, "DELETE": h.deleteDNC},
		"/api/habits":      {"GET": h.getHabits, "POST": h.postHabits},
		"/api/takeover":    {"POST": h.postTakeOver},
		"/api/clock":       {"GET": h.getClock, "POST": h.postClock},
		"/api/faults":      {"GET": h.getFaults, "POST": h.postFaults, "DELETE": h.deleteFaults},
		"/api/faults/{id}": {"DELETE": h.deleteFault},
		"/api/reset":       {"POST": h.postReset},
		"/api/trace":       {"GET": h.getTrace},
		"/healthz":         {"GET": h.getHealth},
		"/":                {"GET": h.getPage},
	} {
		h.mux.Handle(pattern, m)
	}
	return h
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	head := w.Header()
	head.Set("Cache-Control", "no-store")
	head.Set("Content-Security-Policy", contentSecurity)
	head.Set("Cross-Origin-Opener-Policy", "same-origin")
	head.Set("Cross-Origin-Resource-Policy", "same-origin")
	head.Set("Referrer-Policy", "no-referrer")
	head.Set("X-Content-Type-Options", "nosniff")
	head.Set("X-Frame-Options", "DENY")
	if !h.AnyHost && !netname.Loopback(r.Host) {
		writeError(w, errorf(http.StatusMisdirectedRequest, "host %q is not served: the simulator answers on loopback names only, unless it is exposed", r.Host))
		return
	}
	if err := http.NewCrossOriginProtection().Check(r); err != nil {
		h.Log.Warn("simulator: request of another origin refused", "from", r.RemoteAddr, "origin", r.Header.Get("Origin"), "path", r.URL.Path)
		writeError(w, errorf(http.StatusForbidden, "a page of another origin must not change the simulation"))
		return
	}
	h.mux.ServeHTTP(w, r)
}

// methods serve one path.
type methods map[string]func(http.ResponseWriter, *http.Request) error

func (m methods) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := r.Method
	if method == http.MethodHead {
		method = http.MethodGet
	}
	serve, ok := m[method]
	if !ok {
		allowed := make([]string, 0, len(m))
		for known := range m {
			allowed = append(allowed, known)
		}
		slices.Sort(allowed)
		w.Header().Set("Allow", strings.Join(allowed, ", "))
		writeError(w, errorf(http.StatusMethodNotAllowed, "%s is not served at %s; there is %s", r.Method, r.URL.Path, strings.Join(allowed, ", ")))
		return
	}
	if err := serve(w, r); err != nil {
		writeError(w, err)
	}
}

func errorf(status int, format string, args ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, args...)}
}

// writeError answers with an *Error, a refusal of OCS, or any other error, which it
// takes for a mistake of the request.
func writeError(w http.ResponseWriter, err error) {
	e, ok := errors.AsType[*Error](err)
	if fault, refused := errors.AsType[*commdn.Fault](err); !ok && refused {
		e = &Error{http.StatusConflict, fault.Error(), fault.Code, fault.Code.String(), fault.Message}
	} else if !ok {
		e = &Error{Status: http.StatusBadRequest, Message: strings.ReplaceAll(err.Error(), "\n", "; ")}
	}
	writeStatus(w, e.Status, e)
}

func write(w http.ResponseWriter, v any) error {
	writeStatus(w, http.StatusOK, v)
	return nil
}

// writeStatus answers with JSON. That a client has gone is no error of ours.
func writeStatus(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}

func (h *handler) getPage(w http.ResponseWriter, r *http.Request) error {
	name := strings.TrimPrefix(r.URL.Path, "/")
	if name == "" {
		name = "index.html"
	}
	content, err := pageFiles.ReadFile("page/" + name)
	if err != nil {
		return errorf(http.StatusNotFound, "there is nothing at %s", r.URL.Path)
	}
	w.Header().Set("Content-Type", contentTypes[path.Ext(name)])
	_, _ = w.Write(content)
	return nil
}

// getHealth answers 200 while T-Server serves. OCS was registered before there was
// a handler.
func (h *handler) getHealth(w http.ResponseWriter, _ *http.Request) error {
	for _, server := range h.Sim.TServers() {
		events, stop := server.Subscribe(1)
		defer stop()
		select {
		case _, open := <-events:
			if !open {
				return errorf(http.StatusServiceUnavailable, "T-Server on %s is closed", server.Addr())
			}
		default:
		}
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = w.Write([]byte("ok\n"))
	return nil
}
