package completion

import (
	"fmt"
	"strings"
)

// bash filters by itself: the names that a program prints may hold blanks, which
// it has to quote, unless the word begins with a quote already.
func bash(name, ask string, commands []command) string {
	paths, values, words := cases(commands)
	return fmt.Sprintf(`# bash completion of %[1]s
_%[1]s() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} at=%[1]s kind=words list= files= ask= i
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
  if [[ -n $list ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$list" -- "$cur")
  fi
  if [[ -n $ask && $cur != -* ]]; then
    local word=${cur#[\"\']} line
    word=${word//\\/}
    while IFS= read -r line; do
      [[ $line == "$word"* ]] || continue
      [[ $cur == [\"\']* ]] || printf -v line %%q "$line"
      COMPREPLY+=("$line")
    done < <(%[1]s %[5]s "$ask" -- "${COMP_WORDS[@]:1}" 2>/dev/null)
  fi
  if [[ -n $files && $cur != -* ]]; then
    local found
    mapfile -t found < <(compgen -f -- "$cur")
    COMPREPLY+=("${found[@]}")
    compopt -o filenames 2>/dev/null
  fi
}
complete -F _%[1]s %[1]s
`, name, paths, values, words, ask)
}

func zsh(name, ask string, commands []command) string {
	paths, values, words := cases(commands)
	return fmt.Sprintf(`#compdef %[1]s
_%[1]s() {
  local prev=${words[CURRENT-1]} at=%[1]s kind=words list= files= ask= i
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
  [[ -n $list ]] && compadd -- ${=list}
  [[ -n $ask && $PREFIX != -* ]] && compadd -- ${(f)"$(%[1]s %[5]s $ask -- "${(@Q)words[2,-1]}" 2>/dev/null)"}
  [[ -n $files && $PREFIX != -* ]] && _files
}
compdef _%[1]s %[1]s
`, name, paths, values, words, ask)
}

func fish(name, ask string, commands []command) string {
	var b strings.Builder
	asked := func(kind string) string {
		return fmt.Sprintf("\"(%s %s %s -- (commandline -opc)[2..-1] 2>/dev/null)\"", name, ask, kind)
	}
	fmt.Fprintf(&b, "# fish completion of %s\nfunction __%s_at\n  set -l at %s\n  for word in (commandline -opc)[2..-1]\n    switch \"$at $word\"\n      case", name, name, name)
	for _, c := range commands[1:] {
		b.WriteString(" " + quote(c.path))
	}
	b.WriteString("\n        set at \"$at $word\"\n    end\n  end\n  test \"$at\" = \"$argv[1]\"\nend\n")
	for _, c := range commands {
		at := fmt.Sprintf("complete -c %s -n \"__%s_at %s\"", name, name, quote(c.path))
		if !c.file {
			fmt.Fprintf(&b, "%s -f\n", at)
		}
		for _, s := range c.subs {
			fmt.Fprintf(&b, "%s -f -a %s -d %s\n", at, s.name, quote(s.help))
		}
		if len(c.args) > 0 {
			fmt.Fprintf(&b, "%s -f -a %s\n", at, quote(strings.Join(c.args, " ")))
		}
		if c.ask != "" {
			fmt.Fprintf(&b, "%s -f -a %s\n", at, asked(c.ask))
		}
		for _, f := range c.flags {
			fmt.Fprintf(&b, "%s -l %s", at, strings.TrimPrefix(f.name, "--"))
			if f.short != "" {
				b.WriteString(" -s " + strings.TrimPrefix(f.short, "-"))
			}
			switch {
			case f.file:
				b.WriteString(" -r -F")
			case f.ask != "":
				b.WriteString(" -x -a " + asked(f.ask))
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
