package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/nats-io/nats.go"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/lease"
	"commdn/relay/link"
)

// Bounds of a request that another relay sends.
const (
	takenWithin = 2 * time.Second // that relay says that it has the request
	spare       = 2 * time.Second // beyond the time of OCS, for what comes back
	mostAsked   = 4096            // requests of others that are being sent
	mostReplies = 256             // to one request that wait to be read
)

// question is a request for the relay that holds the lease.
type question struct {
	Key  string `json:"key"`
	Data []byte `json:"data"` // packed user data
}

// kind says what a reply is.
type kind string

const (
	accepted kind = "taken"   // it is being sent
	sending  kind = "sending" // it goes out now, once more perhaps
	waits    kind = "waits"   // behind an earlier request
	answer   kind = "answer"
	last     kind = "last" // answer, which settles it
	late     kind = "late" // answer, after it was given up
	refused  kind = "refused"
)

// reply is one of several to a question.
type reply struct {
	Kind    kind              `json:"kind"`
	Data    []byte            `json:"data,omitempty"` // of an answer
	Code    frame.RefusalCode `json:"code,omitempty"`
	Message string            `json:"message,omitempty"`
	Final   bool              `json:"final,omitempty"` // every further attempt would be refused too
}

// Ask has the relay that holds the lease send a request, as link.Ask does. It is
// handed over once: where nobody says what became of it, the refusal is that of a
// request without an answer.
func (l *Link) Ask(ctx context.Context, c link.Call) *frame.Refusal {
	s := l.State()
	if s.Sender != lease.Another || s.Holder == "" {
		return notSent("no relay sends on the link to T-Server now")
	}
	packed, err := tkvlist.AppendPack(nil, c.Request.UserData())
	if err != nil {
		return notSent(err.Error())
	}
	data, err := json.Marshal(question{c.Key, packed})
	if err != nil {
		return notSent(err.Error())
	}
	inbox, replies := nats.NewInbox(), make(chan reply, mostReplies)
	sub, err := l.c.conn.Subscribe(inbox, func(m *nats.Msg) { l.replied(m, c, replies) })
	if err == nil {
		err = l.c.conn.PublishRequest(subjectAsk+l.token+"."+strconv.FormatUint(s.Term, 10), inbox, data)
	}
	if err != nil {
		if sub != nil {
			_ = sub.Unsubscribe()
		}
		return notSent("the relay that sends cannot be reached: " + err.Error())
	}
	refusal := l.await(ctx, c, s.Holder, replies)
	if refusal != nil && refusal.Code == frame.RefusedNoAnswer && c.Late != nil {
		time.AfterFunc(l.o.AnswerTimeout+spare, func() { _ = sub.Unsubscribe() })
	} else {
		_ = sub.Unsubscribe()
	}
	return refusal
}

// replied takes a reply in. A late one goes to whom it concerns at once.
func (l *Link) replied(m *nats.Msg, c link.Call, replies chan<- reply) {
	r := reply{Kind: refused, Code: frame.RefusedLinkDown, Message: "the relay that sent on the link to T-Server is gone, and nothing was sent; ask again"}
	if m.Header.Get("Status") != "503" { // else nobody listens any more
		r = reply{}
		if err := json.Unmarshal(m.Data, &r); err != nil {
			l.log.Error("a reply of another relay cannot be read", "error", err)
			return
		}
	}
	if r.Kind == late {
		if a, err := r.answer(); err == nil && c.Late != nil {
			c.Late(link.Answer{Message: a})
		}
		return
	}
	select {
	case replies <- r:
	default:
		l.log.Error("a reply of another relay is passed over: too many wait")
	}
}

func (r reply) answer() (commdn.Message, error) {
	list, err := tkvlist.Unpack(r.Data)
	if err != nil {
		return nil, err
	}
	return commdn.Decode(list)
}

