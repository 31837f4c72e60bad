package bench

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
	"commdn/relay/sim/control"
)

// rounds is how many changes are told, an even number.
const rounds = 20

// fanOut measures how long it takes until the last of many subscribers has a
// change of a status.
func fanOut(ctx context.Context, r *run) error {
	s, err := r.start(ctx)
	if err != nil {
		return err
	}
	defer s.end()
	echo, err := r.echo()
	if err != nil {
		return err
	}
	defer echo.end()
	console, err := newConsole(s.control)
	if err != nil {
		return err
	}
	sides := []*side{{kind: toRelay, server: s.relay}, {kind: toEcho, server: echo}}
	crowds := make([]*crowd, 2)
	for i, one := range sides {
		if one.sessions, err = fill(ctx, r.Subscribers, one.kind, one.server.host(), true); err != nil {
			return err
		}
		crowds[i] = listen(one.sessions)
		defer crowds[i].end()
	}
	loudspeaker, err := dial(ctx, echo.host())
	if err != nil {
		return err
	}
	defer loudspeaker.net.Close()
	for round := range rounds + 2 { // the first two are for buffers
		load := round%2 == 0
		cause := []func() error{
			func() error { return console.load(ctx, load) },
			func() error { return loudspeaker.write(message(opText, news[load])) },
		}
		for i, one := range sides {
			took, cpu, err := tell(ctx, one.server, crowds[i], news[load], cause[i])
			if err != nil {
				return fmt.Errorf("change %d to the subscribers of %v: %w", round, one.kind, err)
			}
			if round >= 2 {
				one.took, one.in, one.cpu = append(one.took, took), one.in+took, one.cpu+cpu
			}
		}
	}
	relay, of := sides[0].result("fan-out"), sides[1].result("fan-out")
	for _, res := range []*Result{&relay, &of} {
		res.Unit = "changes"
		res.CPU /= float64(r.Subscribers)
	}
	relay.Ratio, relay.CPURatio, relay.Goal = ratio(relay.P50, of.P50), ratio(of.CPU, relay.CPU), "the last one has it within 1.3 times echo's time"
	if err := r.report(of); err != nil {
		return err
	}
	return r.report(relay)
}

// news are the messages by which a subscriber knows a change: the status of a
// campaign that was loaded, or is not any more.
var news = map[bool][]byte{true: posted(commdn.StatusActive), false: posted(commdn.StatusNotLoaded)}

// posted gives what is packed of a status in a notification.
func posted(status commdn.GroupStatus) []byte {
	packed, err := tkvlist.AppendPack(nil, tkvlist.List{{Key: commdn.KeyGroupCampStatus, Value: tkvlist.Int(int32(status))}})
	if err != nil {
		panic(err)
	}
	return packed[2:] // without the count
}

// console is the simulator's, by which campaigns change without the relay.
type console struct{ *control.Client }

func newConsole(address string) (console, error) {
	c, err := control.Dial(address)
	return console{c}, err
}

func (c console) load(ctx context.Context, load bool) error {
	do := control.ForceUnload
	if load {
		do = control.Load
	}
	_, err := c.Do(ctx, control.Control{Campaign: measured.Campaign, Group: measured.Group, Do: do})
	return err
}

// crowd are sessions that listen.
type crowd struct {
	sessions *pool
	reading  sync.WaitGroup
	wanted   atomic.Pointer[wanted]
	ending   atomic.Bool
	failed   chan error
}

// wanted is what everybody waits for.
type wanted struct {
	news []byte
	left atomic.Int64
	all  chan struct{} // closed when nobody is left
}

// listen has all sessions read until end.
func listen(p *pool) *crowd {
	c := &crowd{sessions: p, failed: make(chan error, 1)}
	for _, s := range p.all {
		c.reading.Go(func() {
			err := c.read(s)
			if c.ending.Load() {
				return
			}
			select {
			case c.failed <- err:
			default:
			}
		})
	}
	return c
}

// read takes in what comes until the connection ends, and says why it has.
func (c *crowd) read(s *socket) error {
	buf := make([]byte, 1024)
	var had *wanted
	for {
		b, err := s.read(buf)
		if err != nil {
			return err
		}
		w := c.wanted.Load()
		if w == nil || w == had || !bytes.Contains(b, w.news) {
			continue
		}
		had = w
		if w.left.Add(-1) == 0 {
			close(w.all)
		}
	}
}

func (c *crowd) end() {
	c.ending.Store(true)
	c.sessions.close()
	c.reading.Wait()
}

// keepAlive has every session ping until ctx ends.
func (c *crowd) keepAlive(ctx context.Context) error {
	for {
		if err := pause(ctx, 10*time.Second); err != nil {
			return nil
		}
		for _, s := range c.sessions.all {
			if err := s.write(ping); err != nil {
				return err
			}
		}
	}
}

// tell causes a change and gives how long it took until the last one knew, and
// what the server used for that.
func tell(ctx context.Context, server *process, c *crowd, news []byte, cause func() error) (took, cpu time.Duration, err error) {
	w := &wanted{news: news, all: make(chan struct{})}
	w.left.Store(int64(len(c.sessions.all)))
	c.wanted.Store(w)
	used, err := server.cpu()
	if err != nil {
		return 0, 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	caused := make(chan error, 1)
	began := time.Now()
	go func() { caused <- cause() }()
	select {
	case <-w.all:
		took = time.Since(began)
	case err := <-c.failed:
		cancel()
		<-caused
		return 0, 0, err
	case <-ctx.Done():
		<-caused
		return 0, 0, fmt.Errorf("%d of %d did not get it: %w", w.left.Load(), len(c.sessions.all), ctx.Err())
	}
	if err := <-caused; err != nil {
		return 0, 0, err
	}
	now, err := server.cpu()
	return took, now - used, err
}
