package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

type dncCmd struct {
	Phone      string        `arg:"" optional:"" help:"Phone number, exactly as in the calling lists."`
	CustomerID string        `help:"Customer id, as in the calling lists."`
	Chain      string        `enum:"AllChain,RecordOnly" default:"AllChain" help:"Scope: ${enum}."`
	OCS        int32         `name:"ocs" help:"DBID of the OCS to ask; 0 is all of them." default:"0"`
	Relay      string        `help:"WebSocket of the relay (${default})." default:"ws://127.0.0.1:8080/ws" placeholder:"URL"`
	Timeout    time.Duration `help:"How long to wait for the answer." default:"20s"`
	Output     string        `short:"o" enum:"text,json" default:"text" help:"Format of the result: ${enum}."`
}

// result is what -o json prints.
type result struct {
	Phone      string      `json:"phone,omitempty"`
	CustomerID string      `json:"customer_id,omitempty"`
	Chain      string      `json:"chain"`
	OK         bool        `json:"ok"`
	Error      string      `json:"error,omitempty"`
	Answers    []ocsAnswer `json:"answers"`
}

type ocsAnswer struct {
	OCS     int32  `json:"ocs"`
	OK      bool   `json:"ok"`
	Code    int32  `json:"code,omitempty"`
	Name    string `json:"name,omitempty"`
	Message string `json:"message,omitempty"`
}

func (c *dncCmd) Run(e *env) error {
	req := commdn.DoNotCall{
		Address: commdn.Address{Target: commdn.DBID(c.OCS)},
		Phone:   c.Phone, CustomerID: c.CustomerID, Chain: commdn.Chain(c.Chain),
	}
	if err := req.Validate(); err != nil {
		return err
	}
	answers, err := ask(e.ctx, c.Relay, c.Timeout, &req)
	if err := c.print(e, answers, err); err != nil {
		return err
	}
	return exitOf(err)
}

// ask connects, sends one request and gives its answers. A relay that cannot
// be reached at once is not waited for.
func ask(ctx context.Context, relay string, within time.Duration, req commdn.Request) ([]commdn.Message, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, within, fmt.Errorf("no answer within %v", within))
	defer cancel()
	ctx, giveUp := context.WithCancelCause(ctx)
	defer giveUp(nil)
	// The client's own limit is the wider one, so that ctx says why.
	c := client.New(client.Options{Dial: dialer(relay), Agent: "commdn/" + version, AnswerTimeout: 2 * within})
	defer c.Close()
	var connected atomic.Bool
	stop := c.Watch(func(s client.Status) {
		switch {
		case s.State == client.Connected:
			connected.Store(true)
		case s.State == client.Disconnected && !connected.Load():
			giveUp(s.Err)
		}
	})
	defer stop()
	answers, err := c.Do(ctx, req)
	var none *client.NoAnswerError
	if !errors.As(err, &none) {
		return answers, err
	}
	why := none.Err
	if ctx.Err() != nil {
		why = context.Cause(ctx)
	}
	switch {
	case errors.Is(why, context.Canceled):
		why = errors.New("interrupted")
	case errors.Is(why, context.DeadlineExceeded):
		why = errors.New("it does not answer")
	}
	if none.Sent {
		return answers, fmt.Errorf("sent to the relay at %s, but not known to be done: %w", relay, why)
	}
	return answers, fmt.Errorf("not connected to the relay at %s: %w", relay, why)
}

// exitOf gives the exit code that a request's error has.
func exitOf(err error) error {
	var fault *commdn.Fault
	var field *commdn.FieldError
	var refusal *frame.Refusal
	switch {
	case err == nil:
		return nil
	case errors.As(err, &fault), errors.As(err, &field),
		errors.As(err, &refusal) && !refusal.Code.Retry():
		return &exitError{exitInvalid, err}
	}
	return &exitError{exitNoAnswer, err}
}

func (c *dncCmd) print(e *env, answers []commdn.Message, failed error) error {
	r := result{Phone: c.Phone, CustomerID: c.CustomerID, Chain: c.Chain, OK: failed == nil, Answers: []ocsAnswer{}}
	if failed != nil {
		r.Error = failed.Error()
	}
	for _, m := range answers {
		a := ocsAnswer{OCS: int32(m.Addr().Origin), OK: true}
		if f, ok := m.(*commdn.Fault); ok {
			a.OK, a.Code, a.Name, a.Message = false, int32(f.Code), f.Code.String(), f.Message
		}
		r.Answers = append(r.Answers, a)
	}
	if c.Output == "json" {
		return json.NewEncoder(e.stdout).Encode(r)
	}
	for _, a := range r.Answers {
		if !a.OK {
			continue
		}
		if _, err := fmt.Fprintf(e.stdout, "OCS %d: on the Do Not Call list\n", a.OCS); err != nil {
			return err
		}
	}
	return nil
}
