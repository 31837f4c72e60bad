package relay

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// wideByHand is byHand behind a T-Server that takes as much user data as any.
func wideByHand(t *testing.T, change func(*Options)) (*rig, *hand) {
	sc := installation(silentOCS(201))
	sc.TServer.MaxUserData = tkvlist.MaxBytes
	r := newRig(t, sc, change)
	return r, r.hand("OCS_by_hand")
}

// ofBytes fills a text so that the user data of a message has so many packed bytes.
func ofBytes(t *testing.T, n int, m func(text string) commdn.Message) commdn.Message {
	t.Helper()
	packed, err := tkvlist.AppendPack(nil, m("x").UserData())
	if err != nil {
		t.Fatal(err)
	}
	return m(strings.Repeat("x", n-len(packed)+1))
}

// longSequence is the status of a sequence of group 501.
func longSequence(items int) *commdn.CampaignEvent {
	e := &commdn.CampaignEvent{
		Address: fromOCS, Event: commdn.EvCampaignStatus, CampaignGroup: commdn.CampaignGroup{Group: 501},
		Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
		Status:  commdn.StatusRunning, HasStatus: true, Sequence: &commdn.Sequence{Description: "a long day", Start: 1700000000},
	}
	for n := range items {
		e.Sequence.Items = append(e.Sequence.Items, commdn.SequenceItem{
			StopAtDials: 9, Campaign: commdn.DBID(n + 1), Dialing: e.Dialing, Status: commdn.StatusActive, HasStatus: true,
		})
	}
	return e
}

// Whatever an OCS answers, as large as a T-Server can be set to: who asked gets
// it in one answer, a text shortened if no frame is long enough for it, and the
// session goes on.
func TestBigAnswers(t *testing.T) {
	t.Parallel()
	r, h := wideByHand(t, nil)
	c := r.session()
	const phone = "5550100001"
	refused := func(text string) commdn.Message {
		return &commdn.Fault{Address: fromOCS, Code: commdn.ErrorInvalidParameter, Phone: phone, Message: text}
	}
	done := func(text string) commdn.Message {
		return &commdn.DoNotCallProcessed{Address: fromOCS, Phone: phone, CustomerID: text}
	}
	number := uint32(0)
	for name, m := range map[string]func(string) commdn.Message{"refused": refused, "done": done} {
		for _, size := range []int{15_986, 15_987, 15_988, 15_999, 16_000, 16_001, 65_535} {
			t.Run(fmt.Sprint(name, " of ", size, " bytes"), func(t *testing.T) {
				number++
				c.request(number, dnc(phone))
				h.request()
				sent := ofBytes(t, size, m)
				h.send(sent.UserData())
				got := c.message(c.next(), frame.KindOutcome, number)
				if size < 65_535 {
					if !reflect.DeepEqual(got, sent) {
						t.Errorf("%s arrived, as %d bytes of text", got.Type(), longest(got))
					}
					return
				}
				if got.Type() != sent.Type() || got.Addr().Origin != 201 || longest(got) < 15_000 || !marked(got) {
					t.Errorf("%s arrived, as %d bytes of text", got.Type(), longest(got))
				}
			})
		}
	}
	number++
	c.request(number, dnc(phone))
	h.request()
	h.send(refused(strings.Repeat("ü", 30_000)).UserData())
	if fault := c.message(c.next(), frame.KindOutcome, number).(*commdn.Fault); !strings.HasSuffix(fault.Message, "ü…") || fault.Code != commdn.ErrorInvalidParameter || fault.Phone != phone {
		t.Errorf("of a text of 60,000 bytes arrived %d, code %v", len(fault.Message), fault.Code)
	}
	c.ping()
}

// longest gives the length of the long text of a message of TestBigAnswers.
func longest(m commdn.Message) int {
	switch m := m.(type) {
	case *commdn.Fault:
		return len(m.Message)
	case *commdn.DoNotCallProcessed:
		return len(m.CustomerID)
	}
	return 0
}

func marked(m commdn.Message) bool {
	switch m := m.(type) {
	case *commdn.Fault:
		return strings.HasSuffix(m.Message, "x…")
	case *commdn.DoNotCallProcessed:
		return strings.HasSuffix(m.CustomerID, "x…")
	}
	return false
}

// A sequence of 300 items reaches who asked, who watches, and who begins to watch
// later, whole and in one piece; and a question about it is asked again, as no
// frame holds the answer.
func TestLongSequence(t *testing.T) {
	t.Parallel()
	r, h := wideByHand(t, nil)
	c, watcher := r.session(), r.session()
	watcher.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()})
	watcher.ping()
	want := longSequence(300)
	whole := func(who string, m commdn.Message) {
		t.Helper()
		if !reflect.DeepEqual(m, want) {
			e, _ := m.(*commdn.CampaignEvent)
			t.Errorf("%s is told another sequence: %v", who, e != nil && e.Sequence != nil && len(e.Sequence.Items) == 300)
		}
	}
	few := &commdn.Sequence{Items: []commdn.SequenceItem{{Campaign: 1, Dialing: want.Dialing}}}
	for number := range uint32(2) {
		c.request(number+1, (&commdn.GetCampaignStatus{CampaignGroup: want.CampaignGroup, Sequence: few}).UserData())
		h.any()
		h.send(want.UserData())
		whole("who asked", c.message(c.next(), frame.KindOutcome, number+1))
		whole("who watches", watcher.told(commdn.StatusRunning))
	}
	late := r.session()
	late.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()})
	whole("who watches later", late.told(commdn.StatusRunning))
	late.ping()

	// What was done comes as it is, and as a status to who watches later.
	want.Event = commdn.EvDialingStarted
	h.send(want.UserData())
	whole("who watches", watcher.told(commdn.StatusRunning))
	want.Event = commdn.EvCampaignStatus
	last := r.session()
	last.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()})
	whole("who watches last", last.told(commdn.StatusRunning))
	c.ping()
	watcher.ping()
}

// Who does not read keeps of a long status the newest alone, with all its parts.
func TestLongSequenceIsReplaced(t *testing.T) {
	t.Parallel()
	r, h := wideByHand(t, func(o *Options) { o.Settings.Limits.Queue = 4 })
	c := r.session()
	c.send(frame.Frame{Kind: frame.KindSubscribe, Body: frame.Subscribe{On: true}.Body()})
	c.ping()
	e := longSequence(300)
	const times = 200 // 9 MB
	for n := range times {
		e.Sequence.Description = fmt.Sprint("day ", n+1)
		h.send(e.UserData())
	}
	for n := 1; ; n++ {
		got := c.told(commdn.StatusRunning)
		if len(got.Sequence.Items) != 300 {
			t.Fatalf("%d items", len(got.Sequence.Items))
		}
		if got.Sequence.Description == e.Sequence.Description {
			break
		}
		if n == times {
			t.Fatal("the last one did not come")
		}
	}
	c.ping()
}
