//go:build js && wasm

package render

import (
	"slices"
	"sync/atomic"

	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"
)

// liveFuncs counts the js.Funcs of this package that are not released.
var liveFuncs atomic.Int64

// LiveFuncs is how many JavaScript functions all Roots of the program hold at
// the moment. Tests use it: with no Root mounted it is 0.
func LiveFuncs() int { return int(liveFuncs.Load()) }

// listenerKey is what addEventListener tells apart.
type listenerKey struct {
	event            string
	capture, passive bool
}

// listener is one js.Func on one element. It stays as long as the element wants
// the event; only the Go functions behind it change from build to build.
type listener struct {
	key      listenerKey
	el       safejs.Value
	fn       safejs.Func
	handlers []func(vugu.DOMEvent) // replaced, never written to: a queued event keeps its own
}

// patchListeners adds, changes and removes listeners.
func (r *Root) patchListeners(n *node, want []vugu.DOMEventHandlerSpec) {
	if len(want) == 0 && len(n.listeners) == 0 {
		return
	}
	for i, spec := range want {
		key := keyOfSpec(spec)
		if slices.ContainsFunc(want[:i], func(s vugu.DOMEventHandlerSpec) bool { return keyOfSpec(s) == key }) {
			continue // came with the first of its kind
		}
		var handlers []func(vugu.DOMEvent)
		for _, s := range want[i:] {
			if keyOfSpec(s) == key && s.Func != nil {
				handlers = append(handlers, s.Func)
			}
		}
		j := slices.IndexFunc(n.listeners, func(l *listener) bool { return l.key == key })
		if j >= 0 {
			n.listeners[j].handlers = handlers
			continue
		}
		l, err := r.listen(n.el, key, handlers)
		if err != nil {
			r.queue.tell(err)
			continue
		}
		n.listeners = append(n.listeners, l)
	}
	n.listeners = slices.DeleteFunc(n.listeners, func(l *listener) bool {
		wanted := slices.ContainsFunc(want, func(s vugu.DOMEventHandlerSpec) bool { return keyOfSpec(s) == l.key })
		if !wanted {
			l.release(r)
		}
		return !wanted
	})
}

func keyOfSpec(s vugu.DOMEventHandlerSpec) listenerKey {
	return listenerKey{s.EventType, s.Capture, s.Passive}
}

func (r *Root) listen(el safejs.Value, key listenerKey, handlers []func(vugu.DOMEvent)) (*listener, error) {
	l := &listener{key: key, el: el, handlers: handlers}
	fn, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		if len(args) > 0 {
			r.dispatch(l, args[0])
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	l.fn = fn
	liveFuncs.Add(1)
	r.listeners[l] = struct{}{}
	if _, err := el.Call("addEventListener", key.event, fn.Value(), key.options()); err != nil {
		l.release(r)
		return nil, err
	}
	return l, nil
}

// dispatch queues the handlers of an event; they have run when it returns unless
// the Root is at work already.
func (r *Root) dispatch(l *listener, ev safejs.Value) {
	event := newEvent(ev, l.el, eventEnv{r.queue})
	handlers := l.handlers
	r.queue.do(func() {
		for _, handle := range handlers {
			r.queue.guard(l.key.event+" handler", func() { handle(event) })
		}
	})
}

// release takes the listener off its element and frees the js.Func. An element
// that is gone can still be sent events, such as transitionend, so both are
// needed.
func (l *listener) release(r *Root) {
	if _, live := r.listeners[l]; !live {
		return
	}
	delete(r.listeners, l)
	if _, err := l.el.Call("removeEventListener", l.key.event, l.fn.Value(), l.key.options()); err != nil {
		r.queue.tell(err)
	}
	l.fn.Release()
	liveFuncs.Add(-1)
}

func (k listenerKey) options() map[string]any {
	return map[string]any{"capture": k.capture, "passive": k.passive}
}
