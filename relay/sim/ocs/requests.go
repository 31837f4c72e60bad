package ocs

import (
	"errors"
	"slices"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/internal/strictyaml"
)

// concerned says whether an event is a request that this OCS has to answer,
// and from and for whom it is.
func (s *OCS) concerned(userData tkvlist.List) (commdn.Address, bool) {
	kind, ok := userData.Int(commdn.KeyMessageType)
	if !ok || !commdn.MessageType(kind).IsRequest() {
		// OCS's own reports to Stat Server, events of any OCS, and what is not
		// used on the CommDN.
		return commdn.Address{}, false
	}
	origin, ok := userData.Int(commdn.KeyOriginAppID)
	if !ok || !slices.Contains(s.connected, commdn.DBID(origin)) {
		s.o.Log.Info("sim OCS disregards a request: its origin is in no Connections tab", "origin", origin)
		return commdn.Address{}, false
	}
	// A request without a target is answered by everybody, as an error.
	target, _ := userData.Int(commdn.KeyTargetAppID)
	if target != 0 && !s.is(commdn.DBID(target)) {
		return commdn.Address{}, false
	}
	return commdn.Address{Origin: commdn.DBID(origin), Target: commdn.DBID(target)}, true
}

// is says whether a DBID is that of this OCS or of its backup: whichever of the
// pair runs serves requests to both.
func (s *OCS) is(id commdn.DBID) bool {
	return id == s.o.DBID || id == s.engine.behaviour.Backup || id == s.engine.manner.Load().BackupDBID
}

// handle serves a request that concerned let through. It gives all that OCS has
// to tell: what happened before the request, the answer, and what came of it.
func (s *OCS) handle(r *request) (before []told, answer tkvlist.List, a asked, after []told) {
	e := s.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	e.step()
	before = e.take()
	answer = s.answer(r)
	about := s.summary(r.userData)
	a = asked{kind: about.Type, Address: r.Address}
	if e.manner.Load().EchoChain {
		if others := slices.Collect(e.otherPhones(r.dn.tenant, about.Phone)); others != nil {
			a.other = others[0]
		}
	}
	e.step()
	return before, answer, a, e.take()
}

// refusal is why OCS does not do what is asked.
type refusal struct {
	code commdn.ErrorCode
	text string // GSW_CM_AttrErrorMessage
}

func refuse(code commdn.ErrorCode) *refusal { return &refusal{code, code.Text()} }

// answer serves a request; it is nil where the answer comes later. It is called
// with the engine's lock held.
func (s *OCS) answer(r *request) tkvlist.List {
	back := commdn.Address{Origin: s.o.DBID, Target: r.Origin}
	if code := r.effect.Refuse; code != 0 {
		asked, _ := commdn.DecodeRequest(r.userData)
		return s.fault(back, r.userData, asked, refuse(code))
	}
	m, err := commdn.DecodeRequest(r.userData)
	if err == nil {
		err = commdn.CheckAddress(m)
	}
	if err != nil {
		return s.fault(back, r.userData, m, malformed(r.userData, err))
	}
	var response commdn.Message
	var no *refusal
	switch m := m.(type) {
	case *commdn.DoNotCall:
		response, no = s.doNotCall(back, r.dn.tenant, m)
	case *commdn.CancelRecord:
		response, no = s.cancelRecord(back, r.dn.tenant, m)
	default:
		response, no = s.campaignControl(back, r.dn, r.userData, m)
	}
	switch {
	case no != nil:
		return s.fault(back, r.userData, m, no)
	case response == nil:
		return nil
	}
	s.o.Log.Debug("sim OCS serves", "answer", commdn.Trace(response, false))
	return response.UserData()
}

// malformed words an error as OCS would: without the name of our package.
func malformed(userData tkvlist.List, err error) *refusal {
	field := &commdn.FieldError{What: err.Error()}
	errors.As(err, &field)
	no := &refusal{commdn.ErrorInvalidParameter, field.Key + " " + field.What}
	kind, _ := userData.Int(commdn.KeyMessageType)
	campaign, _ := userData.Int(commdn.KeyCampaignID)
	if t := commdn.MessageType(kind); t.AboutPerson() || campaign != 0 {
		return no
	}
	switch field.Key {
	case commdn.KeyGroupID, commdn.KeyDialMode, commdn.KeyOptimizeBy, commdn.KeyOptimizeGoal,
		commdn.KeyAutoCompletion, commdn.KeyOriginAppID, commdn.KeyTargetAppID:
	default: // all else is about the schedule, or that there is none
		no.code = commdn.ErrorInvalidCampaignSchedule
	}
	return no
}

// fault makes a CM_EvError with the whole echo; m is nil where the request
// cannot be read.
func (s *OCS) fault(back commdn.Address, userData tkvlist.List, m commdn.Request, no *refusal) tkvlist.List {
	campaign, _ := userData.Int(commdn.KeyCampaignID)
	group, _ := userData.Int(commdn.KeyGroupID)
	person, _ := commdn.PersonOf(m)
	fault := commdn.Fault{
		Address: back, Code: no.code, Message: no.text,
		CampaignGroup: commdn.CampaignGroup{Campaign: commdn.DBID(campaign), Group: commdn.DBID(group)},
		Phone:         person.Phone, CustomerID: person.CustomerID,
	}
	s.o.Log.Info("sim OCS refuses", "answer", fault.Trace(false))
	return fault.UserData()
}

// matchable fails for a request that can match no record. Validate takes a phone as
// people write it; what comes here is one of a calling list.
func matchable(req commdn.Request, phone string) error {
	err := req.Validate()
	if wrong := strictyaml.WrongText(phone, commdn.MaxPhone); err == nil && wrong != "" {
		err = &commdn.FieldError{Message: req.Type(), Key: commdn.KeyPhone, What: wrong}
	}
	return err
}

func (s *OCS) doNotCall(back commdn.Address, tenant commdn.DBID, m *commdn.DoNotCall) (commdn.Message, *refusal) {
	if err := matchable(m, m.Phone); err != nil {
		return nil, malformed(m.UserData(), err)
	}
	if s.engine.behaviour.RequirePhone && m.Phone == "" {
		return nil, &refusal{commdn.ErrorInvalidParameter, commdn.KeyPhone + " is missing"}
	}
	s.engine.forbid(tenant, m)
	return &commdn.DoNotCallProcessed{Address: back, Phone: m.Phone, CustomerID: m.CustomerID, Chain: m.Chain}, nil
}

func (s *OCS) cancelRecord(back commdn.Address, tenant commdn.DBID, m *commdn.CancelRecord) (commdn.Message, *refusal) {
	err := matchable(m, m.Phone)
	if err == nil && !s.engine.behaviour.CancelByCustomer {
		err = m.NeedPhone()
	}
	if err != nil {
		return nil, malformed(m.UserData(), err)
	}
	message, no := s.engine.cancel(tenant, m)
	if no != nil {
		return nil, no
	}
	return &commdn.RecordCanceled{
		Address: back, Phone: m.Phone, CustomerID: m.CustomerID, Campaign: m.Campaign, Chain: m.Chain, Message: message,
	}, nil
}
