package client

import (
	"reflect"
	"testing"
	"testing/synctest"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// TestWatchHistory: who watches campaigns alone asks for no history; with a
// watch of it the relay is asked for both, also on the next connection, and for
// no more of it when that watch ends.
func TestWatchHistory(t *testing.T) {
	past := frame.History{Groups: []frame.GroupHistory{{
		CampaignGroup: frame.CampaignGroup{Campaign: 1001, Group: 501, OCS: 201},
		Changes:       []frame.Change{{Status: commdn.StatusRunning, Since: 7}, {Status: frame.StatusUnknown, Since: 9}},
	}}}
	told := frame.Frame{Kind: frame.KindHistory, Body: past.Bodies()[0]}
	connected(t, Options{}, func(t *testing.T, r *relay, c *Client, p *peer) {
		asked := func(p *peer, want frame.Subscribe) {
			t.Helper()
			if f := p.recv(t); f.Kind != frame.KindSubscribe || frame.ReadSubscribe(f.Body) != want {
				t.Fatalf("the client sent %v %v, want %+v", f.Kind, f.Body, want)
			}
			p.quiet(t)
		}
		p.send(t, told) // nobody asked for it
		events := 0
		stopCampaigns := c.WatchCampaigns(func(*commdn.CampaignEvent) { events++ })
		asked(p, frame.Subscribe{On: true})
		p.send(t, told)
		synctest.Wait()
		var got []frame.History
		stop := c.WatchHistory(func(h frame.History) { got = append(got, h) })
		asked(p, frame.Subscribe{On: true, History: true})
		second := 0
		stopSecond := c.WatchHistory(func(frame.History) { second++ })
		asked(p, frame.Subscribe{On: true, History: true}) // for what the second one has not heard
		p.send(t, told)
		p.send(t, frame.Frame{Kind: frame.KindNotification, Body: event(commdn.EvCampaignStatus, commdn.StatusRunning).UserData()})
		synctest.Wait()
		if !reflect.DeepEqual(got, []frame.History{past}) || second != 1 || events != 1 {
			t.Errorf("told %+v, %d times and of %d events", got, second, events)
		}
		stopSecond()
		stopCampaigns()
		p.quiet(t)
		p.drop(frame.CloseGoingAway)
		p = r.accept(t)
		asked(p, frame.Subscribe{On: true, History: true})
		p.send(t, frame.Frame{Kind: frame.KindHistory, Body: tkvlist.List{{Key: "new", Value: tkvlist.Int(1)}}})
		synctest.Wait()
		if len(got) != 2 || got[1].Groups != nil || second != 1 {
			t.Errorf("told %+v and %d times", got, second)
		}
		stopCampaigns = c.WatchCampaigns(func(*commdn.CampaignEvent) {})
		asked(p, frame.Subscribe{On: true, History: true})
		stop()
		asked(p, frame.Subscribe{On: true})
		p.send(t, told)
		stopCampaigns()
		asked(p, frame.Subscribe{})
		if len(got) != 2 {
			t.Errorf("told after the end: %+v", got)
		}
	})
}
