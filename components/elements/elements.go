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

// Agent are those for an agent. They are a function, as All is, because a program links
// what its functions name.
func Agent() []Kind { return []Kind{dnc, cancel, light, list} }

// All are all of them.
func All() []Kind { return []Kind{dnc, cancel, board, plan, light, list} }

var (
	dnc = Kind{"commdn-dnc", func(env ui.Env) ui.Component {
		c := person.NewDnc(env)
		return &keeper{element{c.Build, nil, c.SetAttribute, c.Close}, c.Shown, c.Restore}
	}}
	cancel = Kind{"commdn-cancel", func(env ui.Env) ui.Component {
		c := person.NewCancel(env)
		return &keeper{element{c.Build, nil, c.SetAttribute, c.Close}, c.Shown, c.Restore}
	}}
	board = Kind{"commdn-campaigns", func(env ui.Env) ui.Component {
		c := campaigns.New(env)
		return &element{c.Build, c.Compute, c.SetAttribute, c.Close}
	}}
	plan = Kind{"commdn-sequence", func(env ui.Env) ui.Component {
		c := sequence.New(env)
		return &element{c.Build, c.Compute, c.SetAttribute, c.Close}
	}}
	light = Kind{"commdn-status", func(env ui.Env) ui.Component {
		c := status.New(env)
		return &element{c.Build, nil, c.SetAttribute, c.Close}
	}}
	list = Kind{"commdn-activity", func(env ui.Env) ui.Component {
		c := activity.New(env)
		return &element{c.Build, nil, c.SetAttribute, c.Close}
	}}
)

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

// keeper is an element that is a ui.Keeper.
type keeper struct {
	element
	shown   func() []ui.Shown
	restore func([]ui.Shown)
}

func (k *keeper) Shown() []ui.Shown { return k.shown() }

func (k *keeper) Restore(shown []ui.Shown) { k.restore(shown) }
