package wasm

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/components/session"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// TestEntries: what one program writes of a request, the other one reads.
func TestEntries(t *testing.T) {
	asked, at := time.UnixMilli(1_795_000_000_123), time.UnixMilli(1_795_000_001_456)
	dnc := &commdn.DoNotCall{Address: commdn.Address{Target: 201}, Phone: "555\"\\é☎\x01", CustomerID: "C-1", Chain: commdn.RecordOnly}
	cancel := &commdn.CancelRecord{Phone: "1", Campaign: "Spring"}
	fault := &commdn.Fault{Address: commdn.Address{Origin: 201}, Code: 3, Message: "no such ☎", Phone: "1"}
	for name, e := range map[string]session.Entry{
		"done":         {Req: dnc, Outcome: session.Done},
		"late":         {Req: cancel, Outcome: session.Done, Late: true},
		"refused":      {Req: cancel, Outcome: session.Refused, Err: fault, Answers: []commdn.Message{fault}},
		"relay":        {Req: dnc, Outcome: session.NotSent, Err: &frame.Refusal{Code: frame.RefusedRateLimited, Message: "slower"}},
		"lost":         {Req: dnc, Outcome: session.NoAnswer, Err: &client.NoAnswerError{Sent: true, Err: client.ErrLost}},
		"not sent":     {Req: dnc, Outcome: session.NotSent, Err: &client.NoAnswerError{Err: client.ErrNotConnected}},
		"aborted":      {Req: dnc, Outcome: session.NoAnswer, Err: &client.NoAnswerError{Sent: true, Err: context.Canceled}},
		"own deadline": {Req: dnc, Outcome: session.NoAnswer, Err: &client.NoAnswerError{Sent: true, Err: context.DeadlineExceeded}},
		"busy":         {Req: dnc, Outcome: session.NotSent, Err: client.ErrBusy},
		"expired":      {Req: cancel, Outcome: session.Expired, Err: &client.NoAnswerError{Err: client.ErrExpired}},
		"another":      {Req: dnc, Outcome: session.NotSent, Err: errors.New("strange")},
	} {
		t.Run(name, func(t *testing.T) {
			e.ID, e.Asked, e.At = 7, asked, at
			var err error
			got := read((&fields{err: &err}).of(parse(t, string(written(e))), "entry"))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, e) {
				t.Errorf("got  %+v\nwant %+v", got, e)
			}
		})
	}
}

// TestHandover: a program takes over a connection's requests and what an element shows.
func TestHandover(t *testing.T) {
	first, second := newStand(t), newStand(t)
	first.call("connect", 1, nowhere, false, "en", 0)
	first.call("mount", 2, "commdn-dnc", shadow(t), 1, "en", []any{"phone", "5551234567", "confirm", "off"})
	first.call("request", 1, 1, "doNotCall", parse(t, `{"phone":"5550001"}`), 0)
	first.await("the request", func() bool { return len(first.connections[1].session.Entries()) == 1 })
	if left := Leave(first.plugin); left != "" {
		t.Errorf("a program left with a request in flight: %s", left)
	}
	first.call("abort", 1)
	first.settled()
	left := Leave(first.plugin)

	second.call("connect", 1, nowhere, false, "en", 0)
	second.call("enter", parse(t, left))
	second.call("mount", 2, "commdn-dnc", shadow(t), 1, "en", []any{"phone", "5551234567"})
	second.call("enter", parse(t, "null"))
	entries := second.connections[1].session.Entries()
	if len(entries) != 1 || entries[0].Outcome != session.NotSent || !errors.Is(entries[0].Err, context.Canceled) {
		t.Errorf("the requests are %+v", entries)
	}
	second.call("request", 5, 1, "doNotCall", parse(t, `{"phone":"5550002"}`), 1)
	if result, _ := second.settled(); result["id"] != 2.0 {
		t.Errorf("the next request has the number %v", result["id"])
	}
	for _, s := range []*stand{first, second} {
		if failed := s.take("failed"); len(failed) != 0 {
			t.Errorf("failures: %q", failed)
		}
		s.call("unmount", 2)
		s.call("disconnect", 1)
	}
}

// TestAgentProgram: the agent's program does not know what it does not have.
func TestAgentProgram(t *testing.T) {
	s := newStand(t)
	s.parts.Campaigns = nil
	s.call("connect", 1, nowhere, false, "en", 0)
	t.Cleanup(func() { s.call("disconnect", 1) })
	s.call("watch", 1, "campaign", true)
	s.call("request", 1, 1, "loadCampaign", parse(t, `{}`), 0)
	if _, failure := s.settled(); failure["class"] != "ArgumentError" || !strings.Contains(failure["message"].(string), "is no method") {
		t.Errorf("got %v", failure)
	}
	s.call("enter", parse(t, `{}`))
	if failed := s.take("failed"); len(failed) != 1 || !strings.Contains(failed[0], "no such function") {
		t.Errorf("failures: %q", failed)
	}
}
