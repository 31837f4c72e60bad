package client

import (
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

func records() []record {
	at := time.Unix(1700000000, 0)
	return []record{
		{request: &commdn.DoNotCall{Phone: "5551234567"}, asked: at},
		{relay: "wss://relay/ws", subject: "", bound: true, asked: at, sent: true, request: &commdn.DoNotCall{CustomerID: "C-1042", Chain: commdn.RecordOnly}},
		{relay: "wss://relay/ws", subject: "u-7", bound: true, asked: at, sent: true, accepted: true, expired: true,
			request: &commdn.CancelRecord{Address: commdn.Address{Target: 201}, Phone: "5551234567", Campaign: "Spring"}},
	}
}

func TestRecord(t *testing.T) {
	for _, want := range records() {
		b, err := want.pack()
		if err != nil {
			t.Fatal(err)
		}
		got, ok := readRecord(b)
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
	packed := func(l tkvlist.List) []byte {
		b, err := tkvlist.AppendPack(nil, l)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	load := commdn.StopDialing{CampaignGroup: commdn.CampaignGroup{Campaign: 1, Group: 2}}
	for name, b := range map[string][]byte{
		"empty":            nil,
		"garbage":          []byte("garbage"),
		"no version":       packed(tkvlist.List{{Key: recordData, Value: tkvlist.Nested(dnc("112").UserData())}}),
		"a later version":  packed(tkvlist.List{{Key: recordForm, Value: tkvlist.Int(recordVersion + 1)}, {Key: recordData, Value: tkvlist.Nested(dnc("112").UserData())}}),
		"no request":       packed(tkvlist.List{{Key: recordForm, Value: tkvlist.Int(recordVersion)}}),
		"campaign control": packed(tkvlist.List{{Key: recordForm, Value: tkvlist.Int(recordVersion)}, {Key: recordData, Value: tkvlist.Nested(load.UserData())}}),
	} {
		if r, ok := readRecord(b); ok {
			t.Errorf("%s: read %+v", name, r)
		}
	}
	apart(t, func(t *testing.T, s *shelf) {
		s.records["later"] = packed(tkvlist.List{{Key: recordForm, Value: tkvlist.Int(recordVersion + 1)}})
		h := visit(t, s, "")
		h.connect(t, "").quiet(t)
		if len(s.records) != 1 || len(h.took()) != 0 {
			t.Errorf("%d records, took over %v", len(s.records), h.took())
		}
	})
}

func FuzzRecord(f *testing.F) {
	for _, r := range records() {
		b, err := r.pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte("garbage"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, ok := readRecord(b)
		if !ok {
			return
		}
		again, err := r.pack()
		if err != nil {
			t.Fatalf("%+v: %v", r, err)
		}
		if r2, ok := readRecord(again); !ok || r2.asked != r.asked || r2.subject != r.subject || r2.relay != r.relay {
			t.Errorf("%+v became %+v", r, r2)
		}
	})
}

func TestMasked(t *testing.T) {
	for in, want := range map[string]string{"": "", "112": "…", "555012": "…", "5551234567": "…567", "Zoë-Ümlaut-☎☎☎": "…☎☎☎"} {
		if got := masked(in); got != want {
			t.Errorf("%q became %q, want %q", in, got, want)
		}
	}
	stop := &commdn.StopDialing{}
	if Masked(stop) != commdn.Request(stop) {
		t.Error("campaign control has nobody to mask")
	}
}
