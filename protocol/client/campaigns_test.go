package client

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var autumn = commdn.CampaignGroup{Campaign: 1001, Group: 501}

func event(t commdn.MessageType, s commdn.GroupStatus) *commdn.CampaignEvent {
	return &commdn.CampaignEvent{
		Address: commdn.Address{Origin: 201, Target: 101}, Event: t, CampaignGroup: autumn, Status: s, HasStatus: true,
		Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
	}
}

// TestCampaignRequests: each typed method sends its message and gives the
// event that answers it.
func TestCampaignRequests(t *testing.T) {
	dialing := commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}
	for _, test := range []struct {
		request, answer commdn.MessageType
		call            func(context.Context, *Client) (*commdn.CampaignEvent, error)
	}{
		{commdn.ReqLoadCampaign, commdn.EvCampaignLoaded, func(ctx context.Context, c *Client) (*commdn.CampaignEvent, error) {
			return c.LoadCampaign(ctx, commdn.LoadCampaign{CampaignGroup: autumn, Dialing: dialing})
		}},
		{commdn.ReqUnloadCampaign, commdn.EvCampaignUnloaded, func(ctx context.Context, c *Client) (*commdn.CampaignEvent, error) {
			return c.UnloadCampaign(ctx, commdn.UnloadCampaign{CampaignGroup: autumn})
		}},
		{commdn.ReqForceUnloadCampaign, commdn.EvCampaignUnloaded, func(ctx context.Context, c *Client) (*commdn.CampaignEvent, error) {
			return c.ForceUnloadCampaign(ctx, commdn.ForceUnloadCampaign{CampaignGroup: autumn})
		}},
		{commdn.ReqStartDialing, commdn.EvDialingStarted, func(ctx context.Context, c *Client) (*commdn.CampaignEvent, error) {
			return c.StartDialing(ctx, commdn.StartDialing{CampaignGroup: autumn, Dialing: dialing})
		}},
		{commdn.ReqStopDialing, commdn.EvDialingStopped, func(ctx context.Context, c *Client) (*commdn.CampaignEvent, error) {
			return c.StopDialing(ctx, commdn.StopDialing{CampaignGroup: autumn})
		}},
		{commdn.ReqSetDialingMode, commdn.EvDialingModeChanged, func(ctx context.Context, c *Client) (*commdn.CampaignEvent, error) {
			return c.SetDialingMode(ctx, commdn.SetDialingMode{CampaignGroup: autumn, Dialing: dialing})
		}},
		{commdn.ReqGetCampaignStatus, commdn.EvCampaignStatus, func(ctx context.Context, c *Client) (*commdn.CampaignEvent, error) {
			return c.GetCampaignStatus(ctx, commdn.GetCampaignStatus{CampaignGroup: autumn})
		}},
	} {
		t.Run(test.request.String(), func(t *testing.T) {
			connected(t, Options{}, func(t *testing.T, _ *relay, c *Client, p *peer) {
				type outcome struct {
					event *commdn.CampaignEvent
					err   error
				}
				done := make(chan outcome, 2)
				ask := func() {
					e, err := test.call(t.Context(), c)
					done <- outcome{e, err}
				}
				go ask()
				f := p.recv(t)
				r, err := commdn.DecodeRequest(frame.ReadRequest(f.Body).Data)
				if err != nil || r.Type() != test.request {
					t.Fatalf("sent %v, %v", r, err)
				}
				p.answer(t, frame.KindOutcome, f.Number, event(test.answer, commdn.StatusActive))
				if o := <-done; o.err != nil || o.event == nil || o.event.Event != test.answer {
					t.Errorf("got %+v, %v", o.event, o.err)
				}
				go ask()
				p.answer(t, frame.KindOutcome, p.recv(t).Number, &commdn.Fault{Address: commdn.Address{Origin: 201, Target: 101}, Code: commdn.ErrorGroupCampNotFound})
				o := <-done
				if fault, ok := errors.AsType[*commdn.Fault](o.err); !ok || fault.Code != commdn.ErrorGroupCampNotFound || o.event != nil {
					t.Errorf("got %+v, %v", o.event, o.err)
				}
			})
		})
	}
}

// TestCampaignControlIsNotReplayed: a start that arrives an hour late would be
// dangerous.
func TestCampaignControlIsNotReplayed(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		done := make(chan error, 1)
		go func() {
			_, err := c.StopDialing(t.Context(), commdn.StopDialing{CampaignGroup: autumn})
			done <- err
		}()
		p.recv(t)
		p.drop(frame.CloseGoingAway)
		checkNoAnswer(t, <-done, ErrLost, true)
		_, err := c.StopDialing(t.Context(), commdn.StopDialing{CampaignGroup: autumn})
		checkNoAnswer(t, err, ErrNotConnected, false)
		r.accept(t).quiet(t)
	})
}

