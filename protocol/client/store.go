package client

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// Store keeps do-not-call and cancel requests beyond the life of a Client, so that
// neither a reload of a page nor a crash loses one. Several Clients may share it, in
// several pages. A record is a line of text. A Client calls its methods from one goroutine
// of its own. They may block for seconds, not forever.
type Store interface {
	// Own makes the caller the only one that sends the request with this key, until
	// it calls free or dies. A nil free without an error means that another one is.
	// record is what there is under the key from then on; empty: nothing.
	Own(key string) (record string, free func(), err error)
	// Put keeps a record, in place of an earlier one with the key. It survives a
	// crash once Put has returned. The caller owns the key.
	Put(key, record string) error
	// Delete forgets a record; one that is not there is no error.
	Delete(key string) error
	// All gives the records of every Client, by key.
	All() (map[string]string, error)
	// Remember notes whom a relay takes the bearer of a token for (frame.Identity), for
	// the Clients to come in the same tab, and for no other tab. It does not store the
	// token.
	Remember(relay, token, subject string) error
	// Recall gives the subject that Remember noted last for the relay; ok is false
	// where there is none, and where token is another person's. An empty token is
	// nobody's.
	Recall(relay, token string) (subject string, ok bool)
}

// KeepFor is how long a request is kept that no relay has accepted, unless
// Options.KeepFor says otherwise: a weekend and some hours.
const KeepFor = 72 * time.Hour

// forgetAfter is after how many times KeepFor a request is forgotten whose person has
// not come back to learn that it has expired.
const forgetAfter = 4

// recordForm begins a record, and says what follows. One of another form is left alone.
const recordForm = "1"

// progress is how far a request has come, as bits.
type progress int

const (
	sent     progress = 1 << iota // it may have reached the relay
	accepted                      // the relay has it
	expired                       // it is masked, and only waits for its person to hear of the end
	unwanted                      // Undo was called in its window, and the relay may not know
)

// record is a request as a Store keeps it.
type record struct {
	relay    string // Options.Relay of the client; it goes to no other relay
	subject  string // whose it is, see frame.Identity
	bound    bool   // subject is known
	asked    time.Time
	window   time.Duration // from asked on: it can be undone; 0: it cannot, or no longer
	progress progress
	request  commdn.Request // a DoNotCall or CancelRecord
}

// pack gives a record as text: its fields with tabs between them, which none has inside.
func (r *record) pack() string {
	who, _ := commdn.PersonOf(r.request)
	bound := ""
	if r.bound {
		bound = "1"
	}
	number := func(n int) string { return strconv.Itoa(n) }
	return strings.Join([]string{
		recordForm, r.relay, bound, r.subject, number(int(r.asked.UnixMilli())), number(int(r.window / time.Millisecond)), number(int(r.progress)),
		number(int(r.request.Type())), number(int(r.request.Addr().Target)), who.Phone, who.CustomerID, who.Campaign, string(who.Chain),
	}, "\t")
}

// readRecord reads a record; false: it is none, or of another form.
func readRecord(text string) (r record, ok bool) {
	f := strings.Split(text, "\t")
	if len(f) != 13 || f[0] != recordForm {
		return r, false
	}
	number := func(i int) int { n, _ := strconv.Atoi(f[i]); return n }
	r.relay, r.bound, r.subject = f[1], f[2] != "", f[3]
	r.asked, r.window, r.progress = time.UnixMilli(int64(number(4))), time.Duration(number(5))*time.Millisecond, progress(number(6))
	r.request = about(commdn.MessageType(number(7)), commdn.DBID(number(8)), commdn.Person{
		Phone: f[9], CustomerID: f[10], Campaign: f[11], Chain: commdn.Chain(f[12]),
	})
	return r, r.request != nil && r.request.Validate() == nil
}

// about makes a request about a person; nil: the type has none.
func about(t commdn.MessageType, target commdn.DBID, p commdn.Person) commdn.Request {
	to := commdn.Address{Target: target}
	switch t {
	case commdn.ReqDoNotCall:
		return &commdn.DoNotCall{Address: to, Phone: p.Phone, CustomerID: p.CustomerID, Chain: p.Chain}
	case commdn.ReqCancelRecord:
		return &commdn.CancelRecord{Address: to, Phone: p.Phone, CustomerID: p.CustomerID, Campaign: p.Campaign, Chain: p.Chain}
	}
	return nil
}

// Masked gives a request about a person with as much of the number as tells it from
// others for who made it, and from which nobody else learns whom it is about.
func Masked(req commdn.Request) commdn.Request {
	p, _ := commdn.PersonOf(req)
	end := ""
	if n := len(p.Phone); n > 6 && utf8.ValidString(p.Phone[n-3:]) {
		end = p.Phone[n-3:]
	}
	return about(req.Type(), req.Addr().Target, commdn.Person{Phone: "…" + end})
}

// kept says whether a Store keeps a request: campaign control is never repeated, and a
// question is only asked again.
func kept(kind frame.Kind, req commdn.Request) bool {
	return kind == frame.KindRequest && req.Type().AboutPerson()
}
