package client

import (
	"slices"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// Store keeps do-not-call and cancel requests beyond the life of a Client, so that
// neither a reload of a page nor a crash loses one. Several Clients may share it, in
// several pages. A Client calls its methods from one goroutine of its own. They may
// block for seconds, not forever.
type Store interface {
	// Own makes the caller the only one that sends the request with this key, until
	// it calls free or dies. A nil free without an error means that another one is.
	Own(key string) (free func(), err error)
	// Put keeps a record, in place of an earlier one with the key. It survives a
	// crash once Put has returned.
	Put(key string, record []byte) error
	// Delete forgets a record; one that is not there is no error.
	Delete(key string) error
	// All gives the records of every Client, by key.
	All() (map[string][]byte, error)
}

// KeepFor is how long a request is kept that no relay has accepted, unless
// Options.KeepFor says otherwise: a weekend and some hours.
const KeepFor = 72 * time.Hour

// forgetAfter is after how many times KeepFor a request is forgotten whose person has
// not come back to learn that it has expired.
const forgetAfter = 4

// recordVersion is the form of a record. One of another form is left alone.
const recordVersion = 1

// Keys of a record. Its user data has the key data.
const (
	recordForm     = "v"
	recordRelay    = "relay"
	recordSubject  = "subject"
	recordAsked    = "asked"
	recordSent     = "sent"
	recordAccepted = "accepted"
	recordExpired  = "expired"
	recordData     = "data"
)

// record is a request as a Store keeps it.
type record struct {
	relay    string // Options.Relay of the client; it goes to no other relay
	subject  string // whose it is, see frame.Identity
	bound    bool   // subject is known
	asked    time.Time
	sent     bool           // it may have reached the relay
	accepted bool           // the relay has it
	expired  bool           // it is masked, and only waits for its person to hear of the end
	request  commdn.Request // a DoNotCall or CancelRecord
}

// pack gives the bytes of a record.
func (r *record) pack() ([]byte, error) {
	l := tkvlist.List{
		{Key: recordForm, Value: tkvlist.Int(recordVersion)},
		{Key: recordRelay, Value: tkvlist.String(r.relay)},
		{Key: recordAsked, Value: tkvlist.Int(int32(uint32(r.asked.Unix())))},
		{Key: recordData, Value: tkvlist.Nested(r.request.UserData())},
	}
	if r.bound {
		l.Add(recordSubject, tkvlist.String(r.subject))
	}
	for _, flag := range []struct {
		key string
		set bool
	}{{recordSent, r.sent}, {recordAccepted, r.accepted}, {recordExpired, r.expired}} {
		if flag.set {
			l.Add(flag.key, tkvlist.Int(1))
		}
	}
	return tkvlist.AppendPack(nil, l)
}

// readRecord reads the bytes of a record; false: it is none, or of another form.
func readRecord(b []byte) (r record, ok bool) {
	l, err := tkvlist.Unpack(b)
	if form, _ := l.Int(recordForm); err != nil || form != recordVersion {
		return r, false
	}
	data, _ := l.List(recordData)
	if r.request, err = commdn.DecodePersonRequest(data); err != nil {
		return r, false
	}
	asked, _ := l.Int(recordAsked)
	r.asked = time.Unix(int64(uint32(asked)), 0)
	r.relay, _ = l.Text(recordRelay)
	r.subject, r.bound = l.Text(recordSubject)
	set := func(key string) bool { n, _ := l.Int(key); return n == 1 }
	r.sent, r.accepted, r.expired = set(recordSent), set(recordAccepted), set(recordExpired)
	return r, true
}

// Masked gives a request with as much of its number and customer as tells it from
// others for the person who made it, and from which nobody else learns whom it is
// about. It gives any other request as it is.
func Masked(req commdn.Request) commdn.Request {
	switch r := req.(type) {
	case *commdn.DoNotCall:
		return &commdn.DoNotCall{Address: r.Address, Phone: masked(r.Phone), CustomerID: masked(r.CustomerID), Chain: r.Chain}
	case *commdn.CancelRecord:
		return &commdn.CancelRecord{Address: r.Address, Phone: masked(r.Phone), CustomerID: masked(r.CustomerID), Campaign: r.Campaign, Chain: r.Chain}
	}
	return req
}

// masked keeps the last three characters of a text of seven or more.
func masked(text string) string {
	runes := []rune(text)
	switch {
	case text == "":
		return ""
	case len(runes) < 7:
		return "…"
	}
	return "…" + string(runes[len(runes)-3:])
}

// byAge gives the keys of records, the oldest request first.
func byAge(all map[string]record) []string {
	keys := make([]string, 0, len(all))
	for key := range all {
		keys = append(keys, key)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if n := all[a].asked.Compare(all[b].asked); n != 0 {
			return n
		}
		return strings.Compare(a, b)
	})
	return keys
}

// kept says whether a Store keeps a request: campaign control is never repeated, and a
// question is only asked again.
func kept(kind frame.Kind, req commdn.Request) bool {
	return kind == frame.KindRequest && req.Repeatable() && req.Type().AboutPerson()
}
