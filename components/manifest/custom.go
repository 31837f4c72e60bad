package manifest

import (
	"encoding/json"
	"strings"
)

// The types below are those of the Custom Elements Manifest, schema 1.0.0, without the
// fields that we do not use: https://github.com/webcomponents/custom-elements-manifest

type cemPackage struct {
	SchemaVersion string      `json:"schemaVersion"`
	Readme        string      `json:"readme"`
	Modules       []cemModule `json:"modules"`
}

type cemModule struct {
	Kind         string           `json:"kind"`
	Path         string           `json:"path"`
	Declarations []cemDeclaration `json:"declarations"`
	Exports      []cemExport      `json:"exports"`
}

type cemDeclaration struct {
	Kind          string         `json:"kind"`
	CustomElement bool           `json:"customElement"`
	Name          string         `json:"name"`
	TagName       string         `json:"tagName"`
	Description   string         `json:"description"`
	Superclass    cemName        `json:"superclass"`
	Attributes    []cemAttribute `json:"attributes"`
	Members       []cemMember    `json:"members"`
	Events        []cemEvent     `json:"events"`
	CSSParts      []cemName      `json:"cssParts"`
	CSSProperties []cemName      `json:"cssProperties"`
}

type cemName struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

type cemType struct {
	Text string `json:"text"`
}

type cemAttribute struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Type        cemType `json:"type"`
	Default     string  `json:"default,omitempty"`
	FieldName   string  `json:"fieldName,omitempty"`
}

type cemMember struct {
	Kind        string  `json:"kind"`
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Type        cemType `json:"type"`
	Attribute   string  `json:"attribute,omitempty"`
	Reflects    bool    `json:"reflects,omitempty"`
}

type cemEvent struct {
	Name        string  `json:"name"`
	Description string  `json:"description"`
	Type        cemType `json:"type"`
}

type cemExport struct {
	Kind        string       `json:"kind"`
	Name        string       `json:"name"`
	Declaration cemReference `json:"declaration"`
}

type cemReference struct {
	Name   string `json:"name"`
	Module string `json:"module"`
}

const cemPath = "commdn.js"

// CustomElements returns web/custom-elements.json, from which editors complete.
func (m *Manifest) CustomElements() ([]byte, error) {
	module := cemModule{Kind: "javascript-module", Path: cemPath}
	for _, e := range m.Elements {
		d := cemDeclaration{
			Kind: "class", CustomElement: true, Name: e.Class(), TagName: e.Tag, Description: upper(e.Doc) + ".",
			Superclass: cemName{Name: "HTMLElement"},
		}
		for _, a := range m.All(e) {
			d.Attributes = append(d.Attributes, cemAttribute{
				Name: a.Name, Description: a.described(), Type: cemType{a.attributeType()}, Default: a.Default, FieldName: a.Field(),
			})
			if a.Field() != "" {
				d.Members = append(d.Members, cemMember{
					Kind: "field", Name: a.Field(), Description: a.described(), Type: cemType{a.Type()}, Attribute: a.Name, Reflects: true,
				})
			}
		}
		d.Members = append(d.Members, cemMember{
			Kind: "field", Name: "connection", Description: "the connection that it uses; null: the page's default one",
			Type: cemType{"Connection | null"},
		})
		for _, name := range e.Events {
			ev := m.Event(name)
			d.Events = append(d.Events, cemEvent{ev.Name, ev.Doc, cemType{"CustomEvent<" + ev.Detail + ">"}})
		}
		for _, part := range e.Parts {
			d.CSSParts = append(d.CSSParts, cemName{Name: part})
		}
		for _, p := range m.Properties {
			d.CSSProperties = append(d.CSSProperties, cemName{p.Name, p.Doc})
		}
		module.Declarations = append(module.Declarations, d)
		module.Exports = append(module.Exports, cemExport{
			Kind: "custom-element-definition", Name: e.Tag, Declaration: cemReference{d.Name, cemPath},
		})
	}
	text, err := json.MarshalIndent(cemPackage{"1.0.0", "README.md", []cemModule{module}}, "", " ")
	return append(text, '\n'), err
}

// described adds the description of a free text, which its type does not give.
func (a Attribute) described() string {
	if a.Values.Words != nil || a.Boolean() || a.Values.Text == "text" {
		return a.Doc
	}
	return a.Doc + " (" + a.Values.Text + ")"
}

// attributeType is Type without the part for a missing attribute.
func (a Attribute) attributeType() string {
	return strings.TrimPrefix(strings.TrimSuffix(a.Type(), ` | ""`), "string | ")
}
