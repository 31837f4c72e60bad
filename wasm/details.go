//go:build js && wasm

package wasm

import (
	"strconv"

	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/vocab"
)

// The details for a host page, as JSON. web/commdn.d.ts has their types.

// statusDetail is Status.
func statusDetail(s client.Status) []byte {
	link, identity, d := object{}, object{}, object{}
	link.bool("up", s.State == client.Connected && s.Link.Up)
	link.text("since", ui.ISOSeconds(s.Link.Since))
	link.text("reason", s.Link.Reason)
	identity.text("name", s.Identity.Name)
	identity.raw("roles", value(s.Identity.Roles))
	identity.text("expires", ui.ISOSeconds(s.Identity.Expires))
	d.text("state", s.State.String())
	d.text("since", ui.ISO(s.Since))
	failure := ""
	if s.Err != nil {
		failure = s.Err.Error()
	}
	d.text("error", failure)
	unkept := ""
	if s.Unkept != nil {
		unkept = s.Unkept.Error()
	}
	d.text("unkept", unkept)
	d.text("relay", s.Relay)
	d.text("session", s.Session)
	d.raw("ocs", array(len(s.OCS), func(i int) []byte { return strconv.AppendInt(nil, int64(s.OCS[i]), 10) }))
	d.raw("link", link.json())
	d.bool("cancelByCustomer", s.CancelByCustomer)
	d.raw("identity", identity.json())
	return d.json()
}

// entry is ResultDetail.
func (conn *connection) entry(e session.Entry) []byte {
	d := object{}
	for k, v := range ui.Detail(conn.lang, e) {
		d.raw(k, value(v))
	}
	if conn.more != nil {
		conn.more.answered(&d, e)
	}
	return d.json()
}

// eventDetail is CampaignEvent.
func eventDetail(e *commdn.CampaignEvent) []byte {
	d := object{}
	d.text("name", e.Event.String())
	keyDetail(&d, session.GroupKey{OCS: e.Origin, Campaign: e.Campaign, Group: e.Group})
	if state, ok := e.State(); ok {
		stateDetail(&d, state)
	}
	dialingDetail(&d, e.Dialing, e.AutoCompletion)
	if e.Sequence != nil {
		d.raw(vocab.Sequence, value(ui.SequenceDetail(e.Sequence)))
	}
	return d.json()
}

// groupDetail is CampaignStatus. The status is session.Unknown where OCS does not say it.
func groupDetail(g *session.Group) []byte {
	status := g.Status
	if !g.Known {
		status = session.Unknown
	}
	d := object{}
	keyDetail(&d, g.Key)
	d.text("campaignName", g.CampaignName)
	d.text("groupName", g.GroupName)
	stateDetail(&d, status)
	d.text("since", ui.ISO(g.Since()))
	dialingDetail(&d, g.Dialing, g.AutoCompletion)
	return d.json()
}

func keyDetail(d *object, k session.GroupKey) {
	d.int(vocab.Target, int(k.OCS))
	d.int(vocab.Campaign, int(k.Campaign))
	d.int(vocab.Group, int(k.Group))
}

func stateDetail(d *object, s commdn.GroupStatus) {
	d.int(vocab.Status, int(s))
	d.text(vocab.StatusName, s.String())
}

func dialingDetail(d *object, how commdn.Dialing, c commdn.AutoCompletion) {
	d.raw(vocab.Dialing, value(ui.DialingDetail(&how)))
	if c != commdn.AutoCompletionUnset {
		d.bool(vocab.AutoCompletion, c == commdn.AutoCompletionOn)
	}
}

// directoryDetail is Directory.
func directoryDetail(from frame.Directory) []byte {
	d := object{}
	named := func(name string, list []frame.Named) {
		d.raw(name, array(len(list), func(i int) []byte {
			o := object{}
			o.int("dbid", int(list[i].DBID))
			o.text("name", list[i].Name)
			return o.json()
		}))
	}
	named("campaigns", from.Campaigns)
	named("groups", from.Groups)
	d.raw("campaignGroups", array(len(from.CampaignGroups), func(i int) []byte {
		g, o := from.CampaignGroups[i], object{}
		keyDetail(&o, session.GroupKey{OCS: g.OCS, Campaign: g.Campaign, Group: g.Group})
		return o.json()
	}))
	return d.json()
}
