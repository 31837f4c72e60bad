package control

import (
	"fmt"
	"net/http"
	"strings"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
	"commdn/relay/sim/ocs"
)

func habitsOf(o *ocs.OCS) Habits {
	backup, active := o.Pair()
	return Habits{o.DBID(), backup, active, o.Habits()}
}

func (h *handler) getHabits(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	all := []Habits{}
	for _, o := range h.Sim.OCS() {
		all = append(all, habitsOf(o))
	}
	return write(w, all)
}

// meant gives the OCS of a DBID, for 0 all of them.
func (h *handler) meant(id commdn.DBID) ([]*ocs.OCS, error) {
	if id == 0 {
		return h.Sim.OCS(), nil
	}
	var there []string
	for _, o := range h.Sim.OCS() {
		if o.DBID() == id {
			return []*ocs.OCS{o}, nil
		}
		there = append(there, fmt.Sprint(o.DBID()))
	}
	return nil, errorf(http.StatusNotFound, "there is no OCS %d; there are %s", id, strings.Join(there, ", "))
}

func (h *handler) postHabits(w http.ResponseWriter, r *http.Request) error {
	var s SetHabits
	if err := readJSON(w, r, &s); err != nil {
		return err
	}
	change, err := s.change()
	if err != nil {
		return err
	}
	all, err := h.meant(s.OCS)
	if err != nil {
		return err
	}
	changed := []Habits{}
	for _, o := range all {
		if err := o.ChangeHabits(change); err != nil {
			return err
		}
		changed = append(changed, habitsOf(o))
	}
	return write(w, changed)
}

// change gives what a request does to the habits of an OCS.
func (s SetHabits) change() (func(*habits.Habits) error, error) {
	preset, known := habits.Preset(s.As)
	if s.As != "" && !known {
		return nil, fmt.Errorf("as: %q is no preset; there are %s", s.As, strings.Join(habits.Presets(), ", "))
	}
	if s.As == "" && s.Set == nil {
		return nil, fmt.Errorf("a change needs as, set, or both")
	}
	return func(h *habits.Habits) error {
		if known {
			*h = preset
		}
		if s.Set == nil {
			return nil
		}
		return h.SetAll(s.Set)
	}, nil
}

func (h *handler) postTakeOver(w http.ResponseWriter, r *http.Request) error {
	var s TakeOver
	if err := readJSON(w, r, &s); err != nil {
		return err
	}
	all, err := h.meant(s.OCS)
	if err != nil {
		return err
	}
	changed := []Habits{}
	for _, o := range all {
		if backup, _ := o.Pair(); backup == 0 && s.OCS == 0 {
			continue
		}
		if err := o.TakeOver(); err != nil {
			return err
		}
		changed = append(changed, habitsOf(o))
	}
	if len(changed) == 0 {
		return fmt.Errorf("no OCS of the scenario has a backup; the key backup of an OCS gives it one")
	}
	return write(w, changed)
}
