// Command commdn is the whole product in one binary: the relay, the simulator,
// a demo of both, and the CommDN client for a command line.
//
// Exit codes: 0 done, 1 refused or the input is invalid, 2 usage, 3 nothing was
// sent, 4 sent and what became of it is not known, 5 the state that was waited for
// did not come. A cancel that leaves records on an agent's desktop is done too, and
// says "incomplete". README.md has all of it, and what -o json prints.
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
	"syscall"

	"github.com/alecthomas/kong"

	"commdn/web"
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
	Journal    journalCmd    `cmd:"" help:"Look at the requests that a relay keeps until they have their outcome, and at those that it put aside."`
	Audit      auditCmd      `cmd:"" help:"See who asked a relay for what, and prove that nobody has changed it."`
	Log        logCmd        `cmd:"" help:"Find a number in the log of a relay."`
	Numbers    numbersCmd    `cmd:"" help:"Say in which forms phone numbers are sent, and which forms a calling list needs."`
	Tkv        tkvCmd        `cmd:"" help:"Translate TKVLists between packed hex, JSON and log text."`
	Bench      benchCmd      `cmd:"" help:"Measure what the relay of this binary can do on this machine."`
	Completion completionCmd `cmd:"" help:"Print a script that completes commands and flags in a shell."`
	Names      namesCmd      `cmd:"" name:"complete-names" hidden:""`
	Version    versionCmd    `cmd:"" help:"Print the version, with the commit that it was built from."`

	VersionFlag versionFlag `name:"version" help:"Print the version and end."`
}

// env is what a command works with.
type env struct {
	ctx    context.Context // ends on SIGINT and SIGTERM
	files  fs.FS           // what a browser downloads
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	logger *slog.Logger // see log
}

// log gives the command's one logger: two would write to stderr at the same time.
func (e *env) log() *slog.Logger {
	if e.logger == nil {
		e.logger = slog.New(slog.NewTextHandler(e.stderr, nil))
	}
	return e.logger
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
	held := texts{}
	parser, err := kong.New(grammar(args),
		kong.Name("commdn"),
		kong.Description("Do Not Call and campaign control for Genesys Outbound Contact over a Communication DN."),
		kong.Writers(e.stdout, e.stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.PostBuild(held.prepare),
	)
	if err != nil {
		fmt.Fprintln(e.stderr, "commdn:", err)
		return exitUsage
	}
	held.giveBack()
	command, err := parser.Parse(args)
	if exited >= 0 {
		return exited // --help
	}
	if err != nil {
		err = &exitError{exitUsage, fmt.Errorf("commdn: %w; see commdn --help", err)}
	} else {
		err = command.Run(e)
	}
	if err == nil {
		return 0
	}
	return e.report(err, wantsJSON(args))
}

// report says why a command failed: to people, and where JSON is wanted and no
// result has told of it, to programs. It gives the exit code.
func (e *env) report(err error, asJSON bool) int {
	var exit *exitError
	if !errors.As(err, &exit) {
		exit = &exitError{exitInvalid, err}
	}
	if exit.err == nil {
		return exit.code
	}
	fmt.Fprintln(e.stderr, exit.err)
	if _, known := errors.AsType[*toldError](exit); asJSON && !known {
		_ = writeJSON(e.stdout, failureOf(exit)) // a pipe that is broken is what failed, or takes nothing any more
	}
	return exit.code
}
