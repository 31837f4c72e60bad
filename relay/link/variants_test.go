package link_test

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/link"
)

// The requests of the table, and what OCS says to each.
var asked = []struct {
	name string
	req  func() commdn.Request
	own  commdn.MessageType
	goal commdn.GroupStatus
}{
	{"do-not-call", func() commdn.Request { return &commdn.DoNotCall{Phone: "0034600111222", CustomerID: "Abc"} }, commdn.EvDoNotCallProcessed, -1},
	{"cancel", func() commdn.Request { return &commdn.CancelRecord{Phone: "0034600111222", CustomerID: "Abc"} }, commdn.EvRecordCanceled, -1},
	{"load", func() commdn.Request { c := inGroup; return (*commdn.LoadCampaign)(&c) }, commdn.EvCampaignLoaded, commdn.StatusActive},
	{"start", func() commdn.Request { c := inGroup; return (*commdn.StartDialing)(&c) }, commdn.EvDialingStarted, commdn.StatusRunning},
	{"set mode", func() commdn.Request { c := inGroup; return (*commdn.SetDialingMode)(&c) }, commdn.EvDialingModeChanged, commdn.StatusRunning},
	{"stop", func() commdn.Request {
		return &commdn.StopDialing{Address: toOCS, CampaignGroup: inGroup.CampaignGroup}
	}, commdn.EvDialingStopped, commdn.StatusActive},
	{"unload", func() commdn.Request {
		return &commdn.UnloadCampaign{Address: toOCS, CampaignGroup: inGroup.CampaignGroup}
	}, commdn.EvCampaignUnloaded, commdn.StatusNotLoaded},
	{"force unload", func() commdn.Request {
		return &commdn.ForceUnloadCampaign{Address: toOCS, CampaignGroup: inGroup.CampaignGroup}
	}, commdn.EvCampaignUnloaded, commdn.StatusNotLoaded},
	{"status", func() commdn.Request {
		return &commdn.GetCampaignStatus{Address: toOCS, CampaignGroup: inGroup.CampaignGroup}
	}, commdn.EvCampaignStatus, commdn.StatusRunning},
	{"start a sequence", func() commdn.Request { c := ofSequence; return (*commdn.StartDialing)(&c) }, commdn.EvDialingStarted, commdn.StatusRunning},
	{"status of a sequence", func() commdn.Request {
		return &commdn.GetCampaignStatus{Address: toOCS, CampaignGroup: ofSequence.CampaignGroup, Sequence: ofSequence.Sequence}
	}, commdn.EvCampaignStatus, commdn.StatusRunning},
}

var (
	toOCS    = commdn.Address{Target: 201}
	dialing  = commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	inGroup  = commdn.Control{Address: toOCS, CampaignGroup: commdn.CampaignGroup{Campaign: 1001, Group: 501}, Dialing: dialing}
	sequence = &commdn.Sequence{Description: "x", Items: []commdn.SequenceItem{{Campaign: 1003, Dialing: dialing}, {Campaign: 1004, Dialing: dialing}}}

	ofSequence = commdn.Control{Address: toOCS, CampaignGroup: commdn.CampaignGroup{Group: 501}, Dialing: dialing, Sequence: sequence}
)

// answerTo is the user data of an answer as our simulator gives it.
func answerTo(req commdn.Request, own commdn.MessageType, goal commdn.GroupStatus) tkvlist.List {
	from := commdn.Address{Origin: 201, Target: 101}
	if p, ok := commdn.PersonOf(req); ok {
		if own == commdn.EvDoNotCallProcessed {
			return (&commdn.DoNotCallProcessed{Address: from, Phone: p.Phone, CustomerID: p.CustomerID}).UserData()
		}
		return (&commdn.RecordCanceled{Address: from, Phone: p.Phone, CustomerID: p.CustomerID}).UserData()
	}
	c, _ := commdn.ControlOf(req)
	e := &commdn.CampaignEvent{Address: from, Event: own, CampaignGroup: c.CampaignGroup, Dialing: dialing, Status: goal, HasStatus: true}
	if c.Sequence != nil {
		s := *c.Sequence
		s.Items = slices.Clone(s.Items)
		s.Items[0].Status, s.Items[0].HasStatus = goal, true
		e.Sequence = &s
	}
	return e.UserData()
}

