package daemon

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"commdn/relay"
	"commdn/relay/config"
	"commdn/relay/metrics"
)

// Status is what the admin socket tells.
type Status struct {
	relay.Status
	Config       string               `json:"config"`            // path of the file
	Bridge       *Bridge              `json:"bridge,omitempty"`  // that pushes the directory
	Reload       *Reloaded            `json:"reload"`            // the last time that it was read
	Certificates []config.Certificate `json:"certificates"`      // that the relay shows to somebody
	Listening    map[string]string    `json:"listening"`         // addresses in use, by what is served there: browsers, metrics, pprof
	Journal      *JournalStatus       `json:"journal,omitempty"` // nil: there is none
	Audit        AuditStatus          `json:"audit"`
	LogLinesLost uint64               `json:"log_lines_lost"`
	LogLost      string               `json:"log_lost,omitempty"` // why the last one of these was
}

func (d *Daemon) status() Status {
	st := Status{
		Status: d.srv.Status(), Config: d.o.File, Bridge: d.bridgeStatus(), Reload: d.last.Load(), Certificates: d.certificates(),
	}
	st.LogLinesLost, st.LogLost = d.book.Lost()
	st.Journal = d.journalStatus()
	st.Audit = d.auditStatus()
	st.Listening = map[string]string{"browsers": d.browsers.Addr().String()}
	for _, b := range d.beside {
		st.Listening[b.what] = b.listener.Addr().String()
	}
	return st
}

// told gives what the metrics tell.
func (d *Daemon) told() metrics.Daemon {
	now := metrics.Daemon{ReloadRefused: d.refused.Load(), Reloaded: true}
	if last := d.last.Load(); last != nil {
		now.Reloaded = last.OK
	}
	now.LogLinesLost, _ = d.book.Lost()
	for _, c := range d.certificates() {
		now.Certificates = append(now.Certificates, metrics.Certificate{Use: c.Use, Expires: c.Expires})
	}
	return now
}

// Whose says whose sessions are to end: one session, or all of a person, by
// subject or, where it is only one person's, by name.
type Whose struct {
	Session string `json:"session,omitempty"`
	Person  string `json:"person,omitempty"`
}

// maxBody is how long the body of a request to the admin socket may be.
const maxBody = 4 << 10

// adminHandler answers on the admin socket: GET /status, /sessions, /names, /journal
// and /bundle; POST /reload, /sessions/end with a Whose, /links/check with a
// LinkCheck, /hash with a number as it is, and what adminJournal and
// adminAudit have. What cannot be
// done it answers with 400 and one line that says why.
func (d *Daemon) adminHandler() http.Handler {
	mux := http.NewServeMux()
	answer := func(w http.ResponseWriter, v any) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(v)
	}
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) { answer(w, d.status()) })
	mux.HandleFunc("POST /reload", func(w http.ResponseWriter, _ *http.Request) { answer(w, d.Reload()) })
	mux.HandleFunc("GET /sessions", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, slices.Concat([]relay.Session{}, d.srv.Sessions()))
	})
	mux.HandleFunc("POST /sessions/end", func(w http.ResponseWriter, r *http.Request) {
		var whose Whose
		if err := readBody(r, &whose); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		ended, err := d.endSessions(whose)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, ended)
	})
	mux.HandleFunc("GET /names", func(w http.ResponseWriter, _ *http.Request) { answer(w, d.names()) })
	mux.HandleFunc("POST /links/check", d.serveCheck)
	mux.HandleFunc("POST /hash", func(w http.ResponseWriter, r *http.Request) {
		number, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer(w, d.hash.Of(string(number)))
	})
	d.adminJournal(mux, answer)
	d.adminAudit(mux, answer)
	mux.HandleFunc("GET /bundle", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/gzip")
		if err := d.bundle(w); err != nil {
			d.log.Warn("bundle not written", "error", err)
			panic(http.ErrAbortHandler) // so that half a file is not taken for a whole one
		}
	})
	return mux
}

// endSessions ends the sessions of one person, or one of them.
func (d *Daemon) endSessions(whose Whose) ([]relay.Session, error) {
	if (whose.Session == "") == (whose.Person == "") {
		return nil, fmt.Errorf("give a session or a person")
	}
	what := cmp.Or(whose.Session, whose.Person)
	chosen := func(s relay.Session) bool { return s.Name == whose.Session }
	if whose.Person != "" {
		subject, err := d.subject(whose.Person)
		if err != nil {
			return nil, err
		}
		chosen = func(s relay.Session) bool { return s.Subject == subject }
	}
	ended := d.srv.EndSessions(chosen)
	if len(ended) == 0 {
		return nil, fmt.Errorf("there is no session %s; commdn relay sessions lists them", what)
	}
	for _, s := range ended {
		d.log.Info("session ended by an administrator", "session", s.Name, "subject", s.Subject, "person", s.Person)
	}
	return ended, nil
}

// subject finds a person who is connected, by subject or by name.
func (d *Daemon) subject(person string) (string, error) {
	named := make(map[string]bool)
	for _, s := range d.srv.Sessions() {
		if s.Subject == person {
			return person, nil
		}
		if s.Person == person {
			named[s.Subject] = true
		}
	}
	var all []string
	for subject := range named {
		all = append(all, subject)
	}
	slices.Sort(all)
	switch len(all) {
	case 0:
		return "", fmt.Errorf("nobody with the name or subject %q has a session; commdn relay sessions lists them", person)
	case 1:
		return all[0], nil
	}
	return "", fmt.Errorf("%d people are called %q; give one of the subjects %s", len(all), person, strings.Join(all, ", "))
}
