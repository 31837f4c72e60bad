package control

import (
	"context"
	"errors"
	"time"
)

// DialingChange changes parts of how a campaign is dialed. A zero field changes
// nothing.
type DialingChange struct {
	Mode       string // the vendor's name
	OptimizeBy string // likewise
	Goal       *int32
}

// ErrDialingUnknown is what DoDialing returns when a part of the dialing is to
// change and the simulator does not tell the rest.
var ErrDialingUnknown = errors.New("control: how the campaign group is dialed is not known")

// DoDialing is Do with a change to how the campaign group is dialed now, in place
// of r.Dialing.
func (c *Client) DoDialing(ctx context.Context, r Control, change DialingChange) (CampaignGroup, error) {
	r.Dialing = nil
	if change == (DialingChange{}) {
		return c.Do(ctx, r)
	}
	now, _, err := c.CampaignGroup(ctx, CampaignGroup{Campaign: r.Campaign, Group: r.Group}.ID())
	if err != nil {
		return CampaignGroup{}, err
	}
	if now.Dialing == nil {
		return now, ErrDialingUnknown
	}
	d := *now.Dialing
	if change.Mode != "" {
		d.Mode = change.Mode
	}
	if change.OptimizeBy != "" {
		d.OptimizeBy = change.OptimizeBy
	}
	if change.Goal != nil {
		d.Goal = *change.Goal
	}
	r.Dialing = &d
	return c.Do(ctx, r)
}

// ChangeClock sets the speed, unless it is nil, and then moves the clock on by
// advance. It gives the clock as it is then.
func (c *Client) ChangeClock(ctx context.Context, speed *float64, advance time.Duration) (now Clock, err error) {
	if speed != nil {
		if now, err = c.SetSpeed(ctx, *speed); err != nil {
			return now, err
		}
	}
	if advance != 0 {
		return c.Advance(ctx, advance)
	}
	return c.Clock(ctx)
}
