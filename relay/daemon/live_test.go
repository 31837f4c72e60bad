//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/frame"
	"commdn/relay/bridgetest"
	"commdn/relay/directory"
)

// reader is a session that reads directories.
type reader struct {
	t  *testing.T
	ws *websocket.Conn
}

func newReader(t *testing.T, url string) *reader {
	t.Helper()
	ws, _, err := websocket.Dial(t.Context(), strings.Replace(url, "http", "ws", 1)+"ws", &websocket.DialOptions{Subprotocols: []string{frame.Subprotocol}})
	if err != nil {
		t.Fatal(err)
	}
	ws.SetReadLimit(frame.MaxLen)
	t.Cleanup(func() { _ = ws.CloseNow() })
	hello, err := frame.Frame{Kind: frame.KindHello, Body: frame.Hello{Agent: "test"}.Body()}.Append(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := ws.Write(t.Context(), websocket.MessageBinary, hello); err != nil {
		t.Fatal(err)
	}
	return &reader{t, ws}
}

// until reads directories until one names a campaign.
func (r *reader) until(name string) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var d frame.Directory
	for {
		_, message, err := r.ws.Read(ctx)
		if err != nil {
			r.t.Fatalf("no directory names %q: %v", name, err)
		}
		f, err := frame.Decode(message)
		if err != nil {
			r.t.Fatal(err)
		}
		if f.Kind != frame.KindDirectory {
			continue
		}
		if more := d.Read(f.Body); more {
			continue
		}
		if slices.ContainsFunc(d.Campaigns, func(c frame.Named) bool { return c.Name == name }) {
			return
		}
		d = frame.Directory{}
	}
}

// once is until for a session that goes then: the relay waits for those that do not
// answer its close.
func (r *reader) once(name string) {
	r.t.Helper()
	defer r.ws.CloseNow()
	r.until(name)
}

