// Package completion writes scripts that complete the commands and flags of a
// kong program in a shell. A script holds all words itself, so that pressing
// tab does not run the program.
package completion

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Script gives the script for bash, zsh or fish; it panics for another shell.
// The values of a flag are those of its enum, or lists[name] for one with the
// tag complete:"name"; they must not hold blanks or quotes. A flag with the tag
// complete:"file" takes file names, and so does every argument.
func Script(shell string, app *kong.Node, lists map[string][]string) string {
	commands := walker{lists}.walk(nil, app, app.Name)
	switch shell {
	case "bash":
		return bash(app.Name, commands)
	case "zsh":
		return zsh(app.Name, commands)
	case "fish":
		return fish(app.Name, commands)
	}
	panic("completion: no script for " + shell)
}

// command is a command with its whole path, "commdn campaign load" for one.
type command struct {
	path  string
	subs  []sub
	flags []flag
	args  []string // values of its argument, where they are known
}

type sub struct{ name, help string }

type flag struct {
	name   string // with its dashes
	short  string // with its dash, or empty
	help   string
	value  bool // whether it takes one
	file   bool // whether that is a file
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

type walker struct{ lists map[string][]string }

func (w walker) walk(all []command, n *kong.Node, path string) []command {
	c := command{path: path}
	for _, group := range n.AllFlags(true) {
		for _, f := range group {
			c.flags = append(c.flags, w.flags(f)...)
		}
	}
	for _, p := range n.Positional {
		if p.Enum != "" {
			c.args = append(c.args, p.EnumSlice()...)
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
	case list != "":
		one.values = w.lists[list]
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
				fmt.Fprintf(&v, "    %s) kind=file ;;\n", f.names(c.path))
			case f.value:
				fmt.Fprintf(&v, "    %s) kind=value; list=%s ;;\n", f.names(c.path), quote(strings.Join(f.values, " ")))
			}
		}
		fmt.Fprintf(&w, "    %s) list=%s ;;\n", quote(c.path), quote(c.words()))
	}
	return p.String(), v.String(), w.String()
}

func bash(name string, commands []command) string {
	paths, values, words := cases(commands)
	return fmt.Sprintf(`# bash completion of %[1]s
_%[1]s() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at=%[1]s kind=words list= i
  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$at ${COMP_WORDS[i]}" in
    %[2]s) at="$at ${COMP_WORDS[i]}" ;;
    esac
  done
  case "$at $prev" in
%[3]s  esac
  if [[ $kind == words ]]; then
    case "$at" in
%[4]s    esac
  fi
  COMPREPLY=()
  if [[ $kind == file ]]; then
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  elif [[ -n $list ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$list" -- "$cur")
  fi
}
complete -o default -F _%[1]s %[1]s
`, name, paths, values, words)
}

func zsh(name string, commands []command) string {
	paths, values, words := cases(commands)
	return fmt.Sprintf(`#compdef %[1]s
_%[1]s() {
  local prev=${words[CURRENT-1]} at=%[1]s kind=words list= i
  for ((i = 2; i < CURRENT; i++)); do
    case "$at ${words[i]}" in
    %[2]s) at="$at ${words[i]}" ;;
    esac
  done
  case "$at $prev" in
%[3]s  esac
  if [[ $kind == words ]]; then
    case "$at" in
%[4]s    esac
  fi
  if [[ $kind == file ]]; then
    _files
  elif [[ -n $list ]]; then
    compadd -- ${=list}
    [[ $kind == words && $PREFIX != -* ]] && _files
  fi
}
compdef _%[1]s %[1]s
`, name, paths, values, words)
}

func fish(name string, commands []command) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# fish completion of %s\nfunction __%s_at\n  set -l at %s\n  for word in (commandline -opc)[2..-1]\n    switch \"$at $word\"\n      case", name, name, name)
	for _, c := range commands[1:] {
		b.WriteString(" " + quote(c.path))
	}
	b.WriteString("\n        set at \"$at $word\"\n    end\n  end\n  test \"$at\" = \"$argv[1]\"\nend\n")
	for _, c := range commands {
		at := fmt.Sprintf("complete -c %s -n \"__%s_at %s\"", name, name, quote(c.path))
		for _, s := range c.subs {
			fmt.Fprintf(&b, "%s -f -a %s -d %s\n", at, s.name, quote(s.help))
		}
		if len(c.args) > 0 {
			fmt.Fprintf(&b, "%s -f -a %s\n", at, quote(strings.Join(c.args, " ")))
		}
		for _, f := range c.flags {
			fmt.Fprintf(&b, "%s -l %s", at, strings.TrimPrefix(f.name, "--"))
			if f.short != "" {
				b.WriteString(" -s " + strings.TrimPrefix(f.short, "-"))
			}
			switch {
			case f.file:
				b.WriteString(" -r -F")
			case len(f.values) > 0:
				b.WriteString(" -x -a " + quote(strings.Join(f.values, " ")))
			case f.value:
				b.WriteString(" -x")
			}
			fmt.Fprintf(&b, " -d %s\n", quote(f.help))
		}
	}
	return b.String()
}
