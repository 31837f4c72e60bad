package ocs

import (
	"errors"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// concerned says whether an event is a request that this OCS has to answer,
// and from and for whom it is.
func (s *OCS) concerned(userData tkvlist.List) (commdn.Address, bool) {
	kind, ok := userData.Int(commdn.KeyMessageType)
	if !ok || commdn.MessageType(kind) != commdn.ReqDoNotCall {
		// OCS's own reports to Stat Server, answers of any OCS, and what this
		// simulator does not serve.
		return commdn.Address{}, false
	}
	origin, ok := userData.Int(commdn.KeyOriginAppID)
	if !ok || !slices.Contains(s.o.Connected, commdn.DBID(origin)) {
		s.o.Log.Info("sim OCS disregards a request: its origin is in no Connections tab", "origin", origin)
		return commdn.Address{}, false
	}
	// A request without a target is answered by everybody, as an error.
	target, _ := userData.Int(commdn.KeyTargetAppID)
	if target != 0 && commdn.DBID(target) != s.o.DBID {
		return commdn.Address{}, false
	}
	return commdn.Address{Origin: commdn.DBID(origin), Target: commdn.DBID(target)}, true
}

// answer serves a request that concerned let through.
func (s *OCS) answer(r request) tkvlist.List {
	back := commdn.Address{Origin: s.o.DBID, Target: r.Origin}
	m, err := commdn.DecodeRequest(r.userData)
	if err == nil {
		err = m.Validate()
	}
	dnc, _ := m.(*commdn.DoNotCall)
	if err == nil && s.o.RequirePhone && dnc.Phone == "" {
		err = &commdn.FieldError{Message: commdn.ReqDoNotCall, Key: commdn.KeyPhone, What: "is missing"}
	}
	if err != nil {
		return s.refusal(back, dnc, commdn.ErrorInvalidParameter, reason(err))
	}
	if code, ok := s.o.Refuse[dnc.Phone]; ok && dnc.Phone != "" {
		return s.refusal(back, dnc, code, code.Text())
	}
	s.list.add(dnc.Phone, dnc.CustomerID, time.Now())
	s.o.Log.Debug("sim OCS serves", "request", dnc.Trace(false))
	done := commdn.DoNotCallProcessed{Address: back, Phone: dnc.Phone, CustomerID: dnc.CustomerID, Chain: dnc.Chain}
	return s.renamed(done.UserData())
}

// refusal makes a CM_EvError; dnc is nil where the request cannot be read.
func (s *OCS) refusal(back commdn.Address, dnc *commdn.DoNotCall, code commdn.ErrorCode, text string) tkvlist.List {
	fault := commdn.Fault{Address: back, Code: code, Message: text}
	if s.o.EchoOnError && dnc != nil {
		fault.Phone, fault.CustomerID = dnc.Phone, dnc.CustomerID
	}
	s.o.Log.Info("sim OCS refuses", "answer", fault.Trace(false))
	return s.renamed(fault.UserData())
}

// reason words an error as OCS would: without the name of our package.
func reason(err error) string {
	text := err.Error()
	if field := (*commdn.FieldError)(nil); errors.As(err, &field) {
		text = field.Key + " " + field.What
	}
	return text
}

// renamed puts the echo of a response under the key ResponseKey.
func (s *OCS) renamed(response tkvlist.List) tkvlist.List {
	if properties, ok := response.List(commdn.KeyProperties); ok {
		properties[0].Key = s.o.ResponseKey
	}
	return response
}
