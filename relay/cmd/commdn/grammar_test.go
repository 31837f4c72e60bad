package main

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/alecthomas/kong"
)

// What kong says of a command and its flags is the same, whether its model has only this
// command or all.
func TestGrammar(t *testing.T) {
	t.Parallel()
	help := func(grammar any, args []string) string {
		var out bytes.Buffer
		held := texts{}
		exited := false
		parser, err := kong.New(grammar, kong.Name("commdn"), kong.Writers(&out, &out), kong.Exit(func(int) { exited = true }), kong.PostBuild(held.prepare))
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		held.giveBack()
		if _, err := parser.Parse(args); err != nil && !exited {
			t.Fatalf("%v: %v", args, err)
		}
		return out.String()
	}
	parser, err := kong.New(&cli{}, kong.PostBuild(texts{}.prepare))
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, command := range parser.Model.Children {
		for _, node := range append([]*kong.Node{command}, command.Children...) {
			args := []string{command.Name, "--help"}
			if node != command && node.Type == kong.CommandNode {
				args = []string{command.Name, node.Name, "--help"}
			}
			if got, want := help(grammar(args), args), help(&cli{}, args); got != want || got == "" {
				t.Errorf("%v:\n%s\nand of all commands:\n%s", args, got, want)
			}
			compared++
		}
		if one := reflect.TypeOf(grammar([]string{command.Name})).Elem().NumField(); one != 2 && command.Name != "completion" {
			t.Errorf("%s: kong builds its model of %d fields", command.Name, one)
		}
	}
	if compared < 40 {
		t.Errorf("%d commands compared", compared)
	}
	for _, args := range [][]string{nil, {"--help"}, {"Dnc"}, {"complete"}, {"completion", "bash"}} {
		if _, all := grammar(args).(*cli); !all {
			t.Errorf("%v: not of all commands", args)
		}
	}
}
