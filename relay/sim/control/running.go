package control

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"

	"commdn/relay/sim/clock"
	"commdn/relay/sim/scenario"
)

func (h *handler) getClock(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	return write(w, h.clock())
}

func (h *handler) postClock(w http.ResponseWriter, r *http.Request) error {
	var c SetClock
	if err := readJSON(w, r, &c); err != nil {
		return err
	}
	var d time.Duration
	if c.Advance != "" {
		var err error
		if d, err = time.ParseDuration(c.Advance); err != nil {
			return fmt.Errorf("advance: %q is no duration; give one as 90s, 8h or 1h30m", c.Advance)
		}
		if d < 0 || d > MaxAdvance {
			return fmt.Errorf("advance: %s is not from 0 to %s", d, MaxAdvance)
		}
	}
	if c.Speed != nil {
		if math.IsNaN(*c.Speed) || *c.Speed < 0 || *c.Speed > clock.MaxSpeed {
			return fmt.Errorf("speed: %v is not from 0 to %d", *c.Speed, clock.MaxSpeed)
		}
		h.Sim.Clock().SetSpeed(*c.Speed)
	}
	if err := h.advance(r, d); err != nil {
		return err
	}
	return write(w, h.clock())
}

// stepTime is how far the clock moves before we look whether anybody still wants
// it to.
const stepTime = time.Minute

// advance moves the clock step by step, until a reset or the end of the request.
func (h *handler) advance(r *http.Request, d time.Duration) error {
	h.step.Lock()
	began := h.reset
	h.step.Unlock()
	for done := time.Duration(0); done < d; done += stepTime {
		if err := r.Context().Err(); err != nil {
			return errorf(http.StatusServiceUnavailable, "the clock was moved by %s of %s only: %v", done, d, err)
		}
		h.step.Lock()
		if h.reset != began {
			h.step.Unlock()
			return errorf(http.StatusConflict, "the simulation was reset when the clock had been moved by %s of %s", done, d)
		}
		h.Sim.Clock().Advance(min(stepTime, d-done))
		h.step.Unlock()
	}
	return nil
}

// postReset takes no body, or an empty object.
func (h *handler) postReset(w http.ResponseWriter, r *http.Request) error {
	if r.ContentLength != 0 {
		if err := readJSON(w, r, &struct{}{}); err != nil {
			return err
		}
	}
	h.step.Lock()
	defer h.step.Unlock()
	h.reset++
	h.Sim.Reset()
	return write(w, h.clock())
}

func (h *handler) getFaults(w http.ResponseWriter, r *http.Request) error {
	if _, err := readQuery(r); err != nil {
		return err
	}
	all := []Fault{}
	for _, f := range h.Sim.Faults().All() {
		all = append(all, Fault{f.ID, f.Happened, f.Fault})
	}
	return write(w, all)
}

func (h *handler) postFaults(w http.ResponseWriter, r *http.Request) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	if !json.Valid(body) { // a scenario may be YAML
		return explain(body, json.Unmarshal(body, new(any)))
	}
	f, err := scenario.ParseFault(body)
	if err != nil {
		return err
	}
	id, err := h.Sim.AddFault(f)
	if err != nil {
		return err
	}
	set := Fault{ID: id, Fault: f}
	if id == 0 {
		set.Happened = 1
	}
	return write(w, set)
}

func (h *handler) deleteFaults(w http.ResponseWriter, _ *http.Request) error {
	h.Sim.Faults().Clear()
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (h *handler) deleteFault(w http.ResponseWriter, r *http.Request) error {
	id, err := strconv.Atoi(r.PathValue("id"))
	if err != nil {
		return fmt.Errorf("%q is no number of a fault", r.PathValue("id"))
	}
	if !h.Sim.Faults().Remove(id) {
		return errorf(http.StatusNotFound, "there is no fault %d; it may have happened as often as it was to", id)
	}
	w.WriteHeader(http.StatusNoContent)
	return nil
}
