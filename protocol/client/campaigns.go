package client

import (
	"context"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// The requests about campaigns give the event that answered them; their errors
// are those of Do. None but GetCampaignStatus is repeatable: with no connection
// they fail at once, and one that was under way when the connection broke has
// an unknown outcome, which GetCampaignStatus tells.

// LoadCampaign loads a campaign for a group, or a campaign sequence.
func (c *Client) LoadCampaign(ctx context.Context, req commdn.LoadCampaign) (*commdn.CampaignEvent, error) {
	return c.campaign(ctx, &req)
}

// UnloadCampaign unloads it when the calls in progress have ended.
func (c *Client) UnloadCampaign(ctx context.Context, req commdn.UnloadCampaign) (*commdn.CampaignEvent, error) {
	return c.campaign(ctx, &req)
}

// ForceUnloadCampaign unloads it without waiting for calls in progress.
func (c *Client) ForceUnloadCampaign(ctx context.Context, req commdn.ForceUnloadCampaign) (*commdn.CampaignEvent, error) {
	return c.campaign(ctx, &req)
}

// StartDialing starts dialing a loaded campaign.
func (c *Client) StartDialing(ctx context.Context, req commdn.StartDialing) (*commdn.CampaignEvent, error) {
	return c.campaign(ctx, &req)
}

// StopDialing stops dialing; the campaign stays loaded.
func (c *Client) StopDialing(ctx context.Context, req commdn.StopDialing) (*commdn.CampaignEvent, error) {
	return c.campaign(ctx, &req)
}

// SetDialingMode changes mode and goal of a running campaign.
func (c *Client) SetDialingMode(ctx context.Context, req commdn.SetDialingMode) (*commdn.CampaignEvent, error) {
	return c.campaign(ctx, &req)
}

// GetCampaignStatus asks for the status of a campaign group or sequence.
func (c *Client) GetCampaignStatus(ctx context.Context, req commdn.GetCampaignStatus) (*commdn.CampaignEvent, error) {
	return c.campaign(ctx, &req)
}

// CancelRecord cancels the records of a phone or customer; see Do. An answer
// may be a *commdn.RecordCanceled that is Incomplete.
func (c *Client) CancelRecord(ctx context.Context, req commdn.CancelRecord) ([]commdn.Message, error) {
	return c.do(ctx, "", &req, 0, commdn.DecodePersonAnswer, nil)
}

func (c *Client) campaign(ctx context.Context, req commdn.Request) (*commdn.CampaignEvent, error) {
	answers, err := c.Do(ctx, req)
	for _, m := range answers {
		if e, ok := m.(*commdn.CampaignEvent); ok {
			return e, err
		}
	}
	return nil, err
}

// WatchCampaigns calls f with each event about a campaign that OCS sends, asked
// for or not, from the client's own goroutine: f must not block and must not
// call Do or Close. Events that come while there is no connection are missed.
// When a watch begins, and on each new connection, the relay tells what it last
// knew of each campaign group; so every watch may hear of a state several times.
// It returns a function that ends the watch; one call of f may still be under
// way, or about to begin, when that returns.
func (c *Client) WatchCampaigns(f func(*commdn.CampaignEvent)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextWatch++
	id := c.nextWatch
	if c.campaigns == nil {
		c.campaigns = map[int]func(*commdn.CampaignEvent){}
	}
	c.campaigns[id] = f
	c.notified = c.campaignEvent
	c.table.again = true
	nudge(c.wake)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.campaigns, id)
		nudge(c.wake)
	}
}

// campaignEvent is what notified is set to by the first watch, so that a
// browser without one does not link the messages about campaigns.
func (c *Client) campaignEvent(userData tkvlist.List) {
	m, err := commdn.DecodeEvent(userData)
	e, ok := m.(*commdn.CampaignEvent)
	if err != nil || !ok {
		return
	}
	c.mu.Lock()
	watches := make([]func(*commdn.CampaignEvent), 0, len(c.campaigns))
	for _, f := range c.campaigns {
		watches = append(watches, f)
	}
	c.mu.Unlock()
	for _, f := range watches {
		f(e)
	}
}

// WatchHistory calls f with what campaign groups did before a watch began, from
// the client's own goroutine and by the rules of WatchCampaigns, on each new
// connection too. It comes in parts, and of what the relay missed later, while
// its link was down, it tells when that happens; frame.History says what a part
// takes the place of. A relay that knows no histories tells nothing. It returns
// a function that ends the watch, like that of WatchCampaigns.
func (c *Client) WatchHistory(f func(frame.History)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.nextWatch++
	id := c.nextWatch
	if c.histories == nil {
		c.histories = map[int]func(tkvlist.List){}
	}
	c.histories[id] = func(l tkvlist.List) { f(frame.ReadHistory(l)) }
	c.table.again = true
	nudge(c.wake)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.histories, id)
		nudge(c.wake)
	}
}

func (c *Client) history(l tkvlist.List) {
	c.mu.Lock()
	watches := make([]func(tkvlist.List), 0, len(c.histories))
	for _, f := range c.histories {
		watches = append(watches, f)
	}
	c.mu.Unlock()
	for _, f := range watches {
		f(l)
	}
}

// nextSubscribe gives the frame that brings the relay's view of our watches up
// to date, or nil where it is.
func (c *Client) nextSubscribe() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	past := len(c.histories) > 0
	want := frame.Subscribe{On: past || len(c.campaigns) > 0, History: past}
	if want == c.table.subscribed && !(want.On && c.table.again) {
		return nil, nil
	}
	c.table.subscribed, c.table.again = want, false
	return pack(frame.KindSubscribe, 0, want.Body())
}
