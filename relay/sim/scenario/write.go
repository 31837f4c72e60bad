package scenario

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"commdn/relay/internal/strictyaml"
)

// YAML gives the scenario as a file that Parse reads back, without keys that
// have their zero value. It fails for what Check refuses, and for a scenario
// that is larger than a file may be.
func (s *Scenario) YAML() ([]byte, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	text := strictyaml.Layout{Sparse: true}.Write(s)
	if len(text) > MaxSize {
		return nil, fmt.Errorf("scenario: takes %d bytes as a file; at most %d are possible", len(text), MaxSize)
	}
	return text, nil
}

// MarshalJSON gives the keys that a file has, durations as text, enumerations
// by the vendor's names, and no zero values.
func (f Fault) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	for i, k := range strictyaml.Written(reflect.ValueOf(f)) {
		if i > 0 {
			b.WriteByte(',')
		}
		value, err := json.Marshal(strictyaml.Plain(k.Value))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&b, "%q:%s", k.Key, value)
	}
	return []byte("{" + b.String() + "}"), nil
}
