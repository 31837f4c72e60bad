//go:build js && wasm

// Command program does what its first argument says; the tests of wasmtest run it.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall/js"
)

func main() {
	switch os.Args[1] {
	case "exit":
		code, err := strconv.Atoi(os.Args[2])
		if err != nil {
			panic(err)
		}
		os.Exit(code)
	case "print": // long, and no newline at the end
		for i := range 300 {
			fmt.Fprintf(os.Stdout, "%d %s\n", i, strings.Repeat("é", 2000))
		}
		fmt.Fprint(os.Stderr, "to stderr")
		fmt.Print("the end")
	case "panic":
		fmt.Print("before")
		panic("on purpose")
	case "hang": // the page's only thread never returns
		fmt.Print("before")
		for len(os.Args) > 0 {
		}
	case "wait": // nothing will ever wake it
		fmt.Print("before")
		select {}
	case "read":
		entries, err := os.ReadDir("testdata/program")
		fmt.Println("dir:", len(entries), err)
		b, err := os.ReadFile("testdata/program/main.go")
		fmt.Println("file:", strings.HasPrefix(string(b), "//go:build js"), err)
		_, err = os.Stat("testdata/fuzz")
		fmt.Println("absent:", os.IsNotExist(err))
		_, err = os.ReadDir("testdata/fuzz")
		fmt.Println("absent:", os.IsNotExist(err))
		_, err = os.ReadFile("../../../../../../etc/passwd")
		fmt.Println("outside:", os.IsNotExist(err))
		fmt.Println("write:", os.WriteFile("testdata/new", nil, 0o600))
	case "policy":
		reported := make(chan struct{})
		js.Global().Get("document").Call("addEventListener", "securitypolicyviolation",
			js.FuncOf(func(js.Value, []js.Value) any { close(reported); return nil }))
		_, err := strconv.Atoi(tryEval())
		<-reported
		fmt.Println("eval gave a number:", err == nil)
	}
}

// tryEval returns the value of eval("42"), or the error that it throws.
func tryEval() (result string) {
	defer func() {
		if r := recover(); r != nil {
			result = fmt.Sprint(r)
		}
	}()
	return js.Global().Call("eval", "'42'").String()
}
