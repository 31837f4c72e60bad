// Command commdn is the whole product in one binary: the relay, the simulator,
// a demo of both, and the CommDN client for a command line.
//
// Exit codes: 0 done, 1 OCS refused or the input is invalid, 2 usage, 3 no
// answer or not connected. A cancel that leaves records on an agent's desktop
// is done too, and says "incomplete".
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"commdn/relay/cmd/commdn/bench"
	"commdn/relay/cmd/commdn/completion"
	"commdn/relay/internal/enums"
	"commdn/web"
)

// Exit codes.
const (
	exitInvalid  = 1
	exitUsage    = 2
	exitNoAnswer = 3
)

type cli struct {
	Demo       demoCmd       `cmd:"" help:"Run the relay with a simulated T-Server and OCS inside, and the demo page."`
	Relay      relayCmd      `cmd:"" help:"Run the relay between browsers and a T-Server CommDN."`
	Directory  directoryCmd  `cmd:"" help:"Check the names and DBIDs that a relay goes by."`
	Link       linkCmd       `cmd:"" help:"Try the links of a relay to T-Server."`
	Sim        simCmd        `cmd:"" help:"Run a simulated T-Server and OCS for a relay to connect to."`
	Dnc        dncCmd        `cmd:"" help:"Put numbers or a customer on the Do Not Call list."`
	Cancel     cancelCmd     `cmd:"" help:"Cancel the records of numbers or of a customer."`
	Campaign   campaignCmd   `cmd:"" help:"Load, start, stop, tune and watch campaigns."`
	Sequence   sequenceCmd   `cmd:"" help:"Load, start, stop and unload campaign sequences."`
	Numbers    numbersCmd    `cmd:"" help:"Say in which forms phone numbers are sent, and which forms a calling list needs."`
	Tkv        tkvCmd        `cmd:"" help:"Translate TKVLists between packed hex, JSON and log text."`
	Bench      benchCmd      `cmd:"" help:"Measure what the relay of this binary can do on this machine."`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Version    versionCmd    `cmd:"" help:"Print the version."`
}

// env is what a command works with.
type env struct {
	ctx    context.Context // ends on SIGINT and SIGTERM
	files  fs.FS           // what a browser downloads
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

func (e *env) log() *slog.Logger { return slog.New(slog.NewTextHandler(e.stderr, nil)) }

// exitError is an error with its exit code. A nil Err has been reported.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"Shell: ${enum}."`
}

// Help is what commdn completion --help says further.
func (completionCmd) Help() string {
	return `bash: source <(commdn completion bash)

zsh: source <(commdn completion zsh), after compinit

fish: commdn completion fish | source`
}

func (c completionCmd) Run(e *env, parsed *kong.Context) error {
	_, err := io.WriteString(e.stdout, completion.Script(c.Shell, parsed.Model.Node, map[string][]string{
		"dialmode": enums.DialModes(), "optimizeby": enums.OptimizeBys(), "state": enums.Statuses(),
	}))
	return err
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends at once
	code := run(&env{ctx: ctx, files: web.Files(), stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr}, os.Args[1:])
	stop()
	os.Exit(code)
}

// run parses the arguments, runs the command and gives the exit code.
func run(e *env, args []string) int {
	exited := -1
	parser, err := kong.New(&cli{},
		kong.Name("commdn"),
		kong.Description("Do Not Call and campaign control for Genesys Outbound Contact over a Communication DN."),
		kong.Writers(e.stdout, e.stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.Vars{
			"commdn":      "CommDN_1", // as the demo has it, and the application too
			"app":         "101",
			"dialmodes":   strings.Join(enums.DialModes(), ", "),
			"optimizebys": strings.Join(enums.OptimizeBys(), ", "),
			"states":      strings.Join(enums.Statuses(), ", "),
			"benches":     strings.Join(bench.Names(), ","),
		},
	)
	if err != nil {
		fmt.Fprintln(e.stderr, "commdn:", err)
		return exitUsage
	}
	command, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help
	}
	if err != nil {
		fmt.Fprintf(e.stderr, "commdn: %v; see commdn --help\n", err)
		return exitUsage
	}
	err = command.Run(e)
	if err == nil {
		return 0
	}
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{exitInvalid, err}
	}
	if exit.err != nil {
		fmt.Fprintln(e.stderr, exit.err)
	}
	return exit.code
}
