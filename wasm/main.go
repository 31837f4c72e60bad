//go:build js && wasm

// Command wasm is the plugin as the browser runs it: it registers the custom
// elements' components with the loader (web/commdn.js) and keeps one CommDN
// client, which all elements of the page share.
//
// The loader hands it a bridge object in its private global scope:
//
//	commdn.url             where the relay's WebSocket is
//	commdn.agent           name and version, told to the relay
//	commdn.ready(api)      called once; api has mount, attribute and unmount
//	commdn.failed(message) a component failed and was taken off the page
package main

import (
	"context"

	"github.com/hack-pad/safejs"

	"commdn/protocol/client"
)

func main() {
	if err := run(); err != nil {
		panic(err) // the loader sees the program end and says so in every element
	}
	select {} // callbacks do the rest
}

func run() error {
	bridge, err := safejs.Global().Get("commdn")
	if err != nil {
		return err
	}
	url, err := text(bridge, "url")
	if err != nil {
		return err
	}
	agent, err := text(bridge, "agent")
	if err != nil {
		return err
	}
	c := client.New(client.Options{
		Agent: agent,
		Dial:  func(ctx context.Context) (client.Conn, error) { return dial(ctx, url) },
	})
	reg := &registry{client: c, bridge: bridge, elements: map[int]*element{}}
	api, err := reg.api()
	if err != nil {
		return err
	}
	_, err = bridge.Call("ready", api)
	return err
}

func text(v safejs.Value, property string) (string, error) {
	p, err := v.Get(property)
	if err != nil {
		return "", err
	}
	return p.String()
}
