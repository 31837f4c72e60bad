package status

import (
	"embed"
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var update = flag.Bool("update", false, "write testdata/*.html")

//go:embed testdata
var golden embed.FS

var errGone = &frame.CloseError{Code: frame.CloseAbnormal}

// working is a status with everything known.
func working() client.Status {
	return client.Status{
		State: client.Connected, Since: uitest.Noon.Add(-time.Hour), Relay: "commdn 1.2.3", Session: "s-17",
		OCS: []commdn.DBID{201, 202}, Link: frame.Link{Up: true, Since: uitest.Noon.Add(-2 * time.Hour).Unix()},
		Identity: frame.Identity{Name: "Ann Example", Roles: []string{frame.RoleAgent, frame.RoleSupervisor, frame.RoleAuditor, "guest"}},
	}
}

// states are all states of the light.
var states = []struct {
	name    string
	level   string
	state   string
	message string
	status  func() client.Status
}{
	{"connecting", "warn", "connecting", "Connecting", func() client.Status { return client.Status{Since: uitest.Noon} }},
	{"connected", "good", "connected", "Connected", working},
	{"no-ocs", "warn", "no-ocs", "The relay knows no OCS", func() client.Status {
		s := working()
		s.OCS = nil
		return s
	}},
	{"nobody-asked", "good", "connected", "Connected", func() client.Status {
		s := working()
		s.Identity = frame.Identity{}
		return s
	}},
	{"link-down", "stop", "link-down", "T-Server cannot be reached: connection refused", func() client.Status {
		s := working()
		s.Link = frame.Link{Reason: "connection refused", Since: uitest.Noon.Unix()}
		s.OCS = nil // the worse one counts
		return s
	}},
	{"disconnected", "stop", "disconnected", "Not connected; trying again", func() client.Status {
		s := working()
		s.State, s.Since, s.Err = client.Disconnected, uitest.Noon, errGone
		return s
	}},
	{"failed", "stop", "failed", "Out of order: connection closed: token refused (4507): <b>no</b>. Reload the page.", func() client.Status {
		return client.Status{State: client.Failed, Since: uitest.Noon, Err: &frame.CloseError{Code: frame.CloseTokenRefused, Reason: "<b>no</b>"}}
	}},
	{"closed", "stop", "closed", "The page has closed the connection.", func() client.Status {
		return client.Status{State: client.Closed, Since: uitest.Noon, Err: client.ErrClosed}
	}},
}

func TestLooks(t *testing.T) {
	for _, c := range states {
		t.Run(c.name, func(t *testing.T) {
			check(t, c.name, uitest.New(t, New, c.status(), "detail", "full"))
		})
	}
	for _, detail := range []string{"light", "words", "nonsense"} {
		t.Run(detail, func(t *testing.T) { check(t, detail, uitest.New(t, New, working(), "detail", detail)) })
	}
}

// check compares the markup with its golden file.
func check(t *testing.T, name string, d *uitest.Desk) {
	t.Helper()
	got, file := d.HTML(), "testdata/"+name+".html"
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := golden.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs (-update writes it):\n%s", file, got)
	}
}

// TestLevels: each level has a shape and words beside the colour.
func TestLevels(t *testing.T) {
	shapes := map[string]string{"good": "●", "warn": "▲", "stop": "■"}
	for _, c := range states {
		d := uitest.New(t, New, client.Status{State: client.Connected, OCS: []commdn.DBID{1}, Link: frame.Link{Up: true}, Session: "before"})
		s := d.C.(*Status)
		d.Client().SetStatus(c.status())
		if s.text() != c.message || s.lightClass() != "light "+c.level || s.shape() != shapes[c.level] {
			t.Errorf("%s: %s %s %q", c.name, s.lightClass(), s.shape(), s.text())
		}
		events := d.Events()
		if len(events) != 1 || events[0].Name != "commdn-status" {
			t.Fatalf("%s: the page is told %v", c.name, events)
		}
		if got := events[0].Detail; got["level"] != c.level || got["state"] != c.state || got["message"] != c.message {
			t.Errorf("%s: the page is told %v", c.name, got)
		}
	}
}

func TestEventDetail(t *testing.T) {
	d := uitest.New(t, New, client.Status{})
	s := working()
	d.Client().SetStatus(s)
	s.State, s.Since, s.Err = client.Disconnected, uitest.Noon, errGone
	s.Link, s.Identity, s.OCS = frame.Link{Reason: "gone"}, frame.Identity{}, nil
	d.Client().SetStatus(s)
	want := []uitest.Event{
		{Name: "commdn-status", Detail: map[string]any{
			"level": "good", "state": "connected", "message": "Connected", "since": "2026-03-04T11:00:00.000Z", "relay": "commdn 1.2.3",
			"session": "s-17", "ocs": []any{201, 202}, "link": map[string]any{"up": true, "reason": "", "since": "2026-03-04T10:00:00.000Z"},
			"identity": map[string]any{"name": "Ann Example", "roles": []any{"agent", "supervisor", "auditor", "guest"}},
		}},
		{Name: "commdn-status", Detail: map[string]any{
			"level": "stop", "state": "disconnected", "message": "Not connected; trying again", "since": "2026-03-04T12:00:00.000Z",
			"relay": "commdn 1.2.3", "session": "s-17", "ocs": []any{}, "link": map[string]any{"up": false, "reason": "gone"},
			"identity": map[string]any{"name": "", "roles": []any{}}, "error": "connection closed: connection lost (1006)",
		}},
	}
	if got := d.Events(); !reflect.DeepEqual(got, want) {
		t.Errorf("the page is told\n%v, want\n%v", got, want)
	}
}

