package link

import (
	"strings"

	"commdn/protocol/commdn"
)

// relation says how well what an answer says of whom fits a request.
type relation int

const (
	unrelated relation = iota // it cannot answer the request
	other                     // it names another number; OCS may have begun with another one of the chain
	silent                    // it names nobody
	near                      // it names the same in another form, or a part of it
	exact                     // it names the same
)

// relate says how an answer fits a request, and gives the answer as the request
// needs it: about the campaign group that was asked for.
func relate(req commdn.Request, m commdn.Message) (relation, commdn.Message) {
	if person, ok := commdn.PersonOf(req); ok {
		return toPerson(req, person, m), m
	}
	control, _ := commdn.ControlOf(req)
	return toCampaign(req, control, m)
}

func toPerson(req commdn.Request, p commdn.Person, m commdn.Message) relation {
	var phone, customer string
	switch m := m.(type) {
	case *commdn.DoNotCallProcessed:
		phone, customer = m.Phone, m.CustomerID
	case *commdn.RecordCanceled:
		phone, customer = m.Phone, m.CustomerID
	case *commdn.Fault:
		phone, customer = m.Phone, m.CustomerID
		// Only a CM_EvError that names no person has to be told by its code.
		if m.Event == 0 && phone == "" && customer == "" && (m.Code.AboutCampaign() || m.CampaignGroup != (commdn.CampaignGroup{})) {
			return unrelated
		}
	}
	if !req.AnsweredBy(m) {
		return unrelated
	}
	switch {
	case phone == "" && customer == "":
		return silent
	case phone != "" && phone == p.Phone, phone == "" && customer == p.CustomerID:
		return exact
	case customer != "" && strings.EqualFold(strings.TrimSpace(customer), p.CustomerID), sameNumber(phone, p.Phone):
		return near
	}
	return other
}

// sameNumber says whether two texts are the same number in two forms: its digits
// are the end of the other's, without leading zeros.
func sameNumber(a, b string) bool {
	a, b = significant(a), significant(b)
	const least = 4 // digits that two numbers do not have in common by chance
	return min(len(a), len(b)) >= least && (strings.HasSuffix(a, b) || strings.HasSuffix(b, a))
}

// significant gives the digits of a number without leading zeros.
func significant(s string) string {
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
	return strings.TrimLeft(digits, "0")
}

func toCampaign(req commdn.Request, c commdn.Control, m commdn.Message) (relation, commdn.Message) {
	var of commdn.CampaignGroup
	named := false // the campaign
	toUs := m.Addr().Target == c.Origin
	switch e := m.(type) {
	case *commdn.CampaignEvent:
		of, named = e.CampaignGroup, !e.NoCampaign
		toUs = toUs || e.Target == 0 && e.Event != commdn.EvCampaignStatus // no news, but an acknowledgement
	case *commdn.Fault:
		if e.Phone != "" || e.CustomerID != "" {
			return unrelated, nil
		}
		of, named = e.CampaignGroup, e.Campaign != 0
	default:
		return unrelated, nil
	}
	is := group(c, of, named, toUs)
	if is == near {
		m = completed(m, c.CampaignGroup)
	}
	if is == unrelated || !req.AnsweredBy(m) {
		return unrelated, nil
	}
	return is, m
}

// group says how the campaign group of an answer fits that of a request. toUs says
// that the answer is for the application that asked: what is for everybody and
// names an item of a sequence is news of that campaign.
func group(c commdn.Control, of commdn.CampaignGroup, named, toUs bool) relation {
	switch {
	case of.Group == 0 && !named:
		return silent
	case of.Group != 0 && of.Group != c.Group:
		return unrelated
	case named && of.Campaign == c.Campaign && of.Group != 0:
		return exact
	case !named, of.Group == 0 && of.Campaign == c.Campaign:
		return near
	case c.Sequence == nil || !toUs:
		return unrelated
	}
	for _, item := range c.Sequence.Items { // that of the item which runs
		if item.Campaign == of.Campaign {
			return near
		}
	}
	return unrelated
}

// completed gives an answer that names all of what it is about.
func completed(m commdn.Message, of commdn.CampaignGroup) commdn.Message {
	switch m := m.(type) {
	case *commdn.CampaignEvent:
		e := *m
		e.CampaignGroup, e.NoCampaign = of, false
		return &e
	case *commdn.Fault:
		f := *m
		f.CampaignGroup = of
		return &f
	}
	return m
}

// likely says whether a refusal is one that OCS gives to this request rather than
// to another one.
func likely(req commdn.Request, m commdn.Message) bool {
	fault, ok := m.(*commdn.Fault)
	if !ok {
		return true
	}
	switch t := req.Type(); fault.Code {
	case commdn.ErrorCampaignAlreadyLoaded:
		return t == commdn.ReqLoadCampaign
	case commdn.ErrorCampaignNotStarted:
		return t == commdn.ReqSetDialingMode || t == commdn.ReqStopDialing
	case commdn.ErrorCampaignAlreadyStarted:
		return t == commdn.ReqStartDialing || t == commdn.ReqLoadCampaign
	case commdn.ErrorInvalidParameter:
		return t != commdn.ReqGetCampaignStatus
	case commdn.ErrorCampaignNotLoaded:
		return t != commdn.ReqLoadCampaign && t != commdn.ReqGetCampaignStatus
	case commdn.ErrorInvalidCampaignSchedule, commdn.ErrorCampaignScheduleNotFound, commdn.ErrorInvalidCampaignScheduleMode:
		c, _ := commdn.ControlOf(req)
		return c.Sequence != nil
	}
	return true
}
