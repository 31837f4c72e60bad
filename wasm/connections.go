//go:build js && wasm

package wasm

import (
	"context"
	"errors"
	"strconv"
	"time"

	"commdn/components/lang"
	"commdn/components/session"
	"commdn/protocol/client"
)

// connection is a connection to a relay, with all that its elements and the host page
// share.
type connection struct {
	number    int
	client    *client.Client
	session   *session.Session
	lang      *lang.Language
	more      Supervisor      // of the program
	stop      func()          // ends the watch of the session
	wanted    map[string]bool // events that the host page listens to
	campaigns func()          // ends the watch of campaigns; nil: no watch
	listed    bool            // the host page has a directory
	telling   bool            // of what began less than tellAfter ago, soon
	notes     map[int]note    // of requests under way, by ID
}

// note says what the loader knows of a request under way.
type note int

const (
	untold note = 1 + iota // nothing yet
	noted
)

// tellAfter is how long a request may be under way before the loader hears of it, whose
// events the host page does not want: most are over then, and their clicks are the faster.
const tellAfter = 50 * time.Millisecond

// tokenAnswer is the host page's answer to a request for a token.
type tokenAnswer struct {
	token string
	err   error
}

// connect(number, url, hasToken, locale, keep) starts a connection to a relay. keep is for
// how many seconds requests are kept in the browser; 0: not at all.
func (p *plugin) connect(c *call) error {
	number, url, hasToken, locale, keep := c.int(), c.text(), c.bool(), c.text(), c.int()
	if c.err != nil {
		return c.err
	}
	if p.connections[number] != nil {
		return errors.New("connection " + strconv.Itoa(number) + " is there already")
	}
	o := client.Options{
		Agent: p.agent,
		Dial:  func(ctx context.Context) (client.Conn, error) { return dial(ctx, url) },
	}
	if keep > 0 {
		o.Store, o.Relay, o.KeepFor = p.store, url, time.Duration(keep)*time.Second
	}
	if hasToken {
		o.Token = func(ctx context.Context) (string, error) { return p.askToken(ctx, number) }
	}
	conn := &connection{number: number, more: p.parts.Campaigns, client: client.New(o), lang: p.language(locale), wanted: map[string]bool{}, notes: map[int]note{}}
	conn.session = session.New(p.parts.Client(conn.client), time.Now)
	conn.stop = conn.session.Watch(func(change session.Change) { p.changed(conn, change) })
	p.connections[number] = conn
	return nil
}

// disconnect(number) ends a connection. The loader has unmounted its elements.
func (p *plugin) disconnect(c *call) error {
	conn := p.connections[c.int()]
	if conn == nil {
		return c.err
	}
	delete(p.connections, conn.number)
	conn.stop()
	conn.session.Close()
	go conn.client.Close() // waits for calls in progress
	return c.err
}

// askToken asks the host page for a token.
func (p *plugin) askToken(ctx context.Context, connection int) (string, error) {
	p.lastToken++
	id, answer := p.lastToken, make(chan tokenAnswer, 1)
	p.tokens[id] = answer
	defer delete(p.tokens, id)
	p.tell("token", connection, id)
	select {
	case a := <-answer:
		return a.token, a.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

// token(id, token, error) is the host page's answer.
func (p *plugin) token(c *call) error {
	id, a, failure := c.int(), tokenAnswer{token: c.text()}, c.text()
	if failure != "" {
		a.err = errors.New(failure)
	}
	if answer := p.tokens[id]; answer != nil {
		delete(p.tokens, id)
		answer <- a
	}
	return c.err
}

// watch(number, event, on) starts or ends the host page's watch of request, campaign,
// sequence or directory. A new watch gets what is already known.
func (p *plugin) watch(c *call) error {
	conn, event, on := p.connections[c.int()], c.text(), c.bool()
	if conn == nil || c.err != nil {
		return c.err
	}
	conn.wanted[event] = on
	if p.parts.Campaigns != nil {
		p.parts.Campaigns.watch(p, conn, event, on)
	}
	return nil
}

// changed reports a change to the host page if it listens.
func (p *plugin) changed(conn *connection, change session.Change) {
	switch w := conn.wanted; {
	case change.Kind == session.StatusChanged:
		p.event(conn, "status", statusDetail(conn.session.Status()))
	case change.Kind == session.EntryChanged && (!conn.later(p, change.Entry) || w["request"]):
		p.event(conn, "request", conn.entry(change.Entry))
	case p.parts.Campaigns != nil:
		p.parts.Campaigns.changed(p, conn, change)
	}
}

// later says whether the loader, which notes what a reload would lose, need not hear of a
// request at once.
func (conn *connection) later(p *plugin, e session.Entry) bool {
	switch {
	case conn.wanted["request"] || conn.notes[e.ID] == noted || e.Outcome != session.Sending:
		unheard := conn.notes[e.ID] == untold
		if e.UnderWay() {
			conn.notes[e.ID] = noted
			return false
		}
		delete(conn.notes, e.ID)
		return unheard
	case !conn.telling:
		conn.telling = true
		go p.guard("a late event", func() error {
			for conn.telling {
				time.Sleep(tellAfter)
				conn.telling = false
				for _, e := range conn.session.Entries() {
					switch {
					case conn.notes[e.ID] != untold:
					case time.Since(e.Asked) < tellAfter:
						conn.telling = true
					default:
						conn.notes[e.ID] = noted
						p.event(conn, "request", conn.entry(e))
					}
				}
			}
			return nil
		})
	}
	conn.notes[e.ID] = untold
	return true
}

func (p *plugin) event(conn *connection, name string, detail []byte) {
	p.tell("event", conn.number, name, string(detail))
}
