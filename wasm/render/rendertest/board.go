//go:build js && wasm

// Package rendertest gives browser tests what render needs from the page.
package rendertest

import (
	"testing"

	"github.com/hack-pad/safejs"
)

// Board is the Board of render.Options: the function of board.js, which the page of
// wasmtest imports.
func Board(t testing.TB) safejs.Value {
	t.Helper()
	module, err := safejs.Global().Call("wasmtestImport", "wasm/render/board.js")
	if err != nil {
		t.Fatal(err)
	}
	type end struct{ board, failure safejs.Value }
	ended := make(chan end, 1)
	first := func(args []safejs.Value) safejs.Value {
		if len(args) == 0 {
			return safejs.Undefined()
		}
		return args[0]
	}
	done, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		board, err := first(args).Get("board")
		if err != nil {
			t.Error(err)
		}
		ended <- end{board: board}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer done.Release()
	failed, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		ended <- end{failure: first(args)}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	defer failed.Release()
	if _, err := module.Call("then", done, failed); err != nil {
		t.Fatal(err)
	}
	e := <-ended
	if !e.failure.IsUndefined() {
		text, _ := e.failure.Call("toString")
		message, _ := text.String()
		t.Fatal("board.js: " + message)
	}
	return e.board
}
