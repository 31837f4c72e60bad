// Package completion writes scripts that complete the commands and flags of a
// kong program in a shell. A script holds all words itself, so that pressing
// tab does not run the program, but for names that only the program can find out.
package completion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Options say what completes what has a tag complete:"KIND". The kind file
// completes file names.
type Options struct {
	Lists map[string][]string // the words of a kind; without blanks and quotes
	// Ask is a command of the program that prints the words of a kind, one a line:
	// PROGRAM ASK KIND -- WORDS, where WORDS are those of the line that is being
	// completed, without the program. Kinds has those that it knows.
	Ask   string
	Kinds []string
}

// Script gives the script for bash, zsh or fish; it panics for another shell.
// Flags and arguments without a tag complete have the values of their enum.
func Script(shell string, app *kong.Node, o Options) string {
	commands := walker{o}.walk(nil, app, app.Name)
	switch shell {
	case "bash":
		return bash(app.Name, o.Ask, commands)
	case "zsh":
		return zsh(app.Name, o.Ask, commands)
	case "fish":
		return fish(app.Name, o.Ask, commands)
	}
	panic("completion: no script for " + shell)
}

// command is a command with its whole path, "commdn campaign load" for one.
type command struct {
	path  string
	subs  []sub
	flags []flag
	args  []string // values of its arguments, where they are known
	file  bool     // whether an argument is a file
	ask   string   // kind of an argument that the program is asked for
}

type sub struct{ name, help string }

type flag struct {
	name   string // with its dashes
	short  string // with its dash, or empty
	help   string
	value  bool // whether it takes one
	file   bool // whether that is a file
	ask    string
	values []string
}

// words gives what can follow the path.
func (c command) words() string {
	var words []string
	for _, s := range c.subs {
		words = append(words, s.name)
	}
	words = append(words, c.args...)
	for _, f := range c.flags {
		words = append(words, f.name)
	}
	return strings.Join(words, " ")
}

type walker struct{ Options }

func (w walker) walk(all []command, n *kong.Node, path string) []command {
	c := command{path: path}
	flags := n
	if n.DefaultCmd != nil && n.DefaultCmd.Tag.Default == "withargs" { // which its flags stand for, too
		flags = n.DefaultCmd
	}
	for _, group := range flags.AllFlags(true) {
		for _, f := range group {
			c.flags = append(c.flags, w.flags(f)...)
		}
	}
	for _, p := range n.Positional {
		if p.Enum != "" {
			c.args = append(c.args, p.EnumSlice()...)
		}
		switch kind := p.Tag.Get("complete"); {
		case kind == "file":
			c.file = true
		case slices.Contains(w.Kinds, kind):
			c.ask = kind
		}
	}
	for _, child := range n.Children {
		if !child.Hidden {
			c.subs = append(c.subs, sub{child.Name, child.Help})
		}
	}
	all = append(all, c)
	for _, child := range n.Children {
		if !child.Hidden {
			all = w.walk(all, child, path+" "+child.Name)
		}
	}
	return all
}

func (w walker) flags(f *kong.Flag) []flag {
	one := flag{name: "--" + f.Name, help: f.Help, value: !f.IsBool() && !f.IsCounter()}
	if f.Short != 0 {
		one.short = "-" + string(f.Short)
	}
	switch list := f.Tag.Get("complete"); {
	case list == "file":
		one.file = true
	case slices.Contains(w.Kinds, list):
		one.ask = list
	case list != "":
		one.values = w.Lists[list]
	case f.Enum != "":
		one.values = slices.DeleteFunc(f.EnumSlice(), func(v string) bool { return v == "" })
	}
	all := []flag{one}
	if f.Tag.Negatable != "" {
		all = append(all, flag{name: "--no-" + f.Name, help: f.Help})
	}
	return all
}

// names gives the flag's names as a pattern of a shell's case, each behind
// the path.
func (f flag) names(path string) string {
	pattern := quote(path + " " + f.name)
	if f.short != "" {
		pattern += "|" + quote(path+" "+f.short)
	}
	return pattern
}

// quote quotes s for bash, zsh and fish alike, none of which expands anything
// in single quotes. Quotes in s become ’ for that.
func quote(s string) string {
	s = strings.NewReplacer("'", "’", "\\", "/", "\n", " ").Replace(s)
	return "'" + s + "'"
}

// cases writes what bash and zsh have in common: the commands, the flags with
// values, and the words of each command.
func cases(commands []command) (paths, values, words string) {
	var p, v, w strings.Builder
	for i, c := range commands {
		if i > 0 {
			if p.Len() > 0 {
				p.WriteByte('|')
			}
			p.WriteString(quote(c.path))
		}
		for _, f := range c.flags {
			switch {
			case f.file:
				fmt.Fprintf(&v, "    %s) kind=value; files=1 ;;\n", f.names(c.path))
			case f.ask != "":
				fmt.Fprintf(&v, "    %s) kind=value; ask=%s ;;\n", f.names(c.path), quote(f.ask))
			case f.value:
				fmt.Fprintf(&v, "    %s) kind=value; list=%s ;;\n", f.names(c.path), quote(strings.Join(f.values, " ")))
			}
		}
		more := ""
		if c.file {
			more += " files=1"
		}
		if c.ask != "" {
			more += " ask=" + quote(c.ask)
		}
		fmt.Fprintf(&w, "    %s) list=%s%s ;;\n", quote(c.path), quote(c.words()), more)
	}
	return p.String(), v.String(), w.String()
}
