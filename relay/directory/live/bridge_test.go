package live

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"commdn/relay/bridgetest"
	"commdn/relay/confdb"
	"commdn/relay/directory"
	"commdn/relay/internal/certtest"
	"commdn/relay/internal/dial"
)

// replace replaces the whole content of a file.
func replace(t testing.TB, file string, data []byte) {
	t.Helper()
	next := file + ".next"
	err := os.WriteFile(next, data, 0o600)
	if err == nil {
		err = os.Rename(next, file)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// TestBridge: through a real bridge the relay applies what Configuration Server has and
// each change. The bridge reports a lost Configuration Server, and the client reconnects
// to a lost bridge.
func TestBridge(t *testing.T) {
	if !bridgetest.Available(t) {
		return
	}
	data, err := os.ReadFile("../testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	want, err := directory.Parse("export", data)
	if err != nil {
		t.Fatal(err)
	}
	file := written(t, data)
	socket := "unix:" + filepath.Join(t.TempDir(), "directory.sock")
	o := bridgetest.Options{Export: file, Properties: map[string]string{"directory.listen": socket}}
	b := bridgetest.Start(t, o)
	if b.Directory != socket {
		t.Errorf("listens at %q", b.Directory)
	}
	all := make(chan *directory.Directory, 64)
	cache := filepath.Join(t.TempDir(), "cache.json")
	r := open(t, Options{Address: socket, Cache: cache, Apply: func(d *directory.Directory) error { all <- d; return nil }})
	next := func() *directory.Directory {
		t.Helper()
		select {
		case d := <-all:
			return d
		case <-time.After(patience):
			t.Fatalf("nothing was applied; state %+v", r.State())
			return nil
		}
	}
	got := next()
	for _, c := range want.Counts() {
		if !slices.Contains(got.Counts(), c) {
			t.Errorf("%v; the export has %+v", got.Counts(), c)
		}
	}
	for _, app := range want.Applications {
		for _, ocs := range want.Servers() {
			sent, _ := got.Application(ocs.DBID)
			if confdb.Connected(sent, app) != confdb.Connected(ocs, app) {
				t.Errorf("%s and %s: not as in the export", ocs, app)
			}
		}
	}
	name := want.Campaigns[0].Name
	replace(t, file, bytes.ReplaceAll(data, []byte(name), []byte("Renamed")))
	if got := next(); !slices.ContainsFunc(got.Campaigns, func(c directory.Campaign) bool { return c.Name == "Renamed" }) {
		t.Errorf("%v", got.Campaigns)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	r.until(t, "Configuration Server is lost", func(s State) bool { return s.Connected && s.Configuration != "" })
	replace(t, file, data)
	if got := next(); !slices.ContainsFunc(got.Campaigns, func(c directory.Campaign) bool { return c.Name == name }) {
		t.Errorf("%v", got.Campaigns)
	}
	r.until(t, "nothing is wrong any more", func(s State) bool { return s.Configuration == "" })

	b.Stop()
	r.until(t, "the bridge is lost", func(s State) bool { return !s.Connected && s.Err != nil })
	b = bridgetest.Start(t, o)
	s := r.until(t, "the bridge is back", func(s State) bool { return s.Connected && s.Sequence > 0 })
	if len(all) > 0 || s.Refused > 0 {
		t.Errorf("%d directories applied again, state %+v", len(all), s)
	}
	kept, err := directory.Load(cache)
	if err != nil || !kept.Equal(r.Directory()) {
		t.Errorf("on disk is another one: %v", err)
	}
	b.Stop()
	if d, err := First(t.Context(), Options{Address: socket, Cache: cache}); err != nil || !d.Equal(kept) {
		t.Errorf("a start without the bridge: %v", err)
	}
}

// TestBridgeRefused: the error has Configuration Server's own code and text.
func TestBridgeRefused(t *testing.T) {
	if !bridgetest.Available(t) {
		return
	}
	b := bridgetest.Start(t, bridgetest.Options{Export: written(t, export("one")), System: map[string]string{"standin.config.user": "somebody else"}})
	_, err := Fetch(t.Context(), Options{Address: b.Directory})
	for _, want := range []string{"cannot read Configuration Server", "CFGLoginIncorrect", "Username or password is incorrect"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; want %q", err, want)
		}
	}
}

// TestBridgeTLS: over TLS a bridge accepts only clients with a certificate of the CA.
func TestBridgeTLS(t *testing.T) {
	if !bridgetest.Available(t) {
		return
	}
	ca, other := certtest.New(t), certtest.New(t)
	server, mine, stranger := ca.Issue(t, "bridge"), ca.Issue(t, "relay"), other.Issue(t, "stranger")
	b := bridgetest.Start(t, bridgetest.Options{Export: written(t, export("one")), Properties: map[string]string{
		"tlink.tls.cert": server.Cert, "tlink.tls.key": server.Key, "tlink.tls.client_ca": ca.File,
	}})
	for _, test := range []struct {
		name  string
		files dial.Files
		ok    bool
	}{
		{"the CA's", dial.Files{CA: ca.File, Cert: mine.Cert, Key: mine.Key}, true},
		{"another CA's", dial.Files{CA: ca.File, Cert: stranger.Cert, Key: stranger.Key}, false},
	} {
		conf, err := test.files.Config()
		if err != nil {
			t.Fatal(err)
		}
		d, err := Fetch(t.Context(), Options{Address: b.Directory, TLS: conf})
		if (err == nil) != test.ok || test.ok && d.Campaigns[0].Name != "one" {
			t.Errorf("%s: %v, %v", test.name, d, err)
		}
	}
	if d, err := Fetch(t.Context(), Options{Address: b.Directory, Silence: time.Second}); err == nil {
		t.Errorf("without TLS: %v", d)
	}
}

// large has so many campaigns with a campaign group each, in one of 100 groups.
func large(campaigns int) []byte {
	var b bytes.Buffer
	b.Write(bytes.TrimSuffix(export("first"), []byte("]}")))
	for i := range campaigns {
		fmt.Fprintf(&b, `,{"DBID":%d,"name":"Campaign %d","tenantDBID":1,"state":1}`, 2001+i, i)
	}
	b.WriteString(`],"CFGTenant":[{"DBID":1,"name":"Environment"}],"CFGAgentGroup":[`)
	for i := range 100 {
		fmt.Fprintf(&b, `%s{"DBID":%d,"name":"Group %d","tenantDBID":1}`, strings.Repeat(",", min(i, 1)), 501+i, i)
	}
	b.WriteString(`],"CFGCampaignGroup":[`)
	for i := range campaigns {
		fmt.Fprintf(&b, `%s{"DBID":%d,"campaignDBID":%d,"groupDBID":%d,"serverDBIDs":{"DBID":[201]}}`, strings.Repeat(",", min(i, 1)), i+1, 2001+i, 501+i%100)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

// BenchmarkBridge50000 measures a change of one object among 50,000, from the stand-in's
// file to Apply, including the half second for which the bridge collects changes.
func BenchmarkBridge50000(b *testing.B) {
	if !bridgetest.Available(b) {
		b.Skip("no JDK")
	}
	data := large(25_000)
	file := filepath.Join(b.TempDir(), "export.json")
	replace(b, file, data)
	bridge := bridgetest.Start(b, bridgetest.Options{Export: file, Heap: "512m", Properties: map[string]string{"log.level": "info"}})
	applied := make(chan *directory.Directory, 1)
	c, err := Open(Options{Address: bridge.Directory, Cache: filepath.Join(b.TempDir(), "cache"), Apply: func(d *directory.Directory) error {
		applied <- d
		return nil
	}})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	<-applied
	n := 0
	for b.Loop() {
		n++
		replace(b, file, bytes.Replace(data, []byte("Campaign 77\""), fmt.Appendf(nil, "Changed %d\"", n), 1))
		<-applied
	}
}

// BenchmarkApply50000 is the relay's part of it: parsing 50,000 objects and comparing
// them with as many.
func BenchmarkApply50000(b *testing.B) {
	data := large(25_000)
	old, err := parse("old", data)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		d, err := parse("new", data)
		if err != nil || !d.Equal(old) {
			b.Fatal(err)
		}
	}
}
