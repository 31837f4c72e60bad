//go:build js && wasm

package wasm

import (
	"errors"
	"runtime"

	"github.com/hack-pad/safejs"

	"commdn/wasm/render"
)

// serve makes the function that the loader calls with a name and its arguments. The
// function lives as long as the page.
func (p *plugin) serve() (safejs.Func, error) {
	return safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		c := &call{args: args}
		name := c.text()
		if name == "leave" && p.parts.Leave != nil {
			return p.parts.Leave(p)
		}
		p.guard(name, func() error { return p.handle(name, c) })
		return nil
	})
}

func (p *plugin) handle(name string, c *call) error {
	switch name {
	case "mount":
		return p.mount(c)
	case "attribute":
		return p.attribute(c)
	case "unmount":
		return p.unmount(c)
	case "frame":
		return p.frame(c)
	case "connect":
		return p.connect(c)
	case "disconnect":
		return p.disconnect(c)
	case "token":
		return p.token(c)
	case "watch":
		return p.watch(c)
	case "request":
		return p.request(c)
	case "abort":
		return p.abort(c)
	case "enter":
		if p.parts.Campaigns != nil {
			return p.parts.Campaigns.enter(p, c.value())
		}
	case "tidy":
		runtime.GC()
		return nil
	}
	return errors.New("no such function")
}

// guard keeps an error or panic of f from ending the program.
func (p *plugin) guard(what string, f func() error) {
	defer func() {
		if v := recover(); v != nil {
			p.failed(0, &render.PanicError{Where: what, Value: v})
		}
	}()
	if err := f(); err != nil {
		p.failed(0, &located{what, err})
	}
}

// located is an error of a function of the bridge.
type located struct {
	where string
	err   error
}

func (e *located) Error() string { return e.where + ": " + e.err.Error() }

func (e *located) Unwrap() error { return e.err }

// failed reports an error or panic that the program survived. A panic puts its element
// out of order; element 0 means none.
func (p *plugin) failed(element int, err error) {
	_, panicked := errors.AsType[*render.PanicError](err)
	p.tell("failed", err.Error(), element, panicked)
}

// tell calls a function of the loader. Such a function throws only by a bug of its own,
// which goes to the console.
func (p *plugin) tell(function string, args ...any) {
	if _, err := p.loader.Call(function, args...); err != nil {
		println("commdn:", function+":", err.Error())
	}
}

// call reads the arguments of a call from the loader in turn. The first error stays in
// err.
type call struct {
	args []safejs.Value
	err  error
}

func (c *call) value() safejs.Value {
	if len(c.args) == 0 {
		return safejs.Undefined()
	}
	v := c.args[0]
	c.args = c.args[1:]
	return v
}

func (c *call) int() int {
	n, err := c.value().Int()
	if err != nil && c.err == nil {
		c.err = err
	}
	return n
}

func (c *call) bool() bool {
	b, err := c.value().Bool()
	if err != nil && c.err == nil {
		c.err = err
	}
	return b
}

func (c *call) text() string {
	s, err := c.value().String()
	if err != nil && c.err == nil {
		c.err = err
	}
	return s
}
