package audit

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/desk"
)

// What the desk tells is found again, with everything, after a restart too.
func TestRecorded(t *testing.T) {
	r := start(t)
	d := dnc("k1", "5550100001")
	d.Sent = append(d.Sent, desk.Sending{Link: "lisbon", Phone: "+15550100001", First: d.Submitted, Last: d.Submitted.Add(time.Second), Times: 2})
	fault := &commdn.Fault{Address: commdn.Address{Origin: 202}, Code: 4, Message: "no list for 5550100001", Phone: "+15550100001"}
	d.Answers = append(d.Answers, desk.Answering{Link: "lisbon", Phone: "+15550100001", Answer: fault, At: d.Submitted})
	d.Outcome = desk.Outcome{Answer: fault}
	r.record(d)
	load := &desk.Deed{
		Kind: desk.DeedAsked, ID: desk.ID{Subject: "bob", Key: "k2"}, Name: "Bob", Door: "websocket", From: "192.0.2.2",
		Request: &commdn.LoadCampaign{CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 5}}, Links: []string{"madrid"}, Submitted: time.Now(),
		Objects: []auth.Object{{Campaign: auth.Named{DBID: 1001, Name: "Autumn"}, Group: auth.Named{DBID: 5}}},
	}
	r.record(load)
	r.end()

	r = startIn(t, r.folder)
	if all := r.find(Query{}); len(all) != 3 || all[0].Kind != Begun || all[1].Sequence != 2 {
		t.Fatalf("%d entries", len(all))
	}
	for _, c := range []struct {
		name string
		q    Query
		want []string // keys
	}{
		{"phone, as it was asked", Query{Phone: "555-010 0001"}, []string{"k1"}},
		{"phone, as it was sent", Query{Phone: "+15550100001"}, []string{"k1"}},
		{"another phone", Query{Phone: "5550100002"}, nil},
		{"nothing of a phone", Query{Phone: "x"}, nil},
		{"user", Query{User: "Bob"}, []string{"k2"}},
		{"subject", Query{User: "ann"}, []string{"k1"}},
		{"campaign", Query{Campaign: "autumn"}, []string{"k2"}},
		{"campaign by DBID", Query{Campaign: "1001"}, []string{"k2"}},
		{"since now", Query{Since: time.Now().Add(time.Minute)}, nil},
		{"until then", Query{Until: time.Now().Add(-time.Minute)}, nil},
		{"key", Query{Key: "k2"}, []string{"k2"}},
		{"allowed", Query{Key: "k2", Allowed: func(*Entry) bool { return false }}, nil},
	} {
		var got []string
		for _, e := range r.find(c.q) {
			got = append(got, e.Key)
		}
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	e := r.find(Query{Key: "k1"})[0]
	if e.Outcome != Fault || len(e.Answers) != 2 || e.Answers[1].OCS != 202 || e.Answers[1].Code != 4 || e.Answers[1].Form != 2 || e.Sent[1].Times != 2 ||
		e.Person.Words[0] != "no list for 5550100001" || e.Text != "" || e.Relay != "one" || e.Subject != "ann" || e.Request != "CM_ReqDoNotCall" {
		t.Errorf("%+v %+v", e, e.Person)
	}
	if e := r.find(Query{Key: "k2"})[0]; e.Kind != Asked || !strings.Contains(e.Asked, "1001") || *e.Objects[0].Campaign != (Named{1001, "Autumn"}) {
		t.Errorf("%+v", e)
	}
	if rep := r.verify(nil); len(rep.Problems) > 0 || rep.Entries != 3 {
		t.Errorf("%+v", rep)
	}
}

// What becomes of a request has a word for each outcome.
func TestOutcomes(t *testing.T) {
	refused := func(code frame.RefusalCode) desk.Outcome {
		return desk.Outcome{Refusal: &frame.Refusal{Code: code, Message: "why"}}
	}
	for _, c := range []struct {
		o             desk.Outcome
		outcome, code string
	}{
		{desk.Outcome{Answer: &commdn.DoNotCallProcessed{}}, Done, ""},
		{desk.Outcome{Answer: &commdn.Fault{}}, Fault, ""},
		{desk.Outcome{Answer: &commdn.RecordCanceled{}}, Done, ""},
		{desk.Outcome{Answer: &commdn.RecordCanceled{Message: "on desktop"}}, Incomplete, ""},
		{refused(frame.RefusedNoAnswer), Refused, "no-answer"},
		{refused(frame.RefusedForbidden), Refused, "forbidden"},
		{refused(frame.RefusedUndone), Undone, ""},
	} {
		e := entryOf(&desk.Deed{Kind: desk.DeedEnded, Request: &commdn.DoNotCall{Phone: "1"}, Outcome: c.o})
		if e.Outcome != c.outcome || e.Code != c.code {
			t.Errorf("%+v: %q %q", c, e.Outcome, e.Code)
		}
	}
}

