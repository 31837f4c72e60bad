package ui

import (
	"commdn/components/lang"
	"commdn/components/session"
	"commdn/protocol/commdn"
	"commdn/protocol/vocab"
)

// Detail is the detail of a request in events and results for a host page. Its words are
// part of the API (commdn.d.ts): request is the message type's name, state the Outcome,
// time the begin of that state in ISO 8601. A settled request has ok and ocs, a failed one
// message, code and name, and one with a late answer late.
func Detail(l *lang.Language, e session.Entry) map[string]any {
	d := map[string]any{
		"id": e.ID, "request": e.Req.Type().String(), "state": string(e.Outcome),
		"asked": ISO(e.Asked), "time": ISO(e.At),
	}
	RequestDetail(d, e.Req)
	if e.Kept {
		d["kept"] = true
	}
	if e.Earlier {
		d["earlier"] = true
	}
	if e.Outcome == session.Queued {
		d["queued"], d["since"] = e.Queued.Reason.String(), ISOSeconds(e.Queued.Since)
	}
	if e.UnderWay() {
		return d
	}
	d["ok"] = e.OK()
	if e.Late {
		d["late"] = true
	}
	if e.Err != nil {
		d["message"] = Why(l, e.Err).String()
	}
	if fault := e.Fault(); fault != nil {
		d["code"], d["name"] = int(fault.Code), fault.Code.String()
	}
	if refusal := e.Refusal(); refusal != nil {
		d["refusal"] = refusal.Code.String()
	}
	ocs := []any{}
	for _, m := range e.Answers {
		one := map[string]any{"dbid": int(m.Addr().Origin), "ok": true}
		if phone := PhoneOf(m); phone != "" {
			one["phone"] = phone
		}
		switch m := m.(type) {
		case *commdn.Fault:
			one["ok"], one["code"], one["name"], one["message"] = false, int(m.Code), m.Code.String(), m.Message
		case *commdn.RecordCanceled:
			one["incomplete"] = m.Incomplete()
		}
		ocs = append(ocs, one)
	}
	d["ocs"] = ocs
	return d
}

// RequestDetail adds the subject of a request.
func RequestDetail(d map[string]any, req commdn.Request) {
	if p, ok := commdn.PersonOf(req); ok {
		d["phone"], d["customerId"], d["chain"] = p.Phone, p.CustomerID, string(p.Chain)
		if req.Type() == commdn.ReqCancelRecord {
			d["campaignName"] = p.Campaign
		}
	} else if key, ok := session.About(req); ok {
		d[vocab.Target], d[vocab.Campaign], d[vocab.Group] = int(key.OCS), int(key.Campaign), int(key.Group)
	}
}

// SequenceDetail is a sequence in the form of host pages and of their requests. It
// includes the states of items if OCS reported them.
func SequenceDetail(q *commdn.Sequence) map[string]any {
	items := make([]any, len(q.Items))
	for i := range q.Items {
		it := &q.Items[i]
		d := map[string]any{vocab.StopAtTime: ISOSeconds(it.StopAtTime), vocab.Dialing: DialingDetail(&it.Dialing)}
		for _, f := range vocab.ItemFields {
			d[f.Name] = int(*f.Of(it))
		}
		if it.HasStatus {
			d[vocab.Status], d[vocab.StatusName] = int(it.Status), it.Status.String()
		}
		items[i] = d
	}
	return map[string]any{vocab.Description: q.Description, vocab.Start: ISOSeconds(q.Start), vocab.Items: items}
}

// DialingDetail is how OCS dials a campaign, in the form of host pages.
func DialingDetail(d *commdn.Dialing) map[string]any {
	all := map[string]any{}
	for _, f := range vocab.DialingFields {
		all[f.Name] = int(*f.Of(d))
	}
	return all
}
