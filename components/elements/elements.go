// Package elements lists the custom elements and the component of each.
// ../manifest/elements.yaml lists what a host page can set on them; a test compares the
// two.
package elements

import (
	"github.com/vugu/vugu"

	"commdn/components/activity"
	"commdn/components/campaigns"
	"commdn/components/person"
	"commdn/components/sequence"
	"commdn/components/status"
	"commdn/components/ui"
)

// Kind is one custom element.
type Kind struct {
	Tag string
	New func(ui.Env) ui.Component
}

// Kinds are all of them.
var Kinds = []Kind{
	{"commdn-dnc", func(env ui.Env) ui.Component {
		c := person.NewDnc(env)
		return &element{c.Build, nil, c.SetAttribute, c.Close}
	}},
	{"commdn-cancel", func(env ui.Env) ui.Component {
		c := person.NewCancel(env)
		return &element{c.Build, nil, c.SetAttribute, c.Close}
	}},
	{"commdn-campaigns", func(env ui.Env) ui.Component {
		c := campaigns.New(env)
		return &element{c.Build, c.Compute, c.SetAttribute, c.Close}
	}},
	{"commdn-sequence", func(env ui.Env) ui.Component {
		c := sequence.New(env)
		return &element{c.Build, c.Compute, c.SetAttribute, c.Close}
	}},
	{"commdn-status", func(env ui.Env) ui.Component {
		c := status.New(env)
		return &element{c.Build, nil, c.SetAttribute, c.Close}
	}},
	{"commdn-activity", func(env ui.Env) ui.Component {
		c := activity.New(env)
		return &element{c.Build, nil, c.SetAttribute, c.Close}
	}},
}

// element stands in for a component in an interface. A component itself would pull in the
// names and types of all its methods, which an agent would have to download.
type element struct {
	build        func(*vugu.BuildIn) *vugu.BuildOut
	compute      func() // nil: none
	setAttribute func(name, value string, present bool)
	close        func()
}

func (e *element) Build(in *vugu.BuildIn) *vugu.BuildOut { return e.build(in) }

func (e *element) Compute() {
	if e.compute != nil {
		e.compute()
	}
}

func (e *element) SetAttribute(name, value string, present bool) {
	e.setAttribute(name, value, present)
}

func (e *element) Close() { e.close() }

// Find returns the kind of a tag, or false.
func Find(tag string) (Kind, bool) {
	for _, k := range Kinds {
		if k.Tag == tag {
			return k, true
		}
	}
	return Kind{}, false
}
