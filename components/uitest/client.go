package uitest

import (
	"context"
	"sync"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Client is a fake of the CommDN client.
type Client struct {
	asked chan *Asked
	done  chan struct{}

	mu        sync.Mutex
	status    client.Status
	watches   map[int]func(client.Status)
	campaigns map[int]func(*commdn.CampaignEvent)
	lates     map[int]func(client.Late)
	previews  map[int]previewed
	take      func(*client.Earlier) func(client.Event)
	held      map[*Asked]bool // can be undone
	next      int
	directory frame.Directory

	directories map[int]func()
}

// Asked is a request in flight.
type Asked struct {
	Req    commdn.Request
	Window time.Duration
	Tell   func(client.Event) // what the relay says meanwhile
	answer chan answer
}

type answer struct {
	messages []commdn.Message
	err      error
}

// NewClient makes a client with a status and no directory.
func NewClient(status client.Status) *Client {
	return &Client{
		asked: make(chan *Asked, 1000), done: make(chan struct{}), status: status,
		watches: map[int]func(client.Status){}, campaigns: map[int]func(*commdn.CampaignEvent){}, lates: map[int]func(client.Late){}, directories: map[int]func(){},
		previews: map[int]previewed{}, held: map[*Asked]bool{},
	}
}

func (c *Client) end() { close(c.done) }

// Answer settles the request as Do would.
func (a *Asked) Answer(err error, messages ...commdn.Message) { a.answer <- answer{messages, err} }

// Undone is the error of a request that was taken back.
var Undone = &frame.Refusal{Code: frame.RefusedUndone, Message: "taken back in time"}

// Undo implements session.Client: a request in flight is undone if it has a window.
func (c *Client) Undo(req commdn.Request) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	for a, can := range c.held {
		if can && a.Req == req {
			delete(c.held, a)
			a.Answer(Undone)
			return true
		}
	}
	return false
}

// Release ends the window of a request: Undo is too late from then on.
func (c *Client) Release(a *Asked) {
	c.Forget(a)
	a.Tell(client.Event{Kind: client.Released})
}

// Forget is Release before the Session hears of it.
func (c *Client) Forget(a *Asked) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.held, a)
}

// Hold implements session.Client.
func (c *Client) Hold(ctx context.Context, req commdn.Request, window time.Duration, told func(client.Event)) ([]commdn.Message, error) {
	a := &Asked{req, window, told, make(chan answer, 1)}
	c.mu.Lock()
	c.held[a] = window > 0
	c.mu.Unlock()
	c.asked <- a
	select {
	case got := <-a.answer:
		return got.messages, got.err
	case <-ctx.Done():
		return nil, &client.NoAnswerError{Sent: true, Err: ctx.Err()}
	case <-c.done:
		return nil, &client.NoAnswerError{Sent: true, Err: client.ErrClosed}
	}
}

// TakeOver implements session.Client; Earlier makes use of it.
func (c *Client) TakeOver(f func(*client.Earlier) func(client.Event)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.take = f
}

// Earlier hands over a request of an earlier page. It is settled as those of this one.
func (c *Client) Earlier(e client.Earlier) *Asked {
	a := &Asked{Req: e.Request, Window: e.Window, answer: make(chan answer, 1)}
	e.Wait = func() ([]commdn.Message, error) {
		select {
		case got := <-a.answer:
			return got.messages, got.err
		case <-c.done:
			return nil, &client.NoAnswerError{Err: client.ErrClosed}
		}
	}
	c.mu.Lock()
	take := c.take
	c.held[a] = e.Window > 0
	c.mu.Unlock()
	a.Tell = take(&e)
	return a
}

// previewed is a question for the forms of a number.
type previewed struct {
	req  commdn.Request
	told chan frame.Forms
}

// Preview implements session.Client. TellForms answers.
func (c *Client) Preview(ctx context.Context, req commdn.Request) (frame.Forms, error) {
	c.mu.Lock()
	c.next++
	id, p := c.next, previewed{req, make(chan frame.Forms, 1)}
	c.previews[id] = p
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.previews, id)
	}()
	select {
	case f := <-p.told:
		return f, nil
	case <-ctx.Done():
		return frame.Forms{}, ctx.Err()
	case <-c.done:
		return frame.Forms{}, client.ErrClosed
	}
}

// TellForms answers all questions for forms, and gives their requests.
func (c *Client) TellForms(f frame.Forms) (reqs []commdn.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for id, p := range c.previews {
		reqs = append(reqs, p.req)
		p.told <- f
		delete(c.previews, id)
	}
	return reqs
}

// Status implements session.Client.
func (c *Client) Status() client.Status {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.status
}

// SetStatus changes the status and calls the watches.
func (c *Client) SetStatus(s client.Status) {
	c.mu.Lock()
	c.status = s
	watches := make([]func(client.Status), 0, len(c.watches))
	for _, f := range c.watches {
		watches = append(watches, f)
	}
	c.mu.Unlock()
	for _, f := range watches {
		f(s)
	}
}

// Watch implements session.Client.
func (c *Client) Watch(f func(client.Status)) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	id := c.next
	c.watches[id] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.watches, id)
	}
}

// WatchLate implements session.Client.
func (c *Client) WatchLate(f func(client.Late)) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	id := c.next
	c.lates[id] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.lates, id)
	}
}

// Late answers a request that was settled without an answer.
func (c *Client) Late(a *Asked, err error, messages ...commdn.Message) {
	c.mu.Lock()
	watches := make([]func(client.Late), 0, len(c.lates))
	for _, f := range c.lates {
		watches = append(watches, f)
	}
	c.mu.Unlock()
	for _, f := range watches {
		f(client.Late{Request: a.Req, Answers: messages, Err: err})
	}
}

// WatchCampaigns implements session.Client.
func (c *Client) WatchCampaigns(f func(*commdn.CampaignEvent)) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	id := c.next
	c.campaigns[id] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.campaigns, id)
	}
}

// Tell makes OCS report an event about a campaign.
func (c *Client) Tell(e *commdn.CampaignEvent) {
	c.mu.Lock()
	watches := make([]func(*commdn.CampaignEvent), 0, len(c.campaigns))
	for _, f := range c.campaigns {
		watches = append(watches, f)
	}
	c.mu.Unlock()
	for _, f := range watches {
		f(e)
	}
}

// SetDirectory changes what Directory returns, and calls its watches.
func (c *Client) SetDirectory(d frame.Directory) {
	c.mu.Lock()
	c.directory = d
	watches := make([]func(), 0, len(c.directories))
	for _, f := range c.directories {
		watches = append(watches, f)
	}
	c.mu.Unlock()
	for _, f := range watches {
		f()
	}
}

// WatchHistory implements session.Client. It never calls its argument.
func (c *Client) WatchHistory(func(frame.History)) func() { return func() {} }

// WatchDirectory implements session.Client.
func (c *Client) WatchDirectory(f func()) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next++
	id := c.next
	c.directories[id] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.directories, id)
	}
}

// Directory implements session.Client.
func (c *Client) Directory(context.Context) (frame.Directory, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.directory, nil
}
