package ocs

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay/sim/scenario"
)

// CampaignGroupState is a campaign group as the simulation knows it.
type CampaignGroupState struct {
	commdn.CampaignGroup
	CampaignName, GroupName    string
	Tenant                     commdn.DBID
	Status                     commdn.GroupStatus
	Changed                    time.Time // when Status last changed; zero is never
	Dialing                    commdn.Dialing
	AutoCompletion             commdn.AutoCompletion
	Priority                   *commdn.DialingPriority // nil: no request had one; not to be changed
	InSequence                 bool                    // loaded by a sequence
	CallingLists               []commdn.DBID
	Agents                     int     // or ports
	Previewing                 int     // records that agents look at now
	Ringing, Talking           int     // calls now
	Rate                       float64 // records a second, while it is running
	Dials, Contacts, Abandoned int     // since the last start
}

// CampaignGroups gives every campaign group of this OCS, in the order of the
// scenario.
func (s *OCS) CampaignGroups() []CampaignGroupState {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.catchUp()
	all := make([]CampaignGroupState, len(s.engine.all))
	for i, g := range s.engine.all {
		all[i] = g.state()
	}
	return all
}

// CampaignGroup gives the state of a campaign group; false means that this OCS
// does not serve it.
func (s *OCS) CampaignGroup(id commdn.CampaignGroup) (CampaignGroupState, bool) {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.catchUp()
	g, ok := s.engine.byID[id]
	if !ok {
		return CampaignGroupState{}, false
	}
	return g.state(), true
}

// catchUp does what is due, so that the caller sees the state of now, and wakes
// the sender of what is to be told.
func (e *engine) catchUp() {
	if !e.closed {
		e.step()
		e.rouse()
	}
}

func (g *campaignGroup) state() CampaignGroupState {
	state := CampaignGroupState{
		CampaignGroup: g.id, CampaignName: g.campaign, GroupName: g.group, Tenant: g.tenant,
		Status: g.status, Changed: g.changed, Dialing: g.dialing, AutoCompletion: g.auto, InSequence: g.held != nil,
		Agents: g.agents, Previewing: g.phases[previewing], Ringing: g.phases[ringing], Talking: g.phases[talking],
		Dials: g.run.dials, Contacts: g.run.contacts, Abandoned: g.run.abandoned,
	}
	if g.status == commdn.StatusRunning {
		state.Rate = g.rate()
	}
	if g.priority != nil {
		state.Priority = g.priority.asked
	}
	for _, l := range g.lists {
		state.CallingLists = append(state.CallingLists, l.dbid)
	}
	return state
}

// Sequences gives the sequences that are loaded, by group, as CM_EvCampaignStatus
// has them.
func (s *OCS) Sequences() []commdn.CampaignEvent {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.catchUp()
	var all []commdn.CampaignEvent
	for _, q := range s.engine.inOrder() {
		all = append(all, q.event(commdn.EvCampaignStatus))
	}
	return all
}

// Sequence gives the sequence that is loaded for a group as CM_EvCampaignStatus
// has it; false means that there is none.
func (s *OCS) Sequence(group commdn.DBID) (commdn.CampaignEvent, bool) {
	for _, q := range s.Sequences() {
		if q.Group == group {
			return q, true
		}
	}
	return commdn.CampaignEvent{}, false
}

// ListState is a calling list as the simulation knows it.
type ListState struct {
	DBID    commdn.DBID
	Name    string
	Tenant  commdn.DBID
	Records int
	Counts  [RecordStatuses]int // of Records, by RecordStatus
}

// CallingLists gives the calling lists that campaign groups of this OCS dial, in
// the order of the scenario.
func (s *OCS) CallingLists() []ListState {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.catchUp()
	var all []ListState
	for _, id := range s.engine.listOrder {
		l := s.engine.lists[id]
		all = append(all, ListState{DBID: l.dbid, Name: l.name, Tenant: l.tenant, Records: len(l.records), Counts: l.counts})
	}
	return all
}

// Record is a record of a calling list as it is now.
type Record struct {
	List       commdn.DBID
	ID         int // from 1, in its list
	Phone      string
	CustomerID string
	Chain      int // in its list; 0 is none
	Status     RecordStatus
	Result     CallResult
	Attempts   int
	Dialed     time.Time // last time; zero is never
	OnDesktop  bool      // an agent has it: checked out, before dialing, or on the line
}

// Query says which records are wanted. An empty field does not count.
type Query struct {
	List              commdn.DBID
	Phone, CustomerID string
	Status            RecordStatus
	AnyStatus         bool // Status does not count
	Offset, Limit     int  // Limit 0 means all
}