func TestCancelRecord(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, _ *relay, c *Client, p *peer) {
		done := make(chan result, 1)
		go func() {
			answers, err := c.CancelRecord(t.Context(), commdn.CancelRecord{Phone: "555"})
			done <- result{answers, err}
		}()
		p.answer(t, frame.KindOutcome, p.recv(t).Number, &commdn.RecordCanceled{
			Address: commdn.Address{Origin: 201, Target: 101}, Phone: "555", Message: "Incomplete processing: record(s) on desktop",
		})
		res := <-done
		if res.err != nil || len(res.answers) != 1 || !res.answers[0].(*commdn.RecordCanceled).Incomplete() {
			t.Errorf("got %+v", res)
		}
	})
}

// TestWatchCampaigns: the relay is told once that somebody watches, again on
// the next connection, and when nobody does any more.
func TestWatchCampaigns(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		subscribed := func(p *peer) bool {
			t.Helper()
			f := p.recv(t)
			if f.Kind != frame.KindSubscribe {
				t.Fatalf("frame is %v, want subscribe", f.Kind)
			}
			return frame.ReadSubscribe(f.Body).On
		}
		news := frame.Frame{Kind: frame.KindNotification, Body: event(commdn.EvCampaignStatus, commdn.StatusRunning).UserData()}
		p.send(t, news) // nobody asked for it
		synctest.Wait()
		var first, second int
		stopFirst := c.WatchCampaigns(func(e *commdn.CampaignEvent) {
			if e.CampaignGroup == autumn && e.Status == commdn.StatusRunning {
				first++
			}
		})
		if !subscribed(p) {
			t.Error("not subscribed")
		}
		stopSecond := c.WatchCampaigns(func(*commdn.CampaignEvent) { second++ })
		if !subscribed(p) {
			t.Error("not subscribed again for what the second watch has not heard")
		}
		p.quiet(t)
		p.send(t, news)
		p.send(t, frame.Frame{Kind: frame.KindNotification, Body: (&commdn.Fault{}).UserData()})
		p.send(t, frame.Frame{Kind: frame.KindNotification})
		synctest.Wait()
		stopSecond()
		p.quiet(t)
		p.send(t, news)
		synctest.Wait()
		if first != 2 || second != 1 {
			t.Errorf("told %d and %d times", first, second)
		}
		p.drop(frame.CloseGoingAway)
		p = r.accept(t)
		if !subscribed(p) {
			t.Error("not subscribed again")
		}
		for range 2 { // it was told what it knows already: that is no harm
			p.send(t, news)
			p.send(t, news)
		}
		synctest.Wait()
		if first != 6 || second != 1 {
			t.Errorf("told %d and %d times", first, second)
		}
		stopFirst()
		if subscribed(p) {
			t.Error("still subscribed")
		}
		c.WatchCampaigns(func(*commdn.CampaignEvent) {})() // the relay hears of it, or not
		on := false
		for synctest.Wait(); len(p.toRelay) > 0; {
			on = subscribed(p)
		}
		if on {
			t.Error("subscribed for nobody")
		}
	})
}

func TestDirectory(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		p := r.accept(t)
		told := 0
		stop := c.WatchDirectory(func() { told++ })
		done := make(chan frame.Directory, 1)
		go func() {
			d, err := c.Directory(t.Context())
			if err != nil {
				t.Error(err)
			}
			done <- d
		}()
		var names frame.Directory
		for i := range 200 {
			names.Campaigns = append(names.Campaigns, frame.Named{DBID: commdn.DBID(i), Name: string(make([]byte, 200))})
		}
		bodies := names.Bodies()
		for i, body := range bodies {
			synctest.Wait()
			if i > 0 && len(done) > 0 {
				t.Error("told before it was complete")
			}
			p.send(t, frame.Frame{Kind: frame.KindDirectory, Body: body})
		}
		if d := <-done; len(d.Campaigns) != 200 || len(bodies) < 2 {
			t.Errorf("%d campaigns in %d frames", len(d.Campaigns), len(bodies))
		}
		p.send(t, frame.Frame{Kind: frame.KindDirectory}) // a later one replaces it
		synctest.Wait()
		if d, err := c.Directory(t.Context()); err != nil || len(d.Campaigns) != 0 || told != 2 {
			t.Errorf("%+v, %v, told %d times of two directories", d, err, told)
		}
		stop()
		p.send(t, frame.Frame{Kind: frame.KindDirectory})
		synctest.Wait()
		if told != 2 {
			t.Error("told after the watch had ended")
		}
	})
}

func TestNoDirectory(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, _ *relay, c *Client, p *peer) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Directory(ctx)
		checkNoAnswer(t, err, context.DeadlineExceeded, false)
		p.drop(frame.CloseMalformed) // final
		_, err = c.Directory(t.Context())
		if closed, ok := errors.AsType[*frame.CloseError](err); !ok || closed.Code != frame.CloseMalformed {
			t.Errorf("error %v", err)
		}
	})
}