// TestDialingAgainIsNoNews: nothing changes between two attempts.
func TestDialingAgainIsNoNews(t *testing.T) {
	d := uitest.New(t, New, working(), "detail", "full")
	gone := working()
	gone.State, gone.Since, gone.Err = client.Disconnected, uitest.Noon, errGone
	d.Client().SetStatus(gone)
	before := d.HTML()
	if n := len(d.Events()); n != 1 {
		t.Fatalf("%d events when the connection is lost", n)
	}
	dials := gone
	dials.State, dials.Since = client.Connecting, uitest.Noon.Add(time.Minute)
	d.Client().SetStatus(dials)
	if got := d.HTML(); got != before {
		t.Errorf("while it dials:\n%s", got)
	}
	d.Speak("en")
	d.Set("detail", "full")
	if events := d.Events(); len(events) != 0 {
		t.Errorf("the page is told %v", events)
	}
	gone.Err = errors.New("refused")
	d.Client().SetStatus(gone)
	if n := len(d.Events()); n != 1 {
		t.Errorf("%d events for another reason", n)
	}
}

// TestLastErrorStays: the last error stays while the next connection works.
func TestLastErrorStays(t *testing.T) {
	d := uitest.New(t, New, working(), "detail", "full")
	gone := working()
	gone.State, gone.Since, gone.Err = client.Disconnected, uitest.Noon, errGone
	d.Client().SetStatus(gone)
	d.Client().SetStatus(working())
	facts := d.C.(*Status).facts()
	last := facts[len(facts)-1]
	if last.Name != "Last error" || last.Value != "2026-03-04 12:00 UTC · connection closed: connection lost (1006)" {
		t.Errorf("the last fact is %+v", last)
	}
	keys := map[string]bool{}
	for _, f := range facts {
		if keys[f.Key] {
			t.Errorf("key %s twice", f.Key)
		}
		keys[f.Key] = true
	}
}

func TestDetailAttribute(t *testing.T) {
	d := uitest.New(t, New, working())
	s := d.C.(*Status)
	for _, c := range []struct {
		value, class string
		full         bool
		hint         string
	}{
		{"light", "hidden", false, ""}, {" full\n", "text", true, ""}, {"words", "text", false, ""}, {"", "text", false, ""},
		{"<i>", "text", false, "detail can be light, words or full, not <i>"},
		{strings.Repeat("🙂", 10_000), "text", false, "detail can be light, words or full, not " + strings.Repeat("🙂", 32) + "…"},
	} {
		d.Set("detail", c.value)
		if s.textClass() != c.class || s.full() != c.full || s.hint() != c.hint {
			t.Errorf("%.20q: %s %v %q", c.value, s.textClass(), s.full(), s.hint())
		}
	}
	d.Set("detail", "light")
	d.Remove("detail")
	if s.textClass() != "text" || s.hint() != "" {
		t.Error("the default is not what it was")
	}
	d.Set("phone", "1") // not an attribute of this element
	if html := d.HTML(); strings.Contains(html, "<i>") {
		t.Errorf("markup of the page in ours: %s", html)
	}
}

func TestCloseEndsTheWatch(t *testing.T) {
	d := uitest.New(t, New, working())
	d.C.Close()
	d.Client().SetStatus(client.Status{})
	if events := d.Events(); len(events) != 0 {
		t.Errorf("told %v after Close", events)
	}
}

// TestChecking: while nobody knows whether the relay still answers, the light does not say
// that all is well.
func TestChecking(t *testing.T) {
	d := uitest.New(t, New, uitest.Connected)
	c := d.C.(*Status)
	status := uitest.Connected
	status.Checking = true
	d.Client().SetStatus(status)
	if c.text() != "No answer yet; checking the connection" || c.shape() != "▲" || c.lightClass() != "light warn" {
		t.Errorf("it says %q %s %s", c.text(), c.shape(), c.lightClass())
	}
	if e := d.Events(); len(e) != 1 || e[0].Detail["state"] != "checking" || e[0].Detail["level"] != "warn" {
		t.Errorf("the host is told %v", e)
	}
	status.Link.Up = false
	d.Client().SetStatus(status)
	if c.lightClass() != "light stop" {
		t.Error("a link that is down is worse")
	}
	d.Client().SetStatus(uitest.Connected)
	if c.text() != "Connected" {
		t.Errorf("then it says %q", c.text())
	}
}