// Records gives a page of the records that q finds, in the order of the scenario,
// and how many it finds in all.
func (s *OCS) Records(q Query) (page []Record, total int) {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.catchUp()
	for _, id := range s.engine.listOrder {
		if q.List != 0 && q.List != id {
			continue
		}
		l := s.engine.lists[id]
		if q.Phone == "" && q.CustomerID == "" && q.AnyStatus { // without a look at those outside the page
			first := min(max(q.Offset-total, 0), len(l.records))
			room := len(l.records) - first
			if q.Limit != 0 {
				room = max(min(room, q.Limit-len(page)), 0)
			}
			page = slices.Grow(page, room)
			for i := range room {
				page = append(page, l.at(first+i))
			}
			total += len(l.records)
			continue
		}
		look := func(i int) {
			r := &l.records[i]
			if q.Phone != "" && r.phone != q.Phone || q.CustomerID != "" && r.customer != q.CustomerID ||
				!q.AnyStatus && r.status != q.Status {
				return
			}
			if total >= q.Offset && (q.Limit == 0 || len(page) < q.Limit) {
				page = append(page, l.at(i))
			}
			total++
		}
		if q.Phone != "" {
			for _, i := range l.withPhone(q.Phone) {
				look(int(i))
			}
			continue
		}
		for i := range l.records {
			look(i)
		}
	}
	return page, total
}

func (l *callingList) at(i int) Record {
	r := &l.records[i]
	record := Record{
		List: l.dbid, ID: i + 1, Phone: r.phone, CustomerID: r.customer, Chain: int(r.chain),
		Status: r.status, Result: r.result, Attempts: int(r.attempts), OnDesktop: r.onDesktop || r.withAgent,
	}
	if r.dialed != 0 {
		record.Dialed = time.Unix(0, r.dialed).UTC()
	}
	return record
}

// CheckOut puts a record on an agent's desktop, where OCS neither dials nor
// cancels it, or takes it back. record is its Record.ID.
func (s *OCS) CheckOut(list commdn.DBID, record int, onDesktop bool) error {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	l, ok := s.engine.lists[list]
	if !ok {
		return fmt.Errorf("sim/ocs: OCS %d has no calling list %d", s.o.DBID, list)
	}
	if record < 1 || record > len(l.records) {
		return fmt.Errorf("sim/ocs: calling list %d has the records 1 to %d, no %d", list, len(l.records), record)
	}
	s.engine.catchUp() // what was due before it
	l.checkOut(int32(record-1), onDesktop, s.o.Clock.Now())
	s.engine.disturb()
	s.engine.catchUp()
	return nil
}

// List gives a copy of the Do Not Call list, oldest entry first.
func (s *OCS) List() []Entry { return s.engine.dnc.entries() }

// Forbid puts an entry on the Do Not Call list, as an operator of OCS.
func (s *OCS) Forbid(e scenario.Entry) error {
	if e.Phone == "" && e.CustomerID == "" {
		return errors.New("sim/ocs: an entry of the Do Not Call list needs a phone or a customer id")
	}
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.catchUp() // what was due before it is dialed
	s.engine.dnc.add(s.o.Scenario.TenantOf(e.Tenant), e.Phone, e.CustomerID, s.o.Clock.Now())
	return nil
}

// Allow takes an entry off the Do Not Call list, as an operator of OCS, and says whether
// it was there. The present state of its records stays.
func (s *OCS) Allow(e scenario.Entry) bool {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.catchUp() // what was due before it is not dialed
	return s.engine.dnc.remove(s.o.Scenario.TenantOf(e.Tenant), e.Phone, e.CustomerID)
}

// Control serves a request about a campaign as one of the vendor's own console:
// OCS answers nobody, and tells everybody of the change. A refusal is a
// *commdn.Fault, a request that is wrong a *commdn.FieldError.
func (s *OCS) Control(r commdn.Request) error {
	if err := r.Validate(); err != nil {
		return err
	}
	c := newControl(asker{}, 0, r)
	c.tenant = s.engine.tenantOf(c.CampaignGroup)
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	s.engine.catchUp()
	_, no := s.engine.serve(c)
	s.engine.catchUp()
	if no != nil {
		return &commdn.Fault{CampaignGroup: c.CampaignGroup, Code: no.code, Message: no.text}
	}
	return nil
}

// unloadAll ends everything at once.
func (e *engine) unloadAll() {
	for _, q := range e.inOrder() {
		q.unload((*campaignGroup).endUnload)
	}
	for _, g := range e.all {
		if g.loaded() {
			g.endUnload()
		}
	}
}

// Reset makes everything what it was at the start. OCS tells that the campaigns
// which were loaded are CM_GCS_NotLoaded, and forgets the requests that wait.
func (s *OCS) Reset() {
	s.forgetRequests()
	e := s.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unloadAll()
	e.fill()
	e.rouse()
}

// Licensed gives the dial modes that the licence covers; none means all.
func (s *OCS) Licensed() []commdn.DialMode { return slices.Clone(s.engine.behaviour.Licensed) }
