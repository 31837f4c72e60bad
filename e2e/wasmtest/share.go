package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"syscall"

	"commdn/e2e/chrome"
)

// sharedVariable names the address of the browser of share.
const sharedVariable = "WASMTEST_BROWSER"

// share runs a command, all programs of which have their pages in one browser, and returns
// the command's exit code: each would start a browser of its own otherwise.
func share(ctx context.Context, command []string, stdout, stderr io.Writer) int {
	address, stop, err := chrome.Serve(ctx)
	defer stop()
	if err == nil {
		c := exec.CommandContext(ctx, command[0], command[1:]...)
		c.Cancel = func() error { return c.Process.Signal(syscall.SIGTERM) } // it ends its own processes
		c.Env = append(os.Environ(), sharedVariable+"="+address)
		c.Stdout, c.Stderr = stdout, stderr
		err = c.Run()
	}
	if exit, is := errors.AsType[*exec.ExitError](err); is && exit.ExitCode() > 0 {
		return exit.ExitCode()
	}
	if err != nil {
		fmt.Fprintln(stderr, "wasmtest:", err)
		return exitBroken
	}
	return 0
}

// open opens a tab in the browser of share, or starts one.
func open(ctx context.Context, listener func(ev any)) (tab context.Context, stop func(), err error) {
	if address := os.Getenv(sharedVariable); address != "" {
		return chrome.Join(ctx, address, listener)
	}
	return chrome.Start(ctx, chrome.Options{Listener: listener})
}
