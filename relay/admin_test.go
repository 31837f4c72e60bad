package relay

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/auth"
	"commdn/relay/link"
)

// unready is an authentication that is not ready.
type unready struct{ auth.Authenticator }

func (unready) Ready() error { return errors.New("no keys since 10:00") }

func TestStatus(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Auth = auth.NewDevelopment() })
	var peers []*peer
	for _, token := range []string{"agent", "agent,supervisor=Lea", "auditor"} {
		peers = append(peers, r.sessionOf(token))
	}
	st := r.srv.Status()
	want := Status{
		Version: "commdn/test", Since: st.Since, Ready: true, NotReady: []string{}, Authentication: "ready",
		Links:    []LinkStatus{{Name: "tserver", Up: true, Connected: true, Since: st.Links[0].Since, Server: r.sim.Addr(), OCS: []commdn.DBID{201}, Answers: []link.Health{{OCS: 201}}}},
		Sessions: 3, Roles: map[string]int{"agent": 2, "supervisor": 1, "auditor": 1},
	}
	if !reflect.DeepEqual(st, want) || st.Since.IsZero() || st.Links[0].Since.IsZero() {
		t.Errorf("got  %+v\nwant %+v", st, want)
	}
	for path, code := range map[string]int{"/healthz": 200, "/readyz": 200, "/ws": 404, "/": 404} {
		if got := r.health(path); got.Code != code {
			t.Errorf("%s: %d", path, got.Code)
		}
	}
	for _, p := range peers {
		r.leave(p)
	}
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	st = r.srv.Status()
	if !st.Draining || st.Ready || st.Links[0].Up || st.Links[0].Reason == "" || st.Sessions != 0 || !strings.Contains(strings.Join(st.NotReady, "; "), "the relay is shutting down") {
		t.Errorf("at the end: %+v", st)
	}
	got := r.health("/readyz")
	var body struct {
		Ready  bool
		Reason string
	}
	if err := json.NewDecoder(got.Body).Decode(&body); got.Code != 503 || err != nil || body.Ready || !strings.Contains(body.Reason, "shutting down") {
		t.Errorf("readyz at the end: %d %+v %v", got.Code, body, err)
	}
}

// health asks a port for health alone, whose Host may be any.
func (r *rig) health(path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.srv.Health().ServeHTTP(w, httptest.NewRequest("GET", "http://pod.example.com"+path, nil))
	return w
}

// readyz fails unless the relay says that it is ready, or not: everybody hears
// that alone, and those who run it the reasons.
func (r *rig) readyz(ready bool, reasons ...string) {
	r.t.Helper()
	status, public := http.StatusOK, `{"ready":true}`
	if !ready {
		status, public = http.StatusServiceUnavailable, `{"ready":false}`
	}
	if answer, body := r.get("/readyz"); answer.StatusCode != status || strings.TrimSpace(body) != public {
		r.t.Errorf("readyz: %d %s", answer.StatusCode, body)
	}
	if got := r.health("/readyz"); got.Code != status || !containsAll(got.Body.String(), reasons...) {
		r.t.Errorf("readyz with reasons: %d %s", got.Code, got.Body)
	}
}

func TestStatusOfAuthentication(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		auth auth.Authenticator
		want string
	}{
		"off":       {nil, "off"},
		"ready":     {auth.NewDevelopment(), "ready"},
		"not ready": {unready{auth.NewDevelopment()}, "no keys since 10:00"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRelay(t, "127.0.0.1:1", func(o *Options) { o.Auth = x.auth })
			st := r.srv.Status()
			if st.Authentication != x.want || st.Ready {
				t.Errorf("%+v", st)
			}
			body, _ := io.ReadAll(r.health("/readyz").Body)
			if x.auth != nil && strings.Contains(string(body), "no keys") != (name == "not ready") {
				t.Errorf("readyz: %s", body)
			}
		})
	}
}

// Limits that a Reload changes count for living sessions and known addresses.
func TestReloadLimits(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	c := r.session()
	c.put(1, "5550104477")
	s := r.srv.opts.Settings
	s.Limits = Limits{Rate: 0.001, Burst: 1, PerAddress: 1, Queue: 9}
	if err := r.srv.Reload(s); err != nil {
		t.Fatal(err)
	}
	c.request(2, dnc("5550104478")) // what the full burst of before has left is cut to one
	c.request(3, dnc("5550104479"))
	codes := map[uint32]bool{}
	for len(codes) < 2 {
		f := c.settled()
		if f.Number != 0 {
			codes[f.Number] = refusal(f) != nil
		}
	}
	if codes[2] || !codes[3] {
		t.Errorf("refused: %v", codes)
	}
	if got := r.upgrade("", r.addr); got != http.StatusServiceUnavailable {
		t.Errorf("a second session from the address: %d", got)
	}
}
