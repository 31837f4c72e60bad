// Package components holds the Vugu components that the custom elements draw,
// and the view state behind them. It knows no browser: package wasm mounts a
// component, and a test can do so natively.
package components

import (
	"context"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

//go:generate go run ./gen

// Requester is what components need of the CommDN client; *client.Client is
// one.
type Requester interface {
	DoNotCall(ctx context.Context, req commdn.DoNotCall) ([]commdn.Message, error)
	Status() client.Status
	Watch(f func(client.Status)) (stop func())
}

// Env is what a component gets from the element that it is drawn in.
type Env struct {
	Client Requester
	// Update runs f while nothing else touches the component, then repaints.
	// It never blocks and may be called from any goroutine.
	Update func(f func())
	// Emit dispatches a CustomEvent on the element after the next paint. It is
	// called from within Update or an event handler. The detail holds strings,
	// numbers, booleans, and maps and slices of those.
	Emit func(name string, detail map[string]any)
	// Now tells the time in the agent's time zone.
	Now func() time.Time
}
