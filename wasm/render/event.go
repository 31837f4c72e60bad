//go:build js && wasm

package render

import (
	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"
	vjs "github.com/vugu/vugu/js"
)

// event is a vugu.DOMEvent that reads straight from the JavaScript event. It keeps target
// and currentTarget, which the browser clears after the dispatch: an event in the queue
// outlives that.
type event struct {
	js, target, current safejs.Value
	env                 vugu.EventEnv
	summary             map[string]any
}

var _ vugu.DOMEvent = (*event)(nil)

// Prop follows keys from the event. It returns a string, a float64, a bool, for an object
// a map of such values, and nil for anything else or missing. The values are current, not
// those of the moment of the event.
func (e *event) Prop(keys ...string) any {
	v := e.js
	for i, key := range keys {
		switch {
		case i == 0 && key == "target":
			v = e.target
		case i == 0 && key == "currentTarget":
			v = e.current
		case !isObject(v):
			return nil
		default:
			var err error
			if v, err = v.Get(key); err != nil {
				return nil
			}
		}
	}
	if len(keys) > 0 && isObject(v) {
		return primitives(v)
	}
	if len(keys) == 0 {
		return e.EventSummary()
	}
	return primitive(v)
}

// PropString is Prop for a string, "" for anything else.
func (e *event) PropString(keys ...string) string { s, _ := e.Prop(keys...).(string); return s }

// PropFloat64 is Prop for a number, 0 for anything else.
func (e *event) PropFloat64(keys ...string) float64 { f, _ := e.Prop(keys...).(float64); return f }

// PropBool is Prop for a boolean, false for anything else.
func (e *event) PropBool(keys ...string) bool { b, _ := e.Prop(keys...).(bool); return b }

// EventSummary has every string, number and boolean of the event, and those of its target
// under "target". The first call reads some hundred properties; Prop reads one.
func (e *event) EventSummary() map[string]any {
	if e.summary == nil {
		e.summary = primitives(e.js)
		e.summary["target"] = primitives(e.target)
	}
	return e.summary
}

// JSEvent is the JavaScript event itself.
func (e *event) JSEvent() vjs.Value { return vjs.Value(safejs.Unsafe(e.js)) }

// JSEventTarget is the node of this ShadowRoot that the event happened to.
func (e *event) JSEventTarget() vjs.Value { return vjs.Value(safejs.Unsafe(e.target)) }

// JSEventCurrentTarget is the element that has the handler.
func (e *event) JSEventCurrentTarget() vjs.Value { return vjs.Value(safejs.Unsafe(e.current)) }

// EventEnv is the Root's; its Lock never blocks.
func (e *event) EventEnv() vugu.EventEnv { return e.env }

// PreventDefault has no effect on an event that waited in the queue: one that the Root's
// own patch or another handler caused.
func (e *event) PreventDefault() { _, _ = e.js.Call("preventDefault") }

// StopPropagation has the same limit as PreventDefault.
func (e *event) StopPropagation() { _, _ = e.js.Call("stopPropagation") }

func isObject(v safejs.Value) bool {
	t := v.Type()
	return t == safejs.TypeObject || t == safejs.TypeFunction
}

// primitive returns v as a Go string, float64 or bool, otherwise nil.
func primitive(v safejs.Value) any {
	switch v.Type() {
	case safejs.TypeString:
		if s, err := v.String(); err == nil {
			return s
		}
	case safejs.TypeNumber:
		if f, err := v.Float(); err == nil {
			return f
		}
	case safejs.TypeBoolean:
		if b, err := v.Bool(); err == nil {
			return b
		}
	}
	return nil
}

// primitives returns the strings, numbers and booleans that for-in finds in v. It leaves
// out properties that throw on reading, as selectionStart of a checkbox may.
func primitives(v safejs.Value) map[string]any {
	found := map[string]any{}
	if !isObject(v) {
		return found
	}
	object, err := safejs.Global().Get("Object")
	if err != nil {
		return found
	}
	for level := v; isObject(level); {
		keys, err := object.Call("keys", level)
		if err != nil {
			break
		}
		length, err := keys.Length()
		if err != nil {
			break
		}
		for i := range length {
			key, err := keys.Index(i)
			if err != nil {
				continue
			}
			name, err := key.String()
			if _, known := found[name]; err != nil || known {
				continue
			}
			if value, err := v.Get(name); err == nil {
				if p := primitive(value); p != nil {
					found[name] = p
				}
			}
		}
		if level, err = object.Call("getPrototypeOf", level); err != nil {
			break
		}
	}
	return found
}
