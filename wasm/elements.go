//go:build js && wasm

package main

import (
	"time"

	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"

	"commdn/components"
	"commdn/protocol/client"
	"commdn/wasm/render"
	fmt "commdn/wasm/slimfmt"
)

// component is what an element needs of its Vugu component.
type component interface {
	vugu.Builder
	SetAttribute(name, value string, present bool)
	Close()
}

// kinds are the custom elements. The loader has the same table, because a
// class must say which attributes it observes before any wasm runs; a test
// holds the two together.
var kinds = map[string]struct {
	attributes []string
	make       func(components.Env) component
}{
	"commdn-dnc": {components.DncAttributes, func(e components.Env) component { return components.NewDnc(e) }},
}

// element is one custom element on the page.
type element struct {
	comp component
	root *render.Root
}

// registry keeps the elements by the loader's number for each.
type registry struct {
	client   *client.Client
	bridge   safejs.Value
	elements map[int]*element
}

// api makes the functions that the loader calls. They live as long as the page.
func (g *registry) api() (map[string]any, error) {
	api := map[string]any{}
	for name, f := range map[string]func([]safejs.Value) error{
		"mount": g.mount, "attribute": g.attribute, "unmount": g.unmount,
	} {
		fn, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
			g.guard(name, func() error { return f(args) })
			return nil
		})
		if err != nil {
			return nil, err
		}
		api[name] = fn
	}
	attributes := map[string]any{}
	for tag, k := range kinds {
		names := make([]any, len(k.attributes))
		for i, n := range k.attributes {
			names[i] = n
		}
		attributes[tag] = names
	}
	api["attributes"] = attributes
	return api, nil
}

// guard keeps an error or panic of one call from ending the program.
func (g *registry) guard(what string, f func() error) {
	defer func() {
		if p := recover(); p != nil {
			g.report(fmt.Errorf("%s: panic: %v", what, p))
		}
	}()
	if err := f(); err != nil {
		g.report(fmt.Errorf("%s: %w", what, err))
	}
}

func (g *registry) report(err error) {
	_, _ = g.bridge.Call("failed", err.Error())
}

// mount(number, tag, element, shadowRoot) draws a component.
func (g *registry) mount(args []safejs.Value) error {
	number, err := args[0].Int()
	if err != nil {
		return err
	}
	tag, err := args[1].String()
	if err != nil {
		return err
	}
	kind, ok := kinds[tag]
	if !ok {
		return fmt.Errorf("no component for <%s>", tag)
	}
	host := args[2]
	e := &element{}
	e.comp = kind.make(components.Env{
		Client: g.client,
		Update: func(f func()) {
			if e.root != nil {
				e.root.Do(f)
			}
		},
		Emit: func(name string, detail map[string]any) {
			e.root.After(func() { g.guard(name, func() error { return dispatch(host, name, detail) }) })
		},
		Now: time.Now,
	})
	for _, name := range kind.attributes {
		value, err := host.Call("getAttribute", name)
		if err != nil {
			return err
		}
		if err := e.set(name, value); err != nil {
			return err
		}
	}
	if e.root, err = render.Mount(args[3], e.comp, render.Options{OnError: g.report}); err != nil {
		e.comp.Close()
		return err
	}
	g.elements[number] = e
	return nil
}

// attribute(number, name, value) takes in a change; null is a removal.
func (g *registry) attribute(args []safejs.Value) error {
	number, err := args[0].Int()
	if err != nil {
		return err
	}
	name, err := args[1].String()
	if err != nil {
		return err
	}
	if e := g.elements[number]; e != nil {
		e.root.Do(func() { g.guard(name, func() error { return e.set(name, args[2]) }) })
	}
	return nil
}

// set hands an attribute to the component; null is one that is not there.
func (e *element) set(name string, value safejs.Value) error {
	if value.IsNull() {
		e.comp.SetAttribute(name, "", false)
		return nil
	}
	s, err := value.String()
	if err != nil {
		return err
	}
	e.comp.SetAttribute(name, s, true)
	return nil
}

// unmount(number) takes an element off the page.
func (g *registry) unmount(args []safejs.Value) error {
	number, err := args[0].Int()
	if err != nil {
		return err
	}
	if e := g.elements[number]; e != nil {
		delete(g.elements, number)
		e.comp.Close()
		e.root.Unmount()
	}
	return nil
}

// dispatch sends a CustomEvent that bubbles out of the shadow roots around the
// element.
func dispatch(host safejs.Value, name string, detail map[string]any) error {
	ctor, err := safejs.Global().Get("CustomEvent")
	if err != nil {
		return err
	}
	ev, err := ctor.New(name, map[string]any{"detail": detail, "bubbles": true, "composed": true})
	if err != nil {
		return err
	}
	_, err = host.Call("dispatchEvent", ev)
	return err
}
