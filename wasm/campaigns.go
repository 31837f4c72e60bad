//go:build js && wasm

package wasm

import (
	"context"

	"github.com/hack-pad/safejs"

	"commdn/components/session"
	"commdn/protocol/commdn"
)

// Supervisor is what handles can do with campaigns, for the program that has it. An
// agent's page does not download it.
type Supervisor interface {
	// request reads a request of one of the controls, nil for another method.
	request(method string, f *fields, at commdn.Address) commdn.Request
	// answered adds OCS's answer to a ResultDetail.
	answered(d *object, e session.Entry)
	// directory is the method of that name.
	directory(ctx context.Context, conn *connection) (result, failure []byte)
	// watch follows a change of what the host page listens to.
	watch(p *plugin, conn *connection, event string, on bool)
	// changed reports what the host page listens to.
	changed(p *plugin, conn *connection, change session.Change)
	// enter takes over from the agent's program.
	enter(p *plugin, left safejs.Value) error
}

// Campaigns is the Supervisor.
func Campaigns() Supervisor { return campaigns{} }

type campaigns struct{}

func (campaigns) request(method string, f *fields, at commdn.Address) commdn.Request {
	return readCampaign(method, f, at)
}

// answered adds event, if the answer is an event about a campaign.
func (campaigns) answered(d *object, e session.Entry) {
	for _, m := range e.Answers {
		if m, ok := m.(*commdn.CampaignEvent); ok {
			d.raw("event", eventDetail(m))
			return
		}
	}
}

func (campaigns) directory(ctx context.Context, conn *connection) (result, failure []byte) {
	d, err := conn.client.Directory(ctx)
	if err != nil {
		return nil, conn.failure(session.Entry{Err: err})
	}
	return directoryDetail(d), nil
}

func (campaigns) watch(p *plugin, conn *connection, event string, on bool) {
	w := conn.wanted
	wanted := w["campaign"] || w["sequence"] || w["directory"]
	switch {
	case wanted && conn.campaigns == nil:
		conn.campaigns = conn.session.WatchCampaigns()
	case !wanted && conn.campaigns != nil:
		conn.campaigns()
		conn.campaigns = nil
	}
	if on && event == "campaign" {
		for _, g := range conn.session.Groups() {
			p.group(conn, &g)
		}
	}
	if on && event == "directory" {
		conn.listed = false
		p.directory(conn)
	}
}

// directory reports the directory, but not that there is none yet.
func (p *plugin) directory(conn *connection) {
	d := conn.session.Directory()
	conn.listed = conn.listed || len(d.CampaignGroups)+len(d.Campaigns)+len(d.Groups) > 0
	if conn.listed {
		p.event(conn, "directory", directoryDetail(d))
	}
}

func (campaigns) changed(p *plugin, conn *connection, change session.Change) {
	switch w := conn.wanted; {
	case change.Kind == session.CampaignChanged && w["campaign"]:
		if g, ok := conn.session.Group(change.Group); ok {
			p.group(conn, &g)
		}
	case change.Kind == session.CampaignsChanged && w["directory"]:
		p.directory(conn)
	case change.Kind == session.SequenceChanged && w["sequence"]:
		if e := conn.session.Sequence(change.Group); e != nil {
			p.event(conn, "sequence", eventDetail(e))
		}
	}
}

// group reports the state of a campaign group once OCS has told one, and that it does not
// say it any more.
func (p *plugin) group(conn *connection, g *session.Group) {
	n := len(g.Past)
	if g.Known || conn.session.Fresh() && n > 1 && g.Past[n-1].Status == session.Unknown {
		p.event(conn, "campaign", groupDetail(g))
	}
}
