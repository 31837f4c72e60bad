package completion

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
)

type program struct {
	Put struct {
		Names []string `arg:"" optional:""`
		Mode  string   `complete:"modes" short:"m" help:"The vendor's mode."`
		File  string   `complete:"file"`
		Chain string   `enum:"All,One" default:"All"`
		Limit int
		Dry   bool
		Auto  bool `negatable:""`
	} `cmd:"" help:"Put it."`
	Set struct {
		Up struct {
			High bool
		} `cmd:"" default:"withargs" help:"Up."`
		To struct {
			Where string `arg:"" enum:"left,right"`
		} `cmd:"" help:"To."`
	} `cmd:"" help:"Set it."`
	Call struct {
		Group string `arg:"" complete:"group"`
		In    string `complete:"group"`
	} `cmd:"" help:"Call it."`
	Open struct {
		What string `arg:"" complete:"file"`
	} `cmd:"" help:"Open it."`
	Secret struct{} `cmd:"" hidden:""`
}

func script(t *testing.T, shell string) string {
	t.Helper()
	parser, err := kong.New(&program{}, kong.Name("prog"))
	if err != nil {
		t.Fatal(err)
	}
	return Script(shell, parser.Model.Node, Options{Lists: map[string][]string{"modes": {"fast", "slow-and-safe"}}, Ask: "ask names", Kinds: []string{"group"}})
}

// asked is the program as far as a script asks it for names.
const asked = "\nprog() { [ \"$*\" = \"ask names group -- ${COMP_WORDS[*]:1}\" ] && printf '%s\\n' 'Sales' \"Sales d'Or\" 'Service'; }\n"

// What bash offers, by a bash that has sourced the script.
func TestBash(t *testing.T) {
	t.Parallel()
	text := script(t, "bash")
	for line, want := range map[string]string{
		"prog ":                  "put set call open --help",
		"prog s":                 "set",
		"prog set ":              "up to --help --high",
		"prog set --hi":          "--high", // of the default command
		"prog set to ":           "left right --help",
		"prog set to r":          "right",
		"prog put --":            "--help --mode --file --chain --limit --dry --auto --no-auto",
		"prog put x --no":        "--no-auto",
		"prog put --mode ":       "fast slow-and-safe",
		"prog put -m s":          "slow-and-safe",
		"prog put --mode = f":    "fast",
		"prog put --mode =":      "fast slow-and-safe",
		"prog put --chain ":      "All One",
		"prog put --limit ":      "",
		"prog put --dry --ch":    "--chain",
		"prog put --file comple": "completion.go completion_test.go",
		"prog put comple":        "", // no argument of it is a file
		"prog open comple":       "completion.go completion_test.go",
		"prog open --":           "--help",
		"prog secret ":           "put set call open --help",
		"prog call Sa":           `Sales Sales\ d\'Or`,
		`prog call \"Sal`:        `Sales Sales d'Or`,
		`prog call Sales\\\ d`:   `Sales\ d\'Or`,
		"prog call --in Ser":     "Service",
		"prog call --in = Ser":   "Service",
		"prog call --i":          "--in",
	} {
		words := strings.Fields(strings.ReplaceAll(line, `\ `, "\x00"))
		for i := range words {
			words[i] = strings.ReplaceAll(words[i], "\x00", `\ `)
		}
		if strings.HasSuffix(line, " ") {
			words = append(words, "''")
		}
		cmd := exec.Command("bash", "--norc", "-c", text+asked+"COMP_WORDS=("+strings.Join(words, " ")+")\nCOMP_CWORD=$((${#COMP_WORDS[@]}-1))\n_prog\necho \"${COMPREPLY[*]}\"")
		out, err := cmd.CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q: %q, want %q, %v", line, got, want, err)
		}
	}
}

// The other shells, whose scripts have the same words in them.
func TestOtherShells(t *testing.T) {
	t.Parallel()
	for shell, wants := range map[string][]string{
		"zsh": {
			"#compdef prog\n", "compdef _prog prog\n", "'prog put --mode'|'prog put -m') kind=value; list='fast slow-and-safe' ;;",
			"'prog put --file') kind=value; files=1 ;;", "'prog set to') list='left right --help' ;;", "'prog call') list='--help --in' ask='group' ;;", "'prog open') list='--help' files=1 ;;",
			`compadd -- ${(f)"$(prog ask names $ask -- "${(@Q)words[2,-1]}" 2>/dev/null)"}`,
		},
		"fish": {
			`complete -c prog -n "__prog_at 'prog'" -f -a put -d 'Put it.'`,
			`complete -c prog -n "__prog_at 'prog put'" -l mode -s m -x -a 'fast slow-and-safe' -d 'The vendor’s mode.'`,
			`complete -c prog -n "__prog_at 'prog put'" -l file -r -F -d ''`,
			`complete -c prog -n "__prog_at 'prog put'" -l limit -x -d ''`,
			`complete -c prog -n "__prog_at 'prog put'" -l no-auto -d ''`,
			`complete -c prog -n "__prog_at 'prog set to'" -f -a 'left right'`,
			`complete -c prog -n "__prog_at 'prog call'" -f -a "(prog ask names group -- (commandline -opc)[2..-1] 2>/dev/null)"`,
			"complete -c prog -n \"__prog_at 'prog put'\" -f\n",
		},
	} {
		text := script(t, shell)
		for _, want := range wants {
			if !strings.Contains(text, want) {
				t.Errorf("%s without %s\n%s", shell, want, text)
			}
		}
		if strings.Contains(text, "secret") {
			t.Errorf("%s offers a hidden command", shell)
		}
	}
}

func TestUnknownShell(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	script(t, "csh")
}