// refusalOf is the user data of a refusal with an echo.
func refusalOf(req commdn.Request) tkvlist.List {
	f := &commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: commdn.ErrorInvalidParameter, Message: "no"}
	if p, ok := commdn.PersonOf(req); ok {
		f.Phone, f.CustomerID = p.Phone, p.CustomerID
	} else {
		c, _ := commdn.ControlOf(req)
		f.CampaignGroup, f.Code = c.CampaignGroup, commdn.ErrorGroupCampNotFound
	}
	return f.UserData()
}

// habit is one way in which an OCS may write an answer. It gives nil where it has
// nothing to say of this one.
type habit struct {
	name   string
	change func(req commdn.Request, l tkvlist.List) tkvlist.List
}

// dropped leaves keys out.
func dropped(keys ...string) func(commdn.Request, tkvlist.List) tkvlist.List {
	return func(_ commdn.Request, l tkvlist.List) tkvlist.List {
		out := each(l, func(p tkvlist.Pair) (tkvlist.Pair, bool) { return p, !slices.Contains(keys, p.Key) })
		if tkvlist.Equal(out, l) {
			return nil
		}
		return out
	}
}

// each changes every pair, nested ones too.
func each(l tkvlist.List, f func(tkvlist.Pair) (tkvlist.Pair, bool)) tkvlist.List {
	var out tkvlist.List
	for _, p := range l {
		p, keep := f(p)
		if !keep {
			continue
		}
		if inner, ok := p.Value.List(); ok {
			p.Value = tkvlist.Nested(each(inner, f))
		}
		out = append(out, p)
	}
	return out
}

func set(key string, v tkvlist.Value) func(commdn.Request, tkvlist.List) tkvlist.List {
	return func(_ commdn.Request, l tkvlist.List) tkvlist.List {
		if _, ok := l.Get(key); !ok {
			return nil
		}
		l = slices.Clone(l)
		l.Set(key, v)
		return l
	}
}

// person changes the echo of a person.
func person(change func(phone, customer string) tkvlist.List) func(commdn.Request, tkvlist.List) tkvlist.List {
	return func(req commdn.Request, l tkvlist.List) tkvlist.List {
		p, ok := commdn.PersonOf(req)
		if !ok {
			return nil
		}
		l = slices.Clone(l)
		l.Set(commdn.KeyProperties, tkvlist.Nested(tkvlist.List{{Key: commdn.KeyDoNotCall, Value: tkvlist.Nested(change(p.Phone, p.CustomerID))}}))
		return l
	}
}

func pairOf(key, s string) tkvlist.Pair { return tkvlist.Pair{Key: key, Value: tkvlist.String(s)} }

var habits = []habit{
	{"as the simulator", func(_ commdn.Request, l tkvlist.List) tkvlist.List { return l }},
	{"no dialing", dropped(commdn.KeyDialMode, commdn.KeyOptimizeBy, commdn.KeyOptimizeGoal)},
	{"no status, none in items", dropped(commdn.KeyGroupCampStatus, commdn.KeyItemStatus)},
	{"status in items alone", dropped(commdn.KeyGroupCampStatus)},
	{"no properties", dropped(commdn.KeyProperties)},
	{"no nItems", dropped(commdn.KeyItems)},
	{"integers as strings", func(_ commdn.Request, l tkvlist.List) tkvlist.List {
		return each(l, func(p tkvlist.Pair) (tkvlist.Pair, bool) {
			if n, ok := p.Value.Int(); ok {
				p.Value = tkvlist.String(strconv.Itoa(int(n)))
			}
			return p, true
		})
	}},
	{"strings as unicode", func(_ commdn.Request, l tkvlist.List) tkvlist.List {
		return each(l, func(p tkvlist.Pair) (tkvlist.Pair, bool) {
			if s, ok := p.Value.Text(); ok {
				p.Value = tkvlist.Unicode(s)
			}
			return p, true
		})
	}},
	{"the error as a string", func(_ commdn.Request, l tkvlist.List) tkvlist.List {
		n, _ := l.Int(commdn.KeyError)
		l = slices.Clone(l)
		l.Set(commdn.KeyError, tkvlist.String(strconv.Itoa(int(n))))
		return l
	}},
	{"target 0", set(commdn.KeyTargetAppID, tkvlist.Int(0))},
	{"no target", dropped(commdn.KeyTargetAppID)},
	{"no origin", dropped(commdn.KeyOriginAppID)},
	{"no addresses", dropped(commdn.KeyOriginAppID, commdn.KeyTargetAppID)},
	{"addresses as in the request", func(_ commdn.Request, l tkvlist.List) tkvlist.List {
		l = slices.Clone(l)
		l.Set(commdn.KeyOriginAppID, tkvlist.Int(101))
		l.Set(commdn.KeyTargetAppID, tkvlist.Int(201))
		return l
	}},
	{"no campaign", dropped(commdn.KeyCampaignID)},
	{"no group", dropped(commdn.KeyGroupID)},
	{"the campaign of the item that runs", func(req commdn.Request, l tkvlist.List) tkvlist.List {
		if c, ok := commdn.ControlOf(req); !ok || c.Sequence == nil {
			return nil
		}
		return set(commdn.KeyCampaignID, tkvlist.Int(1003))(req, dropped(commdn.KeyProperties)(req, l))
	}},
	{"phone with blanks", person(func(phone, customer string) tkvlist.List {
		return tkvlist.List{pairOf(commdn.KeyPhone, "0034 600 111 222"), pairOf(commdn.KeyCustomerID, customer)}
	})},
	{"phone without zeros", person(func(string, string) tkvlist.List { return tkvlist.List{pairOf(commdn.KeyPhone, "34600111222")} })},
	{"national phone", person(func(string, string) tkvlist.List { return tkvlist.List{pairOf(commdn.KeyPhone, "600111222")} })},
	{"phone as an integer", person(func(string, string) tkvlist.List {
		return tkvlist.List{{Key: commdn.KeyPhone, Value: tkvlist.Int(600111222)}}
	})},
	{"another phone of the chain", person(func(_, customer string) tkvlist.List {
		return tkvlist.List{pairOf(commdn.KeyPhone, "915550000"), pairOf(commdn.KeyCustomerID, customer)}
	})},
	{"customer in other case", person(func(_, customer string) tkvlist.List {
		return tkvlist.List{pairOf(commdn.KeyCustomerID, strings.ToUpper(customer))}
	})},
	{"another phone alone", person(func(string, string) tkvlist.List { return tkvlist.List{pairOf(commdn.KeyPhone, "915550000")} })},
}

