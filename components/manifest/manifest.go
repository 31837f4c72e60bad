//go:generate go run ./gen

// Package manifest reads elements.yaml, which describes each custom element for a host
// page: attributes, events, parts and custom properties. It is the source of the loader's
// table, the types, the tables in web/README.md and web/custom-elements.json. The
// browser's program does not link this package.
package manifest

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"
)

//go:embed elements.yaml
var source []byte

// Manifest is elements.yaml.
type Manifest struct {
	Common     []Attribute `yaml:"common"` // of every element
	Elements   []Element   `yaml:"elements"`
	Events     []Event     `yaml:"events"`
	Properties []Property  `yaml:"properties"`
}

// Element is one custom element.
type Element struct {
	Tag        string      `yaml:"tag"`
	Doc        string      `yaml:"doc"`
	Size       int         `yaml:"size"`       // least block size, in CSS pixels
	Typed      []string    `yaml:"typed"`      // attributes that have a field to type in while they are missing
	Unless     []string    `yaml:"unless"`     // any one of these attributes hides those fields
	Supervisor bool        `yaml:"supervisor"` // not in the agent's program
	Attributes []Attribute `yaml:"attributes"`
	Events     []string    `yaml:"events"` // names of Manifest.Events
	Parts      []string    `yaml:"parts"`
}

// Attribute is an attribute of one element, or of all of them.
type Attribute struct {
	Name    string `yaml:"name"`
	Values  Values `yaml:"values"`
	Default string `yaml:"default"` // in words; one of Values.Words if it has some
	Doc     string `yaml:"doc"`     // a clause in Markdown, no sentence
}

// Values are the values that an attribute takes.
type Values struct {
	Words []string // exactly one of these; or else:
	Text  string   // a description; "boolean" is present or absent
}

// Event is a CustomEvent.
type Event struct {
	Name   string `yaml:"name"`
	Doc    string `yaml:"doc"`
	Detail string `yaml:"detail"` // its type in commdn.d.ts
}

// Property is a CSS custom property that the host page may set.
type Property struct {
	Name string `yaml:"name"`
	Doc  string `yaml:"doc"`
}

// Read returns the manifest of this version.
func Read() (*Manifest, error) { return Parse(source) }

// Parse reads text like elements.yaml. Unknown keys, duplicate keys or names, and missing
// fields are errors.
func Parse(text []byte) (*Manifest, error) {
	m := &Manifest{}
	if err := yaml.UnmarshalWithOptions(text, m, yaml.Strict()); err != nil {
		return nil, fmt.Errorf("elements.yaml: %w", err)
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("elements.yaml: %w", err)
	}
	return m, nil
}

// UnmarshalYAML takes a list of words or a description.
func (v *Values) UnmarshalYAML(unmarshal func(any) error) error {
	if unmarshal(&v.Words) == nil {
		return nil
	}
	v.Words = nil
	return unmarshal(&v.Text)
}

// Boolean reports whether only the attribute's presence counts, not its value.
func (a Attribute) Boolean() bool { return a.Values.Text == "boolean" }

// Number reports whether the value is a number.
func (a Attribute) Number() bool {
	return a.Values.Text == "DBID" || strings.HasPrefix(a.Values.Text, "number")
}

// Field is the name of the property: customerId for customer-id. It is empty for lang,
// which every HTML element has.
func (a Attribute) Field() string {
	if a.Name == "lang" {
		return ""
	}
	words := strings.Split(a.Name, "-")
	for i, w := range words[1:] {
		words[i+1] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, "")
}

// Class is the name of the element's interface in commdn.d.ts.
func (e Element) Class() string {
	var b strings.Builder
	for w := range strings.SplitSeq(e.Tag, "-") {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String() + "Element"
}

// All returns an element's own attributes, then those of every element.
func (m *Manifest) All(e Element) []Attribute { return slices.Concat(e.Attributes, m.Common) }

// Event returns the event of a name that Parse has accepted.
func (m *Manifest) Event(name string) Event {
	return m.Events[slices.IndexFunc(m.Events, func(e Event) bool { return e.Name == name })]
}

var (
	kebab    = regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	tagName  = regexp.MustCompile(`^commdn(-[a-z]+)+$`)
	property = regexp.MustCompile(`^--commdn(-[a-z]+)+$`)
	typeName = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)
)

func (m *Manifest) check() error {
	used := map[string]bool{}
	for _, e := range m.Elements {
		where := "element " + e.Tag
		switch {
		case !tagName.MatchString(e.Tag):
			return fmt.Errorf("%s: give a tag commdn-NAME", where)
		case e.Doc == "" || e.Size <= 0:
			return fmt.Errorf("%s: doc or size is missing", where)
		}
		if err := checkAttributes(where, m.All(e)); err != nil {
			return err
		}
		for _, name := range slices.Concat(e.Typed, e.Unless) {
			if !slices.ContainsFunc(e.Attributes, func(a Attribute) bool { return a.Name == name }) {
				return fmt.Errorf("%s: typed or unless has %s, which is no attribute of it", where, name)
			}
		}
		if err := checkNames(where+": part", e.Parts, kebab); err != nil {
			return err
		}
		if err := checkNames(where+": event", e.Events, tagName); err != nil {
			return err
		}
		for _, name := range e.Events {
			used[name] = true
			if !slices.ContainsFunc(m.Events, func(ev Event) bool { return ev.Name == name }) {
				return fmt.Errorf("%s: event %s is not among the events", where, name)
			}
		}
	}
	if err := checkNames("element", names(m.Elements, func(e Element) string { return e.Tag }), tagName); err != nil {
		return err
	}
	for _, ev := range m.Events {
		if !used[ev.Name] || ev.Doc == "" || !typeName.MatchString(ev.Detail) {
			return fmt.Errorf("event %s: no element has it, or doc or detail is missing", ev.Name)
		}
	}
	if err := checkNames("event", names(m.Events, func(e Event) string { return e.Name }), tagName); err != nil {
		return err
	}
	for _, p := range m.Properties {
		if p.Doc == "" {
			return fmt.Errorf("property %s: doc is missing", p.Name)
		}
	}
	return checkNames("property", names(m.Properties, func(p Property) string { return p.Name }), property)
}

func checkAttributes(where string, list []Attribute) error {
	for _, a := range list {
		at := where + ": attribute " + a.Name
		switch {
		case a.Doc == "":
			return fmt.Errorf("%s: doc is missing", at)
		case a.Values.Text == "" && len(a.Values.Words) < 2:
			return fmt.Errorf("%s: values is missing, or has a single word", at)
		case a.Boolean() && a.Default != "":
			return fmt.Errorf("%s: what is present or absent has no default but absent", at)
		}
	}
	return checkNames(where+": attribute", names(list, func(a Attribute) string { return a.Name }), kebab)
}

func names[T any](list []T, name func(T) string) []string {
	all := make([]string, len(list))
	for i, v := range list {
		all[i] = name(v)
	}
	return all
}

// checkNames requires at least one name, well-formed and without duplicates.
func checkNames(what string, list []string, form *regexp.Regexp) error {
	if len(list) == 0 {
		return fmt.Errorf("%s: there is none", what)
	}
	for i, name := range list {
		switch {
		case !form.MatchString(name):
			return fmt.Errorf("%s %q: the name is not of the form %s", what, name, form)
		case slices.Contains(list[:i], name):
			return fmt.Errorf("%s %s: there are two", what, name)
		}
	}
	return nil
}
