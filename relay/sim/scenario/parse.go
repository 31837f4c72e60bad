package scenario

import (
	"commdn/relay/internal/enums"
	"commdn/relay/internal/strictyaml"
)

// MaxSize is the size of a file in bytes, enough for 80,000 written records.
const MaxSize = 4 << 20

// file is a scenario as it stands in a file.
type file struct {
	Scenario `yaml:",inline"`
	Generate Bulk `yaml:"generate,omitempty"`
}

var scalars = []strictyaml.Scalar{
	strictyaml.Int32, strictyaml.Enum(enums.DialMode), strictyaml.Enum(enums.OptimizeBy),
	strictyaml.Enum(enums.ErrorCode), strictyaml.Enum(enums.Request),
}

var (
	format      = strictyaml.Format{What: "a scenario", MaxSize: MaxSize, Scalars: scalars, NoColumns: true}
	faultFormat = strictyaml.Format{What: "a fault", MaxSize: 4 << 10, Scalars: scalars, NoColumns: true}
)

// Parse reads a scenario, strictly: a key that is unknown or there twice, a
// value of the wrong type and whatever Check finds is an error with its line.
// name is for errors, which are joined *Errors.
func Parse(name string, data []byte) (*Scenario, error) {
	var f file
	p := format.Read(name, data, &f)
	if err := joined(p); err != nil {
		return nil, err
	}
	f.generate(p)
	check(p, &f.Scenario)
	if err := joined(p); err != nil {
		return nil, err
	}
	return &f.Scenario, nil
}

// ParseFault reads one fault as a scenario has it, in YAML or JSON; Check is
// yet to be asked. Errors are joined *Errors.
func ParseFault(data []byte) (Fault, error) {
	var f Fault
	p := faultFormat.Read("fault", data, &f)
	for _, e := range p.First() {
		e.Line = 0 // there is but one
	}
	if err := joined(p); err != nil {
		return Fault{}, err
	}
	return f, nil
}
