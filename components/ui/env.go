// Package ui is what the elements share: their environment, their looks, and the words
// for a request.
package ui

import (
	"time"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
)

// Component is what an element needs from its Vugu component.
type Component interface {
	vugu.Builder
	// SetAttribute sets an attribute of the element, one that elements.yaml lists;
	// present is false on removal. The element calls it before the first paint for the
	// attributes present, later within Update.
	SetAttribute(name, value string, present bool)
	// Close ends the component. A request in flight goes on.
	Close()
}

// Keeper is a component that shows requests of its own, which another program can go on
// showing.
type Keeper interface {
	// Shown returns the requests that it shows, newest first.
	Shown() []Shown
	// Restore gives a new component what an earlier one showed. Its attributes and the
	// text in its fields are those of the earlier one already.
	Restore(shown []Shown)
}

// Shown is a request that a Keeper shows.
type Shown struct {
	Entry session.Entry
	Past  bool // it went well, and the agent has been on another call since
}

// Env is what an element gives its component.
type Env struct {
	Session *session.Session
	// Lang returns the language of the element, which may change.
	Lang func() *lang.Language
	// Update runs f while nothing else touches the component, then repaints. It never
	// blocks. Any goroutine may call it.
	Update func(f func())
	// UpdateIf is Update, but repaints only if f returns true.
	UpdateIf func(f func() bool)
	// Frame is Update in the browser's next frame, for changes too frequent to paint
	// each. A hidden page has no frames.
	Frame func(f func())
	// Emit dispatches a CustomEvent of each name on the element after the next paint. Call
	// it within Update or an event handler. The detail holds strings, numbers, booleans,
	// and maps and slices of those.
	Emit func(detail map[string]any, names ...string)
	// Now returns the time.
	Now func() time.Time
	// Save makes the browser save a file.
	Save func(name, mime, content string)
}
