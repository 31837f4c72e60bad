package relay

import (
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"commdn/relay/tserver"
	"commdn/relay/web"
)

func TestHost(t *testing.T) {
	t.Parallel()
	r := newRelay(t, "127.0.0.1:1", func(o *Options) {
		o.Routes = map[string]http.Handler{"GET /extra": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("ok")) })}
	})
	for host, want := range map[string]int{
		r.addr: 200, "localhost": 200, "localhost:8080": 200, "127.0.0.2": 200, "[::1]": 200, "[::1]:8080": 200,
		"relay.example": 421, "relay.example:8080": 421, "10.0.0.7": 421, "localhost.evil.example": 421, "0.0.0.0": 421,
	} {
		for _, path := range []string{"/healthz", "/extra"} {
			if answer, body := r.get(path, "Host", host); answer.StatusCode != want {
				t.Errorf("host %s %s: %d %s", host, path, answer.StatusCode, body)
			}
		}
	}
	answer, body := r.get("/healthz")
	if body != "ok\n" || answer.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("healthz: %q %v", body, answer.Header)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	log := slog.New(slog.DiscardHandler)
	for words, o := range map[string]Options{
		"Log is nil":       {Links: []Link{{AppDBID: 101, TServer: tserverAt("127.0.0.1:1", "commdn")}}},
		"application DBID": {Log: log, Links: []Link{{TServer: tserverAt("127.0.0.1:1", "commdn")}}},
		"Links is empty":   {Log: log},
		"there twice": {Log: log, Links: []Link{
			{Name: "a", AppDBID: 101, TServer: tserverAt("127.0.0.1:1", "commdn")}, {Name: "a", AppDBID: 101, TServer: tserverAt("127.0.0.1:1", "commdn")},
		}},
		"top-level domain": {Log: log, Links: []Link{{AppDBID: 101, TServer: tserverAt("127.0.0.1:1", "commdn")}}, Settings: Settings{Origins: []string{"https://*.com"}}},
		"option Servers":   {Log: log, Links: []Link{{AppDBID: 101, TServer: tserver.Options{Driver: tserverAt("", "").Driver, CommDN: commDN, Application: "commdn"}}}},
	} {
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), words) {
			t.Errorf("New says %v, want %q", err, words)
		}
	}
}

// Serve ends, and ends what it started, when the listener fails.
func TestListenerFails(t *testing.T) {
	t.Parallel()
	l, err := web.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := New(Options{Log: slog.New(slog.DiscardHandler), Links: []Link{{AppDBID: 101, TServer: tserverAt("127.0.0.1:1", "commdn")}}})
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if err := srv.Serve(t.Context(), l); err == nil {
		t.Error("Serve returned nil")
	}
}
