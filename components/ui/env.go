// Package ui is what the elements have in common: what they get of their
// surroundings, how they look, and how a request is put into words.
package ui

import (
	"time"

	"github.com/vugu/vugu"

	"commdn/components/lang"
	"commdn/components/session"
)

// Component is what an element needs of its Vugu component.
type Component interface {
	vugu.Builder
	// SetAttribute takes in an attribute of the element, one of those that
	// elements.yaml names for it; present is false when it was removed. It is
	// called before the first paint for those that are there, later within Update.
	SetAttribute(name, value string, present bool)
	// Close ends what the component began. A request under way goes on.
	Close()
}

// Env is what a component gets of the element that it is drawn in.
type Env struct {
	Session *session.Session
	// Lang gives the language of the element, which may change.
	Lang func() *lang.Language
	// Update runs f while nothing else touches the component, then repaints. It
	// never blocks and may be called from any goroutine.
	Update func(f func())
	// UpdateIf is Update that repaints only if f says that something has changed.
	UpdateIf func(f func() bool)
	// Frame is Update with the browser's next frame, for what comes so often that
	// a paint for each would be too much. A page that is not visible has none.
	Frame func(f func())
	// Emit dispatches a CustomEvent on the element after the next paint. It is
	// called within Update or an event handler. The detail holds strings, numbers,
	// booleans, and maps and slices of those.
	Emit func(name string, detail map[string]any)
	// Now tells the time.
	Now func() time.Time
	// Save has the browser save a file.
	Save func(name, mime, content string)
}
