//go:build js && wasm

package render

import (
	"slices"
	"strconv"

	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"
)

// listenerKey is what distinguishes the listeners of an element on the board.
type listenerKey struct {
	event            string
	capture, passive bool
}

// kind has capture and passive as bits 0 and 1.
func (k listenerKey) kind() (bits int) {
	if k.capture {
		bits |= 1
	}
	if k.passive {
		bits |= 2
	}
	return bits
}

// listener stays as long as the element wants the event; only its functions change from
// build to build.
type listener struct {
	key      listenerKey
	handlers []func(vugu.DOMEvent) // replaced, never changed in place: a queued event keeps its own
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
		j := slices.IndexFunc(n.listeners, func(l listener) bool { return l.key == key })
		if j >= 0 {
			n.listeners[j].handlers = handlers
			continue
		}
		n.listeners = append(n.listeners, listener{key, handlers})
		r.board.order("listen", n.number, key.event, strconv.Itoa(key.kind()))
	}
	n.listeners = slices.DeleteFunc(n.listeners, func(l listener) bool {
		wanted := slices.ContainsFunc(want, func(s vugu.DOMEventHandlerSpec) bool { return keyOfSpec(s) == l.key })
		if !wanted {
			r.board.order("unlisten", n.number, l.key.event, strconv.Itoa(l.key.kind()))
		}
		return !wanted
	})
}

func keyOfSpec(s vugu.DOMEventHandlerSpec) listenerKey {
	return listenerKey{s.EventType, s.Capture, s.Passive}
}

// heard takes an event from the board: number, kind, type, event, target. Its handlers
// have run on return, unless the Root was already at work.
func (r *Root) heard(args []safejs.Value) {
	number, errNumber := args[0].Int()
	kind, errKind := args[1].Int()
	name, errName := args[2].String()
	if errNumber != nil || errKind != nil || errName != nil || number >= len(r.board.nodes) || r.board.nodes[number] == nil {
		return
	}
	n := r.board.nodes[number]
	i := slices.IndexFunc(n.listeners, func(l listener) bool { return l.key.event == name && l.key.kind() == kind })
	if i < 0 {
		return
	}
	event := &event{js: args[3], target: args[4], env: eventEnv{r.queue}}
	if current, err := event.js.Get("currentTarget"); err == nil {
		event.current = current
	}
	handlers := n.listeners[i].handlers
	r.queue.do(func() {
		for _, handle := range handlers {
			r.queue.guard(name+" handler", func() { handle(event) })
		}
	})
}