// await hands on what the other relay says, until the end.
func (l *Link) await(ctx context.Context, c link.Call, holder string, replies <-chan reply) *frame.Refusal {
	timer := time.NewTimer(takenWithin)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return unknown("the request was given up", c.Request)
		case <-timer.C:
			return unknown("the relay "+holder+", which sends on the link to T-Server, does not answer", c.Request)
		case r := <-replies:
			switch r.Kind {
			case accepted:
				timer.Reset(l.o.AnswerTimeout + spare)
			case sending:
				if c.Sending != nil {
					c.Sending()
				}
			case waits:
				if c.Waits != nil {
					c.Waits()
				}
			case answer, last:
				m, err := r.answer()
				if err != nil {
					return unknown("an answer by way of the relay "+holder+" cannot be read: "+err.Error(), c.Request)
				}
				if c.Answer != nil {
					c.Answer(link.Answer{Message: m}, r.Kind == last)
				}
				if r.Kind == last {
					return nil
				}
			case refused:
				if r.Final && c.Final != nil {
					c.Final()
				}
				return &frame.Refusal{Code: r.Code, Message: r.Message}
			}
		}
	}
}

func notSent(why string) *frame.Refusal {
	return &frame.Refusal{Code: frame.RefusedLinkDown, Message: why + "; nothing was sent"}
}

func unknown(why string, req commdn.Request) *frame.Refusal {
	then := "ask for the status"
	if req.Repeatable() {
		then = "ask again, once more does no harm"
	}
	return &frame.Refusal{Code: frame.RefusedNoAnswer, Message: why + ", so the request may have been carried out; " + then}
}

// serve sends the requests of other relays, in a term of this one.
func (l *Link) serve(term uint64) (err error) {
	l.asked, err = l.c.conn.Subscribe(subjectAsk+l.token+"."+strconv.FormatUint(term, 10), func(m *nats.Msg) {
		if l.ctx.Err() != nil {
			return
		}
		select {
		case l.slots <- struct{}{}:
		default:
			l.reply(m, reply{Kind: refused, Code: frame.RefusedBusy, Message: "too many requests of other relays are being sent; try again"})
			return
		}
		l.running.Go(func() {
			defer func() { <-l.slots }()
			l.send(m)
		})
	})
	if err != nil {
		return err
	}
	return l.c.conn.FlushTimeout(takenWithin)
}

// send sends a request of another relay. A mistake in it costs the request, never the
// process.
func (l *Link) send(m *nats.Msg) {
	defer func() {
		if p := recover(); p != nil {
			l.log.Error("a request of another relay failed", "panic", p, "stack", string(debug.Stack()))
			l.reply(m, reply{Kind: refused, Code: frame.RefusedNoAnswer, Message: "the relay that sends failed while it handled the request, which may have been carried out"})
		}
	}()
	var q question
	req, err := commdn.Request(nil), json.Unmarshal(m.Data, &q)
	if err == nil {
		var list tkvlist.List
		if list, err = tkvlist.Unpack(q.Data); err == nil {
			req, err = commdn.DecodeRequest(list)
		}
	}
	if err != nil {
		l.reply(m, reply{Kind: refused, Code: frame.RefusedInvalid, Message: "the relay that sends cannot read the request: " + err.Error()})
		return
	}
	l.reply(m, reply{Kind: accepted})
	tell := func(k kind, a link.Answer) {
		data, err := tkvlist.AppendPack(nil, a.UserData())
		if err != nil {
			l.log.Error("an answer does not reach the relay that asked", "key", q.Key, "error", err)
			return
		}
		l.reply(m, reply{Kind: k, Data: data})
	}
	final := false
	refusal := l.o.Ask(l.ctx, link.Call{
		Key: q.Key, Request: req,
		Final:   func() { final = true },
		Sending: func() { l.reply(m, reply{Kind: sending}) },
		Waits:   func() { l.reply(m, reply{Kind: waits}) },
		Answer: func(a link.Answer, is bool) {
			if is {
				tell(last, a)
			} else {
				tell(answer, a)
			}
		},
		Late: func(a link.Answer) { tell(late, a) },
	})
	if refusal != nil {
		l.reply(m, reply{Kind: refused, Code: refusal.Code, Message: refusal.Message, Final: final})
	}
}

func (l *Link) reply(m *nats.Msg, r reply) {
	data, err := json.Marshal(r)
	if err == nil {
		err = m.Respond(data)
	}
	if err != nil && !errors.Is(err, nats.ErrConnectionClosed) {
		l.log.Error("the relay that asked is not told", "error", err)
	}
}