// Several relays append to one chain, and none of their entries is lost.
func TestSeveralRelays(t *testing.T) {
	r := start(t)
	o := options(r.journal)
	o.Relay = "two"
	other, err := Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	const each = 200
	var running sync.WaitGroup
	for _, l := range []*Log{r.Log, other} {
		for range 8 {
			running.Go(func() {
				for range each / 8 {
					if err := l.Record(t.Context(), dnc("k", "5550100001")); err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	running.Wait()
	by := map[string]int{}
	for _, e := range r.find(Query{Key: "k"}) {
		by[e.Relay]++
	}
	if by["one"] != each || by["two"] != each {
		t.Errorf("%v", by)
	}
	if rep := r.verify(nil); len(rep.Problems) > 0 || rep.Entries != 2*each+1 {
		t.Errorf("%+v", rep)
	}
}

// A block whose acknowledgement was lost is found in its place, and not written twice.
func TestUnsure(t *testing.T) {
	r := start(t)
	b, next, err := r.block(r.now(), []*pending{{e: entryOf(dnc("k1", "5550100001"))}})
	if err != nil {
		t.Fatal(err)
	}
	before := r.now()
	for range 2 {
		message, _, err := r.place(t.Context(), before, b.encode())
		if err != nil || message != before.message+1 {
			t.Fatalf("message %d, %v", message, err)
		}
		next.message = message
	}
	r.adopt(next)
	r.record(dnc("k2", "5550100002"))
	if all := r.find(Query{}); len(all) != 3 {
		t.Errorf("%d entries", len(all))
	}
}

// Denials that come too fast are counted.
func TestManyDenied(t *testing.T) {
	r := start(t)
	const n = deniedBurst + 300
	for range n {
		d := dnc("k", "5550100001")
		d.Kind, d.Answers, d.Sent, d.Outcome = desk.DeedDenied, nil, nil, desk.Outcome{Refusal: &frame.Refusal{Code: frame.RefusedForbidden}}
		r.Note(d)
	}
	for late := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		var written, missed uint64
		for _, e := range r.find(Query{}) {
			if e.Kind == Denied {
				missed += e.Missed
				if e.Key != "" {
					written++
				}
			}
		}
		if written+missed == n && missed > 0 {
			return
		}
		if time.Now().After(late) {
			t.Fatalf("%d written and %d missed of %d", written, missed, n)
		}
	}
}

// After the end nothing is written, and everybody hears so.
func TestClosed(t *testing.T) {
	r := start(t)
	r.Close()
	if err := r.Record(t.Context(), dnc("k1", "1234567")); !errors.Is(err, ErrClosed) {
		t.Errorf("%v", err)
	}
	r.Note(dnc("k2", "1234567"))
}

// A folder whose chain is gone, or another one, is refused; one that lost its last
// blocks says so for ever.
func TestDamaged(t *testing.T) {
	gone := func(r *rig) {
		if err := r.js.DeleteStream(t.Context(), streamBlocks); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name string
		do   func(r *rig)
		want string // of the error; empty: it opens
	}{
		{"the stream is gone", gone, "which was begun here, cannot be opened"},
		{"the stream is empty", func(r *rig) { r.rewrite(nil) }, "has no entries"},
		{"the stream was emptied", func(r *rig) {
			if err := r.blocks.Purge(t.Context()); err != nil {
				t.Fatal(err)
			}
		}, "removed by hand"},
		{"another chain", func(r *rig) {
			other := start(t)
			r.rewrite(other.messages())
		}, "entries were exchanged"},
		{"another chain, and no marker", func(r *rig) {
			gone(r)
			if err := os.Remove(filepath.Join(r.folder, markerFile)); err != nil {
				t.Fatal(err)
			}
		}, ""},
		{"no block", func(r *rig) { r.rewrite([][]byte{[]byte("x")}) }, "no block of an audit"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := start(t)
			r.dncs(3)
			r.Close()
			c.do(r)
			l, err := Open(t.Context(), options(r.journal))
			if err == nil {
				l.Close()
			}
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v", err)
			}
		})
	}
}

// Blocks that were taken off the end are missed at the next start.
func TestEndTakenOff(t *testing.T) {
	r := start(t)
	r.dncs(5)
	r.Close()
	for _, seq := range []uint64{5, 6} {
		if err := r.blocks.DeleteMsg(t.Context(), seq); err != nil {
			t.Fatal(err)
		}
	}
	l, err := Open(t.Context(), options(r.journal))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if err := l.Record(t.Context(), dnc("k9", "5550100009")); err != nil {
		t.Fatal(err)
	}
	rep, err := l.Verify(t.Context(), nil, nil)
	if err != nil || len(rep.Problems) != 1 || rep.Problems[0].Sequence != 5 || !strings.Contains(rep.Problems[0].What, "behind entry 4") {
		t.Errorf("%v, %+v", err, rep)
	}
}
