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
		Up struct{} `cmd:"" help:"Up."`
		To struct {
			Where string `arg:"" enum:"left,right"`
		} `cmd:"" help:"To."`
	} `cmd:"" help:"Set it."`
	Secret struct{} `cmd:"" hidden:""`
}

func script(t *testing.T, shell string) string {
	t.Helper()
	parser, err := kong.New(&program{}, kong.Name("prog"))
	if err != nil {
		t.Fatal(err)
	}
	return Script(shell, parser.Model.Node, map[string][]string{"modes": {"fast", "slow-and-safe"}})
}

// What bash offers, by a bash that has sourced the script.
func TestBash(t *testing.T) {
	t.Parallel()
	text := script(t, "bash")
	for line, want := range map[string]string{
		"prog ":                  "put set --help",
		"prog s":                 "set",
		"prog set ":              "up to --help",
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
		"prog secret ":           "put set --help",
	} {
		words := strings.Fields(line)
		if strings.HasSuffix(line, " ") {
			words = append(words, "''")
		}
		cmd := exec.Command("bash", "--norc", "-c", text+"\nCOMP_WORDS=("+strings.Join(words, " ")+")\nCOMP_CWORD=$((${#COMP_WORDS[@]}-1))\n_prog\necho \"${COMPREPLY[*]}\"")
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
			"'prog put --file') kind=file ;;", "'prog set to') list='left right --help' ;;",
		},
		"fish": {
			`complete -c prog -n "__prog_at 'prog'" -f -a put -d 'Put it.'`,
			`complete -c prog -n "__prog_at 'prog put'" -l mode -s m -x -a 'fast slow-and-safe' -d 'The vendor’s mode.'`,
			`complete -c prog -n "__prog_at 'prog put'" -l file -r -F -d ''`,
			`complete -c prog -n "__prog_at 'prog put'" -l limit -x -d ''`,
			`complete -c prog -n "__prog_at 'prog put'" -l no-auto -d ''`,
			`complete -c prog -n "__prog_at 'prog set to'" -f -a 'left right'`,
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
