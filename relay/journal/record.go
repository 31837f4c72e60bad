package journal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/desk"
)

// record is a message of the journal: an entry, and what became of it.
type record struct {
	Subject string    `json:"subject"`
	Name    string    `json:"name,omitempty"`
	Door    string    `json:"door"`
	From    string    `json:"from,omitempty"`
	Key     string    `json:"key"`
	Data    []byte    `json:"data"` // packed user data
	Links   []string  `json:"links"`
	At      time.Time `json:"at"`

	NotBefore time.Time `json:"not_before,omitzero"` // of one that can be undone

	// Of an outcome, and of what was put aside.
	Seq     uint64    `json:"seq,omitempty"`    // of the message of work that this ends
	Answer  []byte    `json:"answer,omitempty"` // packed user data
	Refusal *refusal  `json:"refusal,omitempty"`
	Tries   int       `json:"tries,omitempty"`
	Ended   time.Time `json:"ended,omitzero"`
	Late    bool      `json:"late,omitempty"` // it came after the request was put aside
}

type refusal struct {
	Code    frame.RefusalCode `json:"code"`
	Message string            `json:"message"`
}

// idLength is how many hexadecimal digits an id has.
const idLength = 32

// id gives the name of an entry in subjects and for people.
func id(of desk.ID) string {
	sum := sha256.Sum256([]byte(of.Subject + "\x00" + of.Key))
	return hex.EncodeToString(sum[:16])
}

// route gives the name of a set of links in subjects.
func route(links []string) string {
	sum := sha256.Sum256([]byte(strings.Join(links, "\x00")))
	return hex.EncodeToString(sum[:8])
}

func encode(e desk.Entry) (*record, error) {
	data, err := tkvlist.AppendPack(nil, e.Data)
	if err != nil {
		return nil, err
	}
	return &record{Subject: e.ID.Subject, Name: e.Name, Door: e.Door, From: e.From, Key: e.ID.Key, Data: data, Links: e.Links, At: e.At, NotBefore: e.NotBefore}, nil
}

// ended gives the record of an entry with its outcome.
func (r record) ended(seq uint64, o desk.Outcome, tries int) (*record, error) {
	r.Seq, r.Tries, r.Ended = seq, tries, time.Now().UTC()
	if o.Refusal != nil {
		r.Refusal = &refusal{o.Refusal.Code, o.Refusal.Message}
		return &r, nil
	}
	var err error
	r.Answer, err = tkvlist.AppendPack(nil, o.Answer.UserData())
	return &r, err
}

func read(data []byte) (*record, error) {
	r := &record{}
	if err := json.Unmarshal(data, r); err != nil {
		return nil, fmt.Errorf("a message of the journal cannot be read: %w", err)
	}
	return r, nil
}

// entry gives the entry of a record. User data that cannot be unpacked is none: the
// desk puts such a request aside.
func (r *record) entry() desk.Entry {
	data, _ := tkvlist.Unpack(r.Data)
	return desk.Entry{ID: desk.ID{Subject: r.Subject, Key: r.Key}, Name: r.Name, Door: r.Door, From: r.From, Data: data, Links: r.Links, At: r.At, NotBefore: r.NotBefore}
}

// known gives a record as the desk has it.
func (r *record) known() (*desk.Record, error) {
	k := &desk.Record{Entry: r.entry()}
	switch {
	case r.Refusal != nil:
		k.Outcome = &desk.Outcome{Refusal: &frame.Refusal{Code: r.Refusal.Code, Message: r.Refusal.Message}}
	case r.Answer != nil:
		list, err := tkvlist.Unpack(r.Answer)
		if err != nil {
			return nil, fmt.Errorf("the outcome of a request cannot be read: %w", err)
		}
		m, err := commdn.Decode(list)
		if err != nil {
			return nil, fmt.Errorf("the outcome of a request cannot be read: %w", err)
		}
		k.Outcome = &desk.Outcome{Answer: m}
	}
	return k, nil
}
