package client

import (
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// sendAll sends a frame in as many messages as it needs, and tells how many.
func (p *peer) sendAll(t *testing.T, f frame.Frame) int {
	t.Helper()
	m, err := f.Message()
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range m.Parts {
		p.toClient <- part
	}
	p.toClient <- m.Frame
	synctest.Wait()
	return len(m.Parts) + 1
}

func longSequence(group commdn.DBID) *commdn.CampaignEvent {
	e := &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 7, Target: 101}, Event: commdn.EvCampaignStatus,
		CampaignGroup: commdn.CampaignGroup{Group: group}, Status: commdn.StatusRunning, HasStatus: true,
		Sequence: &commdn.Sequence{Description: strings.Repeat("d", 10_000)},
	}
	for n := range 300 {
		e.Sequence.Items = append(e.Sequence.Items, commdn.SequenceItem{
			Campaign: commdn.DBID(n + 1), Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
			Status: commdn.StatusActive, HasStatus: true,
		})
	}
	return e
}

// What comes in parts is told once, whole; other frames go on as before.
func TestParts(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, _ *relay, c *Client, p *peer) {
		var events []*commdn.CampaignEvent
		stop := c.WatchCampaigns(func(e *commdn.CampaignEvent) { events = append(events, e) })
		defer stop()
		p.recv(t) // subscribe
		news := longSequence(502)
		if n := p.sendAll(t, frame.Frame{Kind: frame.KindNotification, Body: news.UserData()}); n < 3 {
			t.Fatalf("%d messages", n)
		}
		if len(events) != 1 || !reflect.DeepEqual(events[0], news) {
			t.Fatalf("%d events, or another one", len(events))
		}

		answer := longSequence(501)
		var told []Event
		settled := make(chan result, 1)
		few := commdn.Sequence{Items: slices.Clone(answer.Sequence.Items[:1])}
		few.Items[0].HasStatus, few.Items[0].Status = false, 0
		ask := &commdn.GetCampaignStatus{Address: commdn.Address{Target: 7}, CampaignGroup: answer.CampaignGroup, Sequence: &few}
		go func() {
			answers, err := c.Follow(t.Context(), ask, func(e Event) { told = append(told, e) })
			settled <- result{answers, err}
		}()
		number := p.recv(t).Number
		p.sendAll(t, frame.Frame{Kind: frame.KindAnswer, Number: number, Body: frame.Answer{Data: answer.UserData()}.Body()})
		p.sendAll(t, frame.Frame{Kind: frame.KindOutcome, Number: number, Body: frame.Outcome{Data: answer.UserData()}.Body()})
		got := <-settled
		if want := []commdn.Message{answer, answer}; got.err != nil || !reflect.DeepEqual(got.answers, want) || len(told) != 2 {
			t.Errorf("%d answers and %d events, %v", len(got.answers), len(told), got.err)
		}
	})
}

// A connection that breaks between two parts leaves nothing to the next one.
func TestPartsOfALostConnection(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		done := do(t.Context(), c, dnc("5"))
		n, _ := p.request(t)
		p.send(t, frame.Frame{Kind: frame.KindPart, Number: n, Body: frame.Outcome{Data: processed(8, "6").UserData()}.Body()})
		p.drop(frame.CloseGoingAway)
		p = r.accept(t)
		p.answer(t, frame.KindOutcome, p.resume(t, 1)[0], processed(7, "5"))
		if got := <-done; got.err != nil || !reflect.DeepEqual(got.answers, []commdn.Message{processed(7, "5")}) {
			t.Errorf("%v, %v", got.answers, got.err)
		}
	})
}

// A relay that never ends a body loses the connection, not the client's memory.
func TestPartsWithoutEnd(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, _ *relay, c *Client, p *peer) {
		for range frame.MaxParts + 1 {
			p.send(t, frame.Frame{Kind: frame.KindPart})
		}
		synctest.Wait()
		if n, _ := p.closedByClient(); n == 0 {
			t.Error("the client still reads")
		}
	})
}
