//go:build js && wasm

package wasm

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/hack-pad/safejs"

	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// request(id, connection, method, arguments, timeout) runs a method of the host page's
// handle; arguments is plain data, timeout in ms, 0 for none. The answer goes to
// settled(id, result, error).
func (p *plugin) request(c *call) error {
	id, conn, method, args, timeout := c.int(), p.connections[c.int()], c.text(), c.value(), c.int()
	if c.err != nil || conn == nil {
		return c.err // the loader has settled the requests of a closed connection
	}
	// Not WithTimeout, which would add a kilobyte to the download.
	ctx, end := context.WithCancelCause(context.Background())
	cancel := func() { end(nil) }
	if timeout > 0 {
		timer := time.AfterFunc(time.Duration(timeout)*time.Millisecond, func() { end(context.DeadlineExceeded) })
		cancel = func() { timer.Stop(); end(nil) }
	}
	p.asked[id] = cancel
	go p.guard(method, func() error {
		var result, failure []byte
		defer func() {
			cancel()
			delete(p.asked, id)
			if result == nil && failure == nil { // a panic is on its way out
				failure = failed("CommdnError", method+" failed").json()
			}
			p.tell("settled", id, string(result), string(failure))
		}()
		result, failure = conn.answer(ctx, method, args)
		return nil
	})
	return nil
}

// answer waits for the result of a method. There may be a result beside an error.
func (conn *connection) answer(ctx context.Context, method string, args safejs.Value) (result, failure []byte) {
	switch method {
	case "requests":
		entries := conn.session.Entries()
		return array(len(entries), func(i int) []byte { return conn.entry(entries[i]) }), nil
	case "directory":
		if conn.more != nil {
			return conn.more.directory(ctx, conn)
		}
	case "undo":
		f := fields{object: args, err: new(error)}
		return strconv.AppendBool(nil, conn.session.Undo(int(f.int("id")))), nil
	}
	req, window, err := readRequest(method, args, conn.more)
	s := conn.session.Status()
	connected := s.Session != "" // else the relay will say
	if p, ok := commdn.PersonOf(req); ok && err == nil {
		if _, problem := ui.ReadNumber(conn.lang, p.Phone, s.Vanity || !connected); problem != "" {
			err = &commdn.FieldError{Key: commdn.KeyPhone, What: problem}
		}
	}
	if err == nil {
		err = req.Validate()
	}
	cancel, ok := req.(*commdn.CancelRecord)
	if ok && err == nil && connected && !s.CancelByCustomer {
		err = cancel.NeedPhone()
	}
	if err != nil {
		return nil, argumentFailure(err)
	}
	e := conn.session.Do(ctx, req, window)
	result = conn.entry(e)
	if !e.OK() {
		failure = conn.failure(e)
	}
	return result, failure
}

// abort(id) cancels a request.
func (p *plugin) abort(c *call) error {
	if cancel := p.asked[c.int()]; cancel != nil {
		cancel()
	}
	return c.err
}

// failed begins the object that the loader turns into an error.
func failed(class, message string) *object {
	o := &object{}
	o.text("class", class)
	o.text("message", message)
	return o
}

// failure is the error of a request that failed.
func (conn *connection) failure(e session.Entry) []byte {
	message := ui.Why(conn.lang, e.Err).String()
	if fault := e.Fault(); fault != nil {
		o := failed("OcsError", message)
		o.int("code", int(fault.Code))
		o.text("ocsName", fault.Code.String())
		return o.json()
	}
	none, unanswered := errors.AsType[*client.NoAnswerError](e.Err)
	refusal := e.Refusal()
	switch {
	case refusal != nil && e.Outcome != session.NoAnswer:
		o := failed("RelayError", message)
		o.text("refusal", refusal.Code.String())
		o.bool("retry", refusal.Code.Retry())
		return o.json()
	case errors.Is(e.Err, client.ErrClosed):
		return failed("ClosedError", message).json()
	case refusal == nil && !unanswered:
		return failed("CommdnError", message).json()
	}
	o := failed("NoAnswerError", message)
	o.bool("sent", refusal != nil || none.Sent)
	o.bool("timeout", refusal != nil || errors.Is(e.Err, client.ErrTimeout) || errors.Is(e.Err, context.DeadlineExceeded))
	return o.json()
}

// argumentFailure is the error of a malformed request.
func argumentFailure(err error) []byte {
	name, message := "", err.Error()
	switch err := err.(type) {
	case *argumentError:
		name = err.name
	case *commdn.FieldError:
		name = argumentOf(err.Key)
		message = name + " (" + err.Key + ") " + err.What
	}
	o := failed("ArgumentError", message)
	o.text("argument", name)
	return o.json()
}
