package main

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]struct {
		code int
		out  string // on standard output
		err  string // on standard error
	}{
		"--help":             {0, "Do Not Call and campaign control", ""},
		"dnc --help":         {0, "ws://127.0.0.1:8080/ws", ""},
		"version":            {0, "commdn dev\n", ""},
		"--version":          {0, "commdn dev\n", ""},
		"dnc 1 --version":    {0, "commdn dev\n", ""},
		"":                   {exitUsage, "", "expected one of"},
		"frobnicate":         {exitUsage, "", "unexpected argument frobnicate"},
		"dnc 1 --frob":       {exitUsage, "", "unknown flag --frob"},
		"dnc 1 --chain Some": {exitUsage, "", "AllChain"},
		"dnc 1 -o xml":       {exitUsage, "", "--output"},
		"dnc 1 --ocs x":      {exitUsage, "", "--ocs"},
		"relay":              {exitUsage, "", "--tserver"},
		"tkv":                {exitUsage, "", "encode"},
		"sim --speed fast":   {exitUsage, "", "--speed"},

		"relay --tserver 127.0.0.1:1 --listen 0.0.0.0:8080":               {exitInvalid, "", "only a loopback address"},
		"relay --tserver 127.0.0.1:1 --listen 8080":                       {exitInvalid, "", "HOST:PORT"},
		"relay --tserver 127.0.0.1:1 --listen 127.0.0.1:0 --app-dbid 0":   {exitInvalid, "", "application DBID 0"},
		"relay --tserver 127.0.0.1:1 --listen 127.0.0.1:0 --application=": {exitInvalid, "", "Application is empty"},
		"demo --listen 192.168.0.1:8080":                                  {exitInvalid, "", "only a loopback address"},
		"sim --listen 0.0.0.0:7000":                                       {exitInvalid, "", "only a loopback address"},
		"sim --listen 7000":                                               {exitInvalid, "", "missing port"},
		"sim --http 192.168.0.1:7080":                                     {exitInvalid, "", "--expose does it all the same"},
		"sim --scenario dmo":                                              {exitInvalid, "", "did you mean demo?"},
		"demo --parent https://*.example.com":                             {exitInvalid, "", `parent "https://*.example.com": give https://NAME`},
		"demo --origin example.com":                                       {exitInvalid, "", `origin "example.com": give https://HOST`},
		"sim --speed=-1":                                                  {exitInvalid, "", "clock.speed"},
		"dnc":                                                             {exitInvalid, "", "GSW_PHONE: is empty, and so is GSW_CUSTOMER_ID"},
		"dnc 555\a":                                                       {exitInvalid, "", `GSW_PHONE: has "U+7" at character 4`},
		"dnc 555 --relay ftp://127.0.0.1/x":                               {exitNoAnswer, "", "unexpected url scheme"},
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := invoke(t, "", strings.Fields(args)...)
			if code != want.code || !strings.Contains(stdout, want.out) || !strings.Contains(stderr, want.err) {
				t.Errorf("exit %d\nstdout: %s\nstderr: %s", code, stdout, stderr)
			}
			if code != 0 {
				if lines := strings.Count(strings.TrimRight(stderr, "\n"), "\n"); lines > 0 && !strings.Contains(stderr, "level=") {
					t.Errorf("an error of more than one line: %s", stderr)
				}
				if stdout != "" {
					t.Errorf("an error, and on standard output: %s", stdout)
				}
			}
		})
	}
}

// The same through real processes and a real signal.
func TestProcesses(t *testing.T) {
	t.Parallel()
	binary := built(t)
	for _, arg := range []string{"version", "--version"} {
		if out, err := exec.Command(binary, arg).Output(); err != nil || string(out) != "commdn 1.2.3 (0123456789, changed, 2026-11-28T16:00:00Z)\n" {
			t.Fatalf("%s: %q, %v", arg, out, err)
		}
	}
	sim := process(t, binary, "sim", "--listen", "127.0.0.1:0", "--http", "off")
	relay := process(t, binary, "relay", "--listen", "127.0.0.1:0", "--tserver", sim.word(4))
	relay.log.wait(t, "T-Server link is up")
	url := strings.Replace(relay.word(2), "http://", "ws://", 1) + "/ws"
	out, err := exec.Command(binary, "dnc", "5550104477", "--relay", url).CombinedOutput()
	if err != nil || string(out) != "OCS 201: on the Do Not Call list\n" {
		t.Errorf("dnc: %v\n%s", err, out)
	}
	var exit *exec.ExitError
	if out, err = exec.Command(binary, "dnc", refusedPhone, "--relay", url).CombinedOutput(); !errors.As(err, &exit) || exit.ExitCode() != exitInvalid {
		t.Errorf("dnc of a number that OCS refuses: %v\n%s", err, out)
	}
	for name, s := range map[string]*server{"relay": relay, "sim": sim} {
		if code := s.end(); code != 0 {
			t.Errorf("%s after SIGTERM: exit code %d\n%s", name, code, s.log)
		}
	}
}

// process starts a command as a process of its own; end sends SIGTERM.
func process(t *testing.T, binary string, args ...string) *server {
	t.Helper()
	s := &server{log: &safeBuffer{}}
	cmd := exec.Command(binary, args...)
	first := &firstLine{line: make(chan string, 1)}
	cmd.Stdout, cmd.Stderr = first, s.log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = cmd.Wait()
	}()
	s.end = func() int {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		<-ended
		return cmd.ProcessState.ExitCode()
	}
	s.signal = cmd.Process.Signal
	t.Cleanup(func() { s.end() })
	select {
	case s.line = <-first.line:
	case <-ended:
		t.Fatalf("commdn %v ended with %v: %s", args, cmd.ProcessState, s.log)
	}
	return s
}

// firstLine hands over the first line that is written to it.
type firstLine struct {
	line chan string
	text bytes.Buffer
	done bool
}

func (f *firstLine) Write(p []byte) (int, error) {
	if f.done {
		return len(p), nil
	}
	f.text.Write(p)
	if line, _, found := strings.Cut(f.text.String(), "\n"); found {
		f.done = true
		f.line <- line
	}
	return len(p), nil
}

// A bash that has sourced the script offers the commands that there are.
func TestCompletion(t *testing.T) {
	t.Parallel()
	code, script, stderr := invoke(t, "", "completion", "bash")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d, %s", code, stderr)
	}
	for words, want := range map[string]string{
		"commdn campaign f": "force-unload",
		"commdn campaign load Autumn/Sales --dial-mode po": "power-gvp",
		"commdn dnc --chain R":                             "RecordOnly",
		"commdn campaign status x/y --wait run":            "running",
	} {
		out, err := exec.Command("bash", "--norc", "-c", script+"\nCOMP_WORDS=("+words+")\nCOMP_CWORD=$((${#COMP_WORDS[@]}-1))\n_commdn\necho \"${COMPREPLY[*]}\"").CombinedOutput()
		if got := strings.TrimSpace(string(out)); err != nil || got != want {
			t.Errorf("%q: %q, want %q, %v", words, got, want, err)
		}
	}
	if code, _, stderr := invoke(t, "", "completion", "csh"); code != exitUsage || !strings.Contains(stderr, "bash") {
		t.Errorf("csh: exit %d, %s", code, stderr)
	}
}
