package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"commdn/protocol/client"
	"commdn/relay/cmd/commdn/bench"
	"commdn/relay/web"
)

type benchCmd struct {
	Relay benchRelayCmd `cmd:"" help:"Measure a relay, started with a simulator as processes of their own, beside a bare WebSocket echo server."`
	Echo  benchEchoCmd  `cmd:"" hidden:"" help:"Run the bare WebSocket echo server that a relay is measured beside."`
}

type benchRelayCmd struct {
	Measure     []string      `help:"What to measure: ${benches}." default:"${benches}" placeholder:"NAME"`
	Sessions    int           `help:"Sessions that are connected and idle." default:"10000" placeholder:"N"`
	Subscribers int           `help:"Sessions that are told of a change." default:"5000" placeholder:"N"`
	Rate        int           `help:"Do Not Call requests a second; 0 is as many as are answered." default:"2000" placeholder:"N"`
	Duration    time.Duration `help:"How long each measurement goes on, but for those that end by themselves." default:"10s"`
	outputFlag
}

// Help is what commdn bench relay --help says further.
func (benchRelayCmd) Help() string {
	return `idle: memory of a connected session. status: requests that the relay answers from what it knows, as fast as they are answered. fan-out: time until the last subscriber has a change. dnc: Do Not Call requests through relay and simulator. steady: memory of a relay that is busy; ten minutes of it are --measure steady --duration 10m.`
}

// Validate is called by kong when the flags have their values.
func (c *benchRelayCmd) Validate() error {
	for _, name := range c.Measure {
		if !strings.Contains(","+strings.Join(bench.Names(), ",")+",", ","+name+",") {
			return fmt.Errorf("--measure: %q is none of %s", name, strings.Join(bench.Names(), ", "))
		}
	}
	if c.Sessions < 1 || c.Subscribers < 1 || c.Rate < 0 || c.Duration < time.Millisecond {
		return fmt.Errorf("--sessions and --subscribers must be at least 1, --rate 0 and --duration 1ms")
	}
	return nil
}

// Run measures. Each line is printed as soon as it is known, but with json.
func (c *benchRelayCmd) Run(e *env) error {
	binary, err := os.Executable()
	if err != nil {
		return fmt.Errorf("commdn: the program cannot find itself to start its servers: %w", err)
	}
	results := []bench.Result{}
	print := func(r bench.Result) error {
		if len(results) == 0 {
			fmt.Fprintf(e.stdout, benchLine, "MEASURED", "SERVER", "SESSIONS", "COUNT", "A SECOND", "P50 MS", "P90 MS", "P99 MS", "MAX MS", "CPU US", "KB/SESSION", "RSS MB", "RATIO", "")
		}
		results = append(results, r)
		return printBench(e.stdout, r)
	}
	switch c.Output {
	case formatJSON:
		print = func(r bench.Result) error { results = append(results, r); return nil }
	case formatJSONL:
		print = func(r bench.Result) error { return writeJSON(e.stdout, r) }
	}
	err = bench.Run(e.ctx, bench.Options{
		Binary: binary, Measure: c.Measure, Sessions: c.Sessions, Subscribers: c.Subscribers, Rate: c.Rate, Duration: c.Duration,
		Dial: func(url string) (client.Dialer, error) { return dialer(url, "") },
	}, print)
	if err != nil {
		return &exitError{exitNoAnswer, err}
	}
	if c.Output == formatJSON {
		return writeJSON(e.stdout, results)
	}
	return nil
}

const benchLine = "%-8s  %-6s  %8s  %7s  %8s  %8s  %8s  %8s  %8s  %8s  %10s  %8s  %6s  %s\n"

func printBench(out io.Writer, r bench.Result) error {
	number := func(v float64, digits int) string {
		if v == 0 {
			return "-"
		}
		return fmt.Sprintf("%.*f", digits, v)
	}
	note := r.Goal
	if r.CPURatio != 0 {
		note += fmt.Sprintf("; by CPU %.2f", r.CPURatio)
	}
	if r.Slope != 0 {
		note += fmt.Sprintf("; it grew by %.0f KB a minute", r.Slope)
	}
	_, err := fmt.Fprintf(out, benchLine, r.Measurement, r.Server, fmt.Sprint(r.Sessions), fmt.Sprint(r.Count), number(r.PerSecond, 0),
		number(r.P50, 2), number(r.P90, 2), number(r.P99, 2), number(r.Max, 2), number(r.CPU, 1),
		number(r.SessionKB, 1), number(r.RSS/1024, 1), number(r.Ratio, 2), note)
	return err
}

type benchEchoCmd struct {
	Listen string `help:"Loopback address." default:"127.0.0.1:0"`
}

// Run serves until the command is ended.
func (c *benchEchoCmd) Run(e *env) error {
	l, err := web.Listen(c.Listen, false)
	if err != nil {
		return err
	}
	fmt.Fprintf(e.stdout, "commdn bench echo: http://%s/\n", l.Addr())
	return echo(e.ctx, l)
}