// outcomeOf says in a word what an answer or refusal is.
func outcomeOf(a *link.Answer, r *frame.Refusal) string {
	switch {
	case r != nil:
		return "unknown"
	case a.Type() == commdn.EvError:
		return "refused"
	}
	return "done"
}

// variant is one answer in one way of writing it, and what became of the request.
type variant struct {
	request, habit, want, got string
	took                      time.Duration
	refusal                   *frame.Refusal
}

// variants asks each request of each OCS.
func variants(t testing.TB) (all []variant) {
	t.Helper()
	r := newRigWith(t, func(*commdn.CampaignEvent) uint64 { return 1 }, 5*time.Second)
	for _, q := range asked {
		for _, h := range habits {
			for _, refused := range []bool{false, true} {
				req := q.req()
				data, want := answerTo(req, q.own, q.goal), "done"
				if refused {
					data, want = refusalOf(req), "refused"
				}
				if data = h.change(req, data); data == nil {
					continue
				}
				var got *link.Answer
				began := time.Now()
				done := make(chan *frame.Refusal, 1)
				go func() {
					done <- r.Ask(context.Background(), link.Call{Request: req, Answer: func(a link.Answer, _ bool) { got = &a }})
				}()
				<-r.wire.sent
				r.wire.come <- data
				v := variant{request: q.name, habit: h.name, want: want, refusal: <-done}
				v.took, v.got = time.Since(began), outcomeOf(got, v.refusal)
				all = append(all, v)
			}
		}
	}
	return all
}

// Whatever a reasonable reading of the vendor's page allows is understood.
func TestVariants(t *testing.T) {
	all := variants(t)
	for _, v := range all {
		if v.got != v.want {
			t.Errorf("%s, %s: %s, want %s (%v)", v.request, v.habit, v.got, v.want, v.refusal)
		}
	}
	if len(all) < 200 {
		t.Errorf("%d variants, want 200", len(all))
	}
}

// BenchmarkVariants prints the table, and how many were settled rightly in under
// 100 ms.
func BenchmarkVariants(b *testing.B) {
	var all []variant
	for b.Loop() {
		all = variants(b)
	}
	right, quick := 0, 0
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "\nREQUEST\tOCS ANSWERS\tWANT\tGOT\tMS")
	for _, v := range all {
		if v.got == v.want {
			right++
			if v.took < 100*time.Millisecond {
				quick++
			}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.1f\n", v.request, v.habit, v.want, v.got, float64(v.took.Microseconds())/1000)
	}
	w.Flush()
	fmt.Printf("%d variants: %d right, %d of them in under 100 ms (aim: all, 95 %%)\n", len(all), right, quick)
}
