package ocs_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/internal/leak"
	"commdn/relay/sim/ocs"
	simtserver "commdn/relay/sim/tserver"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestOptionsRefused(t *testing.T) {
	good := ocs.Options{Servers: []string{"127.0.0.1:1"}, CommDN: "CommDN_1", DBID: 201}
	for _, test := range []struct {
		want   string
		change func(*ocs.Options)
	}{
		{"sim/ocs: option DBID is 0", func(o *ocs.Options) { o.DBID = 0 }},
		{"sim/ocs: option Connected names OCS 201 itself", func(o *ocs.Options) { o.Connected = []commdn.DBID{101, 201} }},
		{"sim/ocs: option Delay is negative", func(o *ocs.Options) { o.Delay = -1 }},
		{"sim/ocs: option UnloadTime is negative", func(o *ocs.Options) { o.UnloadTime = -1 }},
		{"sim/ocs: option DialRate is -1", func(o *ocs.Options) { o.DialRate = -1 }},
		{"sim/ocs: option DialRate is 10001", func(o *ocs.Options) { o.DialRate = 10001 }},
		{"sim/ocs: option ContactShare is -1", func(o *ocs.Options) { o.ContactShare = -1 }},
		{"sim/ocs: option ContactShare is 101", func(o *ocs.Options) { o.ContactShare = 101 }},
		{"sim/ocs: two campaigns have the DBID 11", func(o *ocs.Options) {
			o.Configuration.Campaigns = []ocs.Campaign{{DBID: 11, Name: "A"}, {DBID: 11, Name: "B"}}
		}},
		{"sim/ocs: tserver: option Servers is empty", func(o *ocs.Options) { o.Servers = nil }},
		{"sim/ocs: tserver: option CommDN is empty", func(o *ocs.Options) { o.CommDN = "" }},
	} {
		o := good
		test.change(&o)
		if s, err := ocs.Start(o); err == nil {
			s.Close()
			t.Errorf("no error, want %s", test.want)
		} else if !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%v, want %s", err, test.want)
		}
	}
}

// OCS comes back by itself after T-Server was away, from the start and later.
func TestReconnects(t *testing.T) {
	start := func(addr string) *simtserver.Server {
		s, err := simtserver.Start(simtserver.Options{Addr: addr, CommDNs: []string{"CommDN_1"}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { s.Close() })
		return s
	}
	server := start("")
	server.Close()
	o, err := ocs.Start(ocs.Options{Servers: []string{server.Addr()}, CommDN: "CommDN_1", DBID: 201})
	if err != nil {
		t.Fatal(err)
	}
	defer o.Close()
	select {
	case <-o.Ready():
		t.Fatal("ready without a T-Server")
	default:
	}
	server = start(server.Addr())
	<-o.Ready()
	if s := o.State(); o.DBID() != 201 || s.Server != server.Addr() {
		t.Errorf("OCS %d, state %+v", o.DBID(), s)
	}
}

func TestEntryAsJSON(t *testing.T) {
	list := []ocs.Entry{{Phone: "5551234567", CustomerID: "c-1", Time: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}}
	got, err := json.Marshal(list)
	want := `[{"phone":"5551234567","customer_id":"c-1","time":"2026-01-02T03:04:05Z"}]`
	if err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	if got, err := json.Marshal(ocs.Merge()); err != nil || string(got) != "[]" {
		t.Errorf("no list: %s, %v; want []", got, err)
	}
}

func TestMerge(t *testing.T) {
	at := func(minute int) time.Time { return time.Date(2026, 1, 2, 3, minute, 0, 0, time.UTC) }
	got := ocs.Merge(
		[]ocs.Entry{{"1", "", at(2)}, {"2", "", at(4)}},
		nil,
		[]ocs.Entry{{"2", "", at(1)}, {"2", "c", at(3)}, {"1", "", at(5)}},
	)
	want := []ocs.Entry{{"2", "", at(1)}, {"1", "", at(2)}, {"2", "c", at(3)}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