// What Configuration Server changes reaches the sessions of a relay that runs,
// through the bridge. A relay starts without its bridge by what it kept of it.
func TestDirectoryOfBridge(t *testing.T) {
	if !bridgetest.Available(t) {
		return
	}
	export, err := os.ReadFile("../directory/testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	at := func(name string) string { return filepath.Join(folder, name) }
	put := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(at(name+".new"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(at(name+".new"), at(name)); err != nil {
			t.Fatal(err)
		}
	}
	put("export.json", export)
	socket := "unix:" + at("bridge.sock")
	b := bridgetest.Start(t, bridgetest.Options{Export: at("export.json"), Properties: map[string]string{"directory.listen": socket}})
	put("relay.yaml", []byte(`
listen: "127.0.0.1:0"
metrics: {listen: ""}
directory: {bridge: {address: "`+socket+`"}, cache: `+at("cache.json")+`}
links: [{name: madrid, servers: ["127.0.0.1:1"], comm_dn: CommDN_1, application: commdn, app_dbid: 101, ocs: [201]}]
`))
	start := func() (d *Daemon, url string, stop func()) {
		t.Helper()
		d, err := New(Options{File: at("relay.yaml"), Version: "test", Log: io.Discard})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		ready, ended := make(chan string, 1), make(chan error, 1)
		go func() { ended <- d.Run(ctx, func(url string) { ready <- url }) }()
		return d, <-ready, func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			d.Close()
		}
	}
	d, url, stop := start()
	names := d.setup.directory.Campaigns
	if len(names) == 0 {
		t.Fatal("the export has no campaigns")
	}
	enabled := names[slices.IndexFunc(names, func(c directory.Campaign) bool { return !c.Disabled })].Name
	session := newReader(t, url)
	session.until(enabled)
	put("export.json", bytes.ReplaceAll(export, []byte(enabled), []byte("Renamed")))
	session.until("Renamed")
	if r := d.Reload(); !r.OK { // goes on with what the bridge has sent
		t.Errorf("reload: %v", r.Errors)
	}
	session.once("Renamed")

	// From the bridge to a file it is a new start; until then the bridge pushes.
	bridged, err := os.ReadFile(at("relay.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	put("other.json", bytes.ReplaceAll(export, []byte(enabled), []byte("Of a file")))
	put("relay.yaml", bytes.ReplaceAll(bridged, []byte(`{bridge: {address: "`+socket+`"}, cache: `+at("cache.json")+`}`), []byte("{file: other.json}")))
	if r := d.Reload(); !r.OK || len(r.TakenOver) != 0 || !slices.Equal(r.NeedsRestart, []string{"directory.file", "directory.bridge.address", "directory.cache"}) {
		t.Errorf("reload to a file: %+v", r)
	}
	newReader(t, url).once("Renamed")
	put("relay.yaml", bytes.ReplaceAll(bridged, []byte(socket), []byte("unix:"+at("none.sock"))))
	if r := d.Reload(); !r.OK || !slices.Equal(r.NeedsRestart, []string{"directory.bridge.address"}) { // it starts with what is on disk
		t.Errorf("reload to another bridge: %+v", r)
	}
	put("relay.yaml", bytes.ReplaceAll(bytes.ReplaceAll(bridged, []byte(socket), []byte("unix:"+at("none.sock"))), []byte("ocs: [201]"), []byte("ocs: [999]")))
	if r := d.Reload(); r.OK {
		t.Errorf("reload to a link that would be silent: %+v", r)
	}
	put("relay.yaml", bridged)
	if r := d.Reload(); !r.OK || r.NeedsRestart != nil {
		t.Errorf("reload back to the bridge: %+v", r)
	}
	newReader(t, url).once("Renamed")
	w := httptest.NewRecorder()
	d.adminHandler().ServeHTTP(w, httptest.NewRequest("GET", "/status", nil))
	var st Status
	if err := json.Unmarshal(w.Body.Bytes(), &st); err != nil || st.Bridge == nil || !st.Bridge.Connected || st.Bridge.Address != socket || len(st.Bridge.Objects) == 0 {
		t.Errorf("status %s, %v", w.Body, err)
	}
	families, err := d.metrics.Gather()
	if err != nil {
		t.Fatal(err)
	}
	var counted []string
	for _, f := range families {
		if strings.HasPrefix(f.GetName(), "commdn_directory_") {
			counted = append(counted, f.GetName())
		}
	}
	if len(counted) != 5 {
		t.Errorf("metrics %q", counted)
	}

	// The bridge's account loses its rights: what is left would have OCS silent.
	put("export.json", []byte("{}"))
	for late := time.Now().Add(patience); d.bridge.State().Refusal == nil; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(late) {
			t.Fatalf("an empty directory is not refused: %+v", d.bridge.State())
		}
	}
	if status := d.bridgeStatus(); !strings.Contains(status.Refused, `application "commdn" is not in the directory`) {
		t.Errorf("refused: %q", status.Refused)
	}
	newReader(t, url).once("Renamed")
	stop()
	_, url, stop = start() // with what it kept, as the bridge has nothing better
	newReader(t, url).once("Renamed")
	stop()

	b.Stop()
	began := time.Now()
	_, url, stop = start()
	defer stop()
	newReader(t, url).once("Renamed")
	if took := time.Since(began); took > patience {
		t.Errorf("started after %v", took)
	}
}

// A pushed directory is refused for a link that it breaks, and not for one that is
// broken already.
func TestBreaks(t *testing.T) {
	t.Parallel()
	with := func(findings ...directory.Finding) *setup { return &setup{findings: findings} }
	a := directory.Finding{Severity: directory.Error, Text: "link a: it is silent"}
	changed := directory.Finding{Severity: directory.Error, Text: "link a: it is silent for another reason"}
	b := directory.Finding{Severity: directory.Error, Text: "link b: it is silent"}
	warning := directory.Finding{Severity: directory.Warning, Text: "link a: it is slow"}
	for name, test := range map[string]struct {
		inUse, next *setup
		want        string
	}{
		"nothing wrong":      {with(), with(warning), ""},
		"broken":             {with(warning), with(a), a.Text},
		"broken already":     {with(a), with(a), ""},
		"in another way":     {with(a), with(changed), ""},
		"another link, too":  {with(a), with(a, b), b.Text},
		"one mended of both": {with(a, b), with(b), ""},
	} {
		got := ""
		if err := test.next.breaks(test.inUse); err != nil {
			got = err.Error()
		}
		if got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
}
