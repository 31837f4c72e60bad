package journal

import (
	"context"
	"encoding/json"
	"fmt"
	"runtime/debug"
	"strconv"
	"sync"
)

// follow tells the desk of outcomes that other relays keep, and finds sets of links that
// they begin to use.
func (j *Journal) follow(ctx context.Context) error {
	all := j.streams.(Fenced)
	done, err := all.Follow(ctx, streamDone, subjectDone+"*", false, func(m Message) {
		defer func() { // the goroutine is that of JetStream
			if p := recover(); p != nil {
				j.log.Error("an outcome of another relay is passed over", "panic", p, "stack", string(debug.Stack()))
			}
		}()
		r, err := read(m.Data)
		if err != nil {
			j.log.Error("an outcome of another relay is passed over", "error", err)
			return
		}
		if k, err := r.known(); err == nil && k.Outcome != nil {
			j.dropped(k.ID, *k.Outcome)
		}
	})
	if err != nil {
		return fmt.Errorf("journal: %w", err)
	}
	routes, err := all.Follow(ctx, streamState, subjectRoute+"*", true, func(m Message) {
		j.running.Go(func() {
			if err := j.learn(j.ctx, &m); err != nil && j.ctx.Err() == nil {
				j.log.Error("a set of links of another relay waits", "error", err)
			}
		})
	})
	if err != nil {
		done()
		return fmt.Errorf("journal: %w", err)
	}
	j.mu.Lock()
	j.follows = []func(){done, routes}
	j.mu.Unlock()
	return nil
}

// learn takes in a set of links, and has it handed out where this relay holds its first
// link.
func (j *Journal) learn(ctx context.Context, m *Message) error {
	var links []string
	if err := json.Unmarshal(m.Data, &links); err != nil || len(links) == 0 {
		return fmt.Errorf("a set of links cannot be read: %s", m.Data)
	}
	return j.learned(ctx, last(m.Subject), links)
}

func (j *Journal) learned(ctx context.Context, token string, links []string) error {
	j.mu.Lock()
	j.known[token] = links[0]
	t := j.terms[links[0]]
	j.mu.Unlock()
	if t == nil {
		return nil
	}
	return j.consumeIn(ctx, token, t)
}

// sharedRoute has a set of links known to all relays.
func (j *Journal) sharedRoute(ctx context.Context, token string, links []string) error {
	j.mu.Lock()
	_, known := j.known[token]
	j.mu.Unlock()
	if known {
		return nil
	}
	if err := j.keep(ctx, subjectRoute+token, links); err != nil {
		return err
	}
	return j.learned(ctx, token, links)
}

func (j *Journal) readRoutes(ctx context.Context) error {
	subjects, err := j.streams.Subjects(ctx, streamState, subjectRoute+"*")
	if err != nil {
		return err
	}
	for _, subject := range subjects {
		m, err := j.streams.Last(ctx, streamState, subject)
		if err != nil {
			return err
		}
		if m != nil {
			if err := j.learn(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// consumeIn begins to hand out what waits for a set of links, in a term.
func (j *Journal) consumeIn(ctx context.Context, token string, t *term) error {
	j.opening.Lock()
	defer j.opening.Unlock()
	name := token + "-" + strconv.FormatUint(t.number, 10)
	j.mu.Lock()
	over, known := j.routes == nil || j.terms[t.link] != t, j.routes[name] != nil
	j.mu.Unlock()
	if over || known {
		return nil
	}
	stop, err := j.streams.(Fenced).ConsumeAlone(ctx, token, t.number, subjectWork+token+".*", j.most(token), func(d Delivery) { j.take(d, t) }, j.silent)
	if err != nil {
		return err
	}
	stop = sync.OnceFunc(stop)
	j.mu.Lock()
	over = j.routes == nil || j.terms[t.link] != t
	if !over {
		j.routes[name] = stop
		t.stops = append(t.stops, func() {
			j.mu.Lock()
			delete(j.routes, name)
			j.mu.Unlock()
			stop()
		})
	}
	j.mu.Unlock()
	if over { // meanwhile
		stop()
	}
	return nil
}
