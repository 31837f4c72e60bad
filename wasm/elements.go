//go:build js && wasm

package wasm

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"commdn/components/elements"
	"commdn/components/lang"
	"commdn/components/ui"
	"commdn/wasm/render"
)

// element is one custom element on the page.
type element struct {
	comp   ui.Component
	conn   *connection
	root   *render.Root
	lang   *lang.Language
	early  []func() // work from before there was a root
	frames []func() // wait for the browser's next frame
}

// do runs f as Root.Do does. Work from before the first paint runs after it.
func (e *element) do(f func()) {
	if e.root == nil {
		e.early = append(e.early, f)
		return
	}
	e.root.Do(f)
}

// doIf is do, but paints only if f returns true.
func (e *element) doIf(f func() bool) {
	if e.root == nil {
		e.early = append(e.early, func() { f() })
		return
	}
	e.root.DoIf(f)
}

// mount(number, tag, shadowRoot, connection, lang, attributes) draws a component;
// attributes are alternating names and values.
func (p *plugin) mount(c *call) error {
	number, tag, shadow := c.int(), c.text(), c.value()
	conn, speak := p.connections[c.int()], c.text()
	attributes, err := texts(c.value())
	if c.err != nil || err != nil {
		return firstOf(c.err, err)
	}
	at := slices.IndexFunc(p.parts.Elements, func(k elements.Kind) bool { return k.Tag == tag })
	if at < 0 || conn == nil || p.elements[number] != nil {
		return errors.New("<" + tag + "> " + strconv.Itoa(number) + " cannot be drawn")
	}
	e := &element{conn: conn, lang: p.language(speak)}
	p.elements[number] = e
	// A panic in here must not leave a half-made element.
	defer func() {
		if e.root == nil {
			delete(p.elements, number)
			if v := recover(); v != nil {
				p.failed(number, &render.PanicError{Where: tag, Value: v})
			}
		}
	}()
	e.comp = p.parts.Elements[at].New(p.env(number, e, conn))
	for i := 0; i+1 < len(attributes); i += 2 {
		e.comp.SetAttribute(attributes[i], attributes[i+1], true)
	}
	root, err := render.Mount(shadow, e.comp, render.Options{Board: p.board, OnError: func(err error) { p.failed(number, err) }})
	if err != nil {
		e.comp.Close()
		p.failed(number, &render.PanicError{Where: tag, Value: err})
		return nil
	}
	e.root = root
	for _, f := range e.early {
		root.Do(f)
	}
	e.early = nil
	return nil
}

// env makes the environment of an element's component.
func (p *plugin) env(number int, e *element, conn *connection) ui.Env {
	later := func(function string, args ...any) {
		tell := func() { p.tell(function, args...) }
		if e.root == nil {
			e.early = append(e.early, func() { e.root.After(tell) })
			return
		}
		e.root.After(tell)
	}
	return ui.Env{
		Session: conn.session,
		Lang:    func() *lang.Language { return e.lang },
		Update:  e.do, UpdateIf: e.doIf,
		Frame: func(f func()) {
			e.frames = append(e.frames, f)
			if len(e.frames) == 1 {
				p.tell("frame", number)
			}
		},
		Emit: func(detail map[string]any, names ...string) {
			later("emit", number, strings.Join(names, " "), string(value(detail)))
		},
		Now:  time.Now,
		Save: func(name, mime, content string) { later("save", name, mime, content) },
	}
}

// frame(number) is the browser's next frame.
func (p *plugin) frame(c *call) error {
	if e := p.elements[c.int()]; e != nil {
		frames := e.frames
		e.frames = nil
		e.do(func() {
			for _, f := range frames {
				f()
			}
		})
	}
	return c.err
}

// attribute(number, name, value) changes an attribute; null removes it. The value of lang
// is a language tag.
func (p *plugin) attribute(c *call) error {
	number, name, v := c.int(), c.text(), c.value()
	value, present := "", !v.IsNull()
	if present {
		value = (&call{args: []safejs.Value{v}}).text()
	}
	if e := p.elements[number]; e != nil {
		e.do(func() {
			if name == "lang" {
				e.lang = p.language(value)
			} else {
				e.comp.SetAttribute(name, value, present)
			}
		})
	}
	return c.err
}

// unmount(number) removes an element from the page.
func (p *plugin) unmount(c *call) error {
	number := c.int()
	if e := p.elements[number]; e != nil {
		delete(p.elements, number)
		e.comp.Close()
		e.root.Unmount()
	}
	return c.err
}

// texts reads an array of strings.
func texts(list safejs.Value) ([]string, error) {
	n, err := list.Length()
	out := make([]string, n)
	for i := range out {
		v, e := list.Index(i)
		if e == nil {
			out[i], e = v.String()
		}
		err = firstOf(err, e)
	}
	return out, err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
