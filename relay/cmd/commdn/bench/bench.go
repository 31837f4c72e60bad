// Package bench measures a relay and a simulator that run as processes of their
// own, beside a bare WebSocket server that only echoes, in the same run: what
// one machine does in a second says little, the ratio of the two says more.
package bench

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// Options say what to measure.
type Options struct {
	Binary string // the commdn that is run as relay, simulator and echo server
	// Dial gives what connects to a relay, for the measurements that go through
	// a client as programs use it.
	Dial func(url string) (client.Dialer, error)

	Measure     []string      // names of measurements, in the order of Names
	Sessions    int           // connected and idle
	Subscribers int           // that are told of a status change
	Rate        int           // requests a second to OCS; 0 is as many as it answers
	Duration    time.Duration // of what goes on for a time
}

// Names are the measurements.
func Names() []string {
	var names []string
	for _, m := range measurements {
		names = append(names, m.name)
	}
	return names
}

var measurements = []struct {
	name  string
	run   func(context.Context, *run) error
	files func(Options) int // connections that are open at a time
}{
	{"idle", idle, func(o Options) int { return o.Sessions }},
	{"status", status, func(Options) int { return 2 * askers }},
	{"fan-out", fanOut, func(o Options) int { return 2 * o.Subscribers }},
	{"dnc", dnc, func(Options) int { return dncClients }},
	{"steady", steady, func(o Options) int { return steadySubscribers(o) + dncClients }},
}

// run is one run of the benchmark.
type run struct {
	Options
	report func(Result) error
}

// Run measures and calls report with each result as it comes. It ends every
// process that it has started.
func Run(ctx context.Context, o Options, report func(Result) error) error {
	for _, m := range measurements {
		if !slices.Contains(o.Measure, m.name) {
			continue
		}
		if err := enoughFiles(m.name, m.files(o)); err != nil {
			return err
		}
		if err := m.run(ctx, &run{o, report}); err != nil {
			if ctx.Err() != nil {
				err = errors.New("interrupted")
			}
			return fmt.Errorf("bench: %s: %w", m.name, err)
		}
	}
	return nil
}

// otherFiles is more than a process has open besides its connections.
const otherFiles = 200

// enoughFiles says whether this process, and so each that it starts, may open so
// many connections.
func enoughFiles(name string, connections int) error {
	text, err := os.ReadFile("/proc/self/limits")
	if err != nil {
		return fmt.Errorf("bench: processes can be measured on Linux only: %w", err)
	}
	need := connections + otherFiles
	if may := openFiles(string(text)); may < need {
		return fmt.Errorf("bench: %s needs %d open files and a process here may have %d; raise it with ulimit -n %d, or give fewer --sessions and --subscribers", name, need, may, need)
	}
	return nil
}

// openFiles reads how many files a process may open from /proc/PID/limits.
func openFiles(limits string) int {
	_, rest, _ := strings.Cut(limits, "Max open files")
	fields := strings.Fields(rest)
	if len(fields) == 0 || fields[0] == "unlimited" {
		return math.MaxInt
	}
	n, _ := strconv.Atoi(fields[0])
	return n
}

// What is measured is asked of the scenario demo.
var (
	measured = commdn.CampaignGroup{Campaign: 1001, Group: 502}
	ocs      = commdn.DBID(201)
)

// servers are the processes that a measurement runs.
type servers struct {
	sim, relay *process
	control    string // of the simulator
}

// start starts a simulator, and a relay that is connected to it.
func (r *run) start(ctx context.Context) (*servers, error) {
	s := &servers{}
	var err error
	if s.sim, err = startProcess(r.Binary, "scenario ", "sim", "--scenario", "demo", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0"); err != nil {
		return nil, err
	}
	tserver, _, _ := strings.Cut(s.sim.after("T-Server on "), ",")
	s.control = s.sim.after("page on ")
	s.relay, err = startProcess(r.Binary, "http://", "relay", "--listen", "127.0.0.1:0", "--tserver", tserver, "--ocs", fmt.Sprint(ocs))
	if err == nil {
		err = s.relay.waitReady(ctx)
	}
	if err != nil {
		s.end()
		return nil, err
	}
	return s, nil
}

func (s *servers) end() {
	s.relay.end()
	s.sim.end()
}

// echo starts the echo server.
func (r *run) echo() (*process, error) {
	return startProcess(r.Binary, "http://", "bench", "echo", "--listen", "127.0.0.1:0")
}
