//go:build js && wasm

// Command all is the program with all elements, and with all that handles can do.
package main

import (
	"commdn/components/elements"
	"commdn/components/lang"
	"commdn/wasm"
)

func main() {
	wasm.Main(wasm.Parts{Elements: elements.All(), Client: wasm.WholeClient, Language: lang.New, Campaigns: wasm.Campaigns()})
}
