//go:build js && wasm

// Command agent is the program for pages with an agent's elements alone.
package main

import (
	"commdn/components/elements"
	"commdn/components/lang"
	"commdn/wasm"
)

func main() {
	wasm.Main(wasm.Parts{Elements: elements.Agent(), Client: wasm.AgentClient, Language: lang.Agent, Leave: wasm.Leave})
}
