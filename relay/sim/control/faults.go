package control

import (
	"encoding/json"

	"commdn/relay/sim/scenario"
)

// Fault is a fault that is set. In JSON it has id and happened beside the keys that
// a fault has in a scenario.
type Fault struct {
	ID       int // 0: it happened at once and is over
	Happened int // how often
	scenario.Fault
}

// MarshalJSON gives one object.
func (f Fault) MarshalJSON() ([]byte, error) {
	keys, err := json.Marshal(f.Fault)
	if err != nil {
		return nil, err
	}
	all := make(map[string]json.RawMessage)
	if err := json.Unmarshal(keys, &all); err != nil {
		return nil, err
	}
	for key, n := range map[string]int{"id": f.ID, "happened": f.Happened} {
		if all[key], err = json.Marshal(n); err != nil {
			return nil, err
		}
	}
	return json.Marshal(all)
}

// UnmarshalJSON reads what MarshalJSON gives.
func (f *Fault) UnmarshalJSON(data []byte) error {
	var own struct {
		ID       int `json:"id"`
		Happened int `json:"happened"`
	}
	if err := json.Unmarshal(data, &own); err != nil {
		return err
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(data, &keys); err != nil {
		return err
	}
	delete(keys, "id")
	delete(keys, "happened")
	rest, err := json.Marshal(keys)
	if err != nil {
		return err
	}
	fault, err := scenario.ParseFault(rest)
	if err != nil {
		return err
	}
	*f = Fault{ID: own.ID, Happened: own.Happened, Fault: fault}
	return nil
}
