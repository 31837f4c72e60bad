//go:build js && wasm

// Package wasm is the plugin in the browser. It draws the components of the custom
// elements and keeps the connections to relays, for the loader (web/commdn.js), which
// owns everything that the host page sees. README.md lists the calls between the two.
// There are two programs of it: agent, and all for pages with a supervisor's elements.
package wasm

import (
	"context"

	"github.com/hack-pad/safejs"

	"commdn/components/elements"
	"commdn/components/lang"
	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/wasm/store"
)

// Parts is what a program consists of beside what every program has: the linker leaves out
// what its program does not name.
type Parts struct {
	Elements  []elements.Kind
	Client    func(*client.Client) session.Client
	Language  func(tag string, intl lang.Intl) *lang.Language
	Campaigns Supervisor           // nil: none
	Leave     func(*plugin) string // nil: no other program takes over
}

// Main runs a program.
func Main(parts Parts) {
	if err := run(parts); err != nil {
		panic(err) // the loader sees the program end and reports it in every element
	}
	select {} // callbacks do the rest
}

// plugin is the state of the program. Its maps have no lock: Go in a browser runs one
// goroutine at a time and switches only where one blocks. Nothing here blocks with a map
// half changed.
type plugin struct {
	parts       Parts
	loader      safejs.Value
	board       safejs.Value               // for render
	store       *store.Store               // for clients
	agent       string                     // name and version, sent to relays
	elements    map[int]*element           // by the loader's number, like those below
	connections map[int]*connection        //
	asked       map[int]context.CancelFunc // requests of the host page
	tokens      map[int]chan tokenAnswer   // that connections wait for
	lastToken   int
	languages   map[string]*lang.Language
	left        *fields // what another program has left; nil: nothing
}

func run(parts Parts) error {
	loader, err := safejs.Global().Get("commdn")
	if err != nil {
		return err
	}
	agent, err := loader.Get("agent")
	if err != nil {
		return err
	}
	p := &plugin{
		parts: parts, loader: loader, elements: map[int]*element{}, connections: map[int]*connection{},
		asked: map[int]context.CancelFunc{}, tokens: map[int]chan tokenAnswer{}, languages: map[string]*lang.Language{},
	}
	if p.agent, err = agent.String(); err != nil {
		return err
	}
	if p.board, err = loader.Get("board"); err != nil {
		return err
	}
	kept, err := loader.Get("store")
	if err != nil {
		return err
	}
	p.store = store.New(kept)
	serve, err := p.serve()
	if err != nil {
		return err
	}
	_, err = loader.Call("ready", serve, ui.Theme)
	return err
}
