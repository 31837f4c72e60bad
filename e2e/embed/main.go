// Command embed is an outside program on commdn's packages: it starts the simulator in
// its own process and a relay beside it, requests an entry of the Do Not Call list
// through protocol/client, and finds it at the simulated OCS. It exits with 1 if any step
// fails.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/client/ws"
	"commdn/protocol/commdn"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
)

const phone = "5550107788"

func main() {
	binary := flag.String("commdn", "../../bin/commdn", "the binary, which has the relay")
	flag.Parse()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := run(ctx, *binary); err != nil {
		fmt.Fprintln(os.Stderr, "embed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, binary string) error {
	genesys, err := sim.Start(sim.Options{Scenario: scenario.Shipped("demo")})
	if err != nil {
		return err
	}
	defer genesys.Close()

	url, stop, err := startRelay(ctx, binary, genesys.Addr())
	if err != nil {
		return err
	}
	defer stop()

	c := client.New(client.Options{Agent: "embed/1", Dial: ws.Dialer(url, ws.Options{})})
	defer c.Close()
	if err := linked(ctx, c); err != nil {
		return err
	}
	answers, err := c.DoNotCall(ctx, commdn.DoNotCall{Phone: phone})
	if err != nil {
		return fmt.Errorf("do not call: %w", err)
	}
	for _, entry := range genesys.DNC() {
		if entry.Phone == phone {
			fmt.Printf("%d answers, and %s is on the Do Not Call list since %s\n", len(answers), entry.Phone, entry.Time.Format(time.DateTime))
			return nil
		}
	}
	return fmt.Errorf("the request was answered (%v), but %s is not on the Do Not Call list", answers, phone)
}

// linked waits until the relay has its link to T-Server: it may still be about to connect.
func linked(ctx context.Context, c *client.Client) error {
	up := make(chan struct{}, 1)
	stop := c.Watch(func(s client.Status) {
		if s.Link.Up {
			select {
			case up <- struct{}{}:
			default:
			}
		}
	})
	defer stop()
	if c.Status().Link.Up {
		return nil
	}
	select {
	case <-up:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("no link to T-Server: %w", context.Cause(ctx))
	}
}

// startRelay starts a relay on a free port. It returns the address of its WebSocket.
func startRelay(ctx context.Context, binary, tserver string) (url string, stop func(), err error) {
	cmd := exec.CommandContext(ctx, binary, "relay", "--listen", "127.0.0.1:0", "--tserver", tserver, "--ocs", "201")
	cmd.Stderr = os.Stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		_ = cmd.Wait()
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(strings.TrimSpace(line), "http://")
	if err != nil || !found {
		stop()
		return "", nil, fmt.Errorf("the relay does not say where it is: %q, %v", line, err)
	}
	return "ws://" + strings.TrimSuffix(address, "/") + "/ws", stop, nil
}
