package ocs

import (
	"fmt"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
)

// Habits gives how this OCS words what it says at present.
func (s *OCS) Habits() habits.Habits { return s.engine.manner.Load().Habits }

// ChangeHabits changes how it words what it says from now on, until a Reset. It
// fails as change does, and for what Scenario.CheckHabits refuses; nothing is
// changed then.
func (s *OCS) ChangeHabits(change func(*habits.Habits) error) error {
	s.engine.mu.Lock()
	defer s.engine.mu.Unlock()
	h := s.Habits()
	if err := change(&h); err != nil {
		return err
	}
	if err := s.o.Scenario.CheckHabits(h); err != nil {
		return err
	}
	m, err := newManner(s.o.DBID, h)
	if err != nil {
		return err
	}
	s.engine.manner.Store(m)
	return nil
}

// Pair gives the DBIDs of the backup of this OCS and of the one of the two that
// answers. The backup is 0 where there is none.
func (s *OCS) Pair() (backup, active commdn.DBID) {
	active = s.o.DBID
	if as := s.Habits().BackupDBID; as != 0 {
		active = as
	}
	return s.engine.behaviour.Backup, active
}

// TakeOver lets the backup of the pair go on where this OCS is, or this OCS where
// its backup is. Whichever does tells the state of all that is loaded. It fails
// where the scenario has no backup.
func (s *OCS) TakeOver() error {
	backup := s.engine.behaviour.Backup
	if backup == 0 {
		return fmt.Errorf("sim/ocs: OCS %d has no backup; the scenario may give it one with the key backup", s.o.DBID)
	}
	err := s.ChangeHabits(func(h *habits.Habits) error {
		if h.BackupDBID == 0 {
			h.BackupDBID = backup
		} else {
			h.BackupDBID = 0
		}
		return nil
	})
	if err != nil {
		return err
	}
	e := s.engine
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, g := range e.all {
		if g.loaded() {
			e.tell(g.tenant, g.event(commdn.EvCampaignStatus))
		}
	}
	for _, q := range e.inOrder() {
		q.changed = true
	}
	e.catchUp()
	return nil
}
