package client

import (
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
)

func records() []record {
	at := time.Unix(1700000000, 0)
	return []record{
		{request: &commdn.DoNotCall{Phone: "5551234567"}, asked: at},
		{relay: "wss://relay/ws", subject: "", bound: true, asked: at, progress: sent, window: 5 * time.Second, request: &commdn.DoNotCall{CustomerID: "C-1042", Chain: commdn.RecordOnly}},
		{relay: "wss://relay/ws", subject: "u-7", bound: true, asked: at, progress: sent | accepted | expired | unwanted,
			request: &commdn.CancelRecord{Address: commdn.Address{Target: 201}, Phone: "5551234567", Campaign: "Spring"}},
	}
}

func TestRecord(t *testing.T) {
	for _, want := range records() {
		got, ok := readRecord(want.pack())
		if !ok || commdn.Trace(got.request, true) != commdn.Trace(want.request, true) {
			t.Fatalf("read %+v, want %+v", got, want)
		}
		if got.request = want.request; got != want {
			t.Errorf("read %+v, want %+v", got, want)
		}
	}
}

// What is no record of this form is left alone.
func TestNoRecord(t *testing.T) {
	good := records()[0]
	set := func(field int, text string) string {
		f := strings.Split(good.pack(), "\t")
		f[field] = text
		return strings.Join(f, "\t")
	}
	if _, ok := readRecord(set(0, recordForm)); !ok {
		t.Fatal("the test is wrong")
	}
	later := set(0, "2")
	for name, text := range map[string]string{
		"empty":            "",
		"garbage":          "garbage",
		"a later form":     later,
		"a field too many": good.pack() + "\t",
		"campaign control": set(7, strconv.Itoa(int(commdn.ReqStopDialing))),
		"nobody":           set(9, ""),
		"a wrong scope":    set(12, "Everything"),
	} {
		if r, ok := readRecord(text); ok {
			t.Errorf("%s: read %+v", name, r)
		}
	}
	apart(t, func(t *testing.T, s *shelf) {
		s.records["later"] = later
		h := visit(t, s, "")
		h.connect(t, "").quiet(t)
		if len(s.records) != 1 || len(h.took()) != 0 {
			t.Errorf("%d records, took over %v", len(s.records), h.took())
		}
	})
}

func FuzzRecord(f *testing.F) {
	for _, r := range records() {
		f.Add(r.pack())
	}
	f.Add("garbage")
	f.Fuzz(func(t *testing.T, text string) {
		r, ok := readRecord(text)
		if !ok {
			return
		}
		if r2, ok := readRecord(r.pack()); !ok || r2.asked != r.asked || r2.subject != r.subject || r2.relay != r.relay {
			t.Errorf("%+v became %+v", r, r2)
		}
	})
}

func TestMasked(t *testing.T) {
	for _, tt := range []struct{ req, want commdn.Request }{
		{&commdn.DoNotCall{Phone: "5551234567", CustomerID: "C-1042"}, &commdn.DoNotCall{Phone: "…567"}},
		{&commdn.DoNotCall{Phone: "112"}, &commdn.DoNotCall{Phone: "…"}},
		{&commdn.DoNotCall{Phone: "555123☎"}, &commdn.DoNotCall{Phone: "…☎"}},
		{&commdn.DoNotCall{Phone: "5551234☎7"}, &commdn.DoNotCall{Phone: "…"}}, // not half a character
		{&commdn.CancelRecord{Address: commdn.Address{Target: 201}, CustomerID: "C-1042", Campaign: "Spring"}, &commdn.CancelRecord{Address: commdn.Address{Target: 201}, Phone: "…"}},
	} {
		if got := Masked(tt.req); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%+v became %+v, want %+v", tt.req, got, tt.want)
		}
	}
}
