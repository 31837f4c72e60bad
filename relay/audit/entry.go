package audit

import (
	"encoding/json"
	"fmt"
	"time"

	"commdn/protocol/commdn"
)

// Kind says what an entry tells.
type Kind string

// The kinds of entry. Readers pass over what they do not know.
const (
	Begun      Kind = "begun"      // the chain begins
	Asked      Kind = "asked"      // a campaign or sequence is about to be changed
	Waiting    Kind = "waiting"    // a request was accepted and has no outcome yet
	Ended      Kind = "ended"      // a request has its outcome
	Late       Kind = "late"       // OCS has answered after the outcome
	Denied     Kind = "denied"     // somebody may not do what they asked for
	Retried    Kind = "retried"    // an administrator has a request sent again
	Dropped    Kind = "dropped"    // an administrator takes a request out of the journal
	Read       Kind = "read"       // somebody reads the audit
	Checkpoint Kind = "checkpoint" // the chain was signed up to here
	Erasing    Kind = "erasing"    // fields of a person are about to be erased
	Erased     Kind = "erased"     // they were
	Gap        Kind = "gap"        // blocks were found to be missing at the end of the chain
	Removed    Kind = "removed"    // entries are about to be removed for their age
)

// Outcomes of a request.
const (
	Done       = "done"
	Incomplete = "incomplete" // records on an agent's desktop were not canceled
	Fault      = "fault"      // OCS refused
	Refused    = "refused"    // the relay did, or there was no answer
	Undone     = "undone"     // who asked took it back in time
)

// Entry is one thing that happened. Only what its Kind has is there.
type Entry struct {
	Sequence uint64    `json:"sequence,omitempty"` // 1, 2, 3, …
	At       time.Time `json:"at"`                 // when it was written, by the relay's clock
	Kind     Kind      `json:"kind"`
	Relay    string    `json:"relay"`
	ID       string    `json:"id,omitempty"`  // of the request in the journal, 32 hexadecimal digits
	Key      string    `json:"key,omitempty"` // which the click made

	Subject string `json:"subject,omitempty"`
	Name    string `json:"name,omitempty"`
	Door    string `json:"door,omitempty"`
	Address string `json:"address,omitempty"`
	Session string `json:"session,omitempty"` // as in the log

	Request string   `json:"request,omitempty"` // the vendor's name: CM_ReqDoNotCall
	Asked   string   `json:"asked,omitempty"`   // what a request about a campaign says
	Objects []Object `json:"objects,omitempty"`
	Links   []string `json:"links,omitempty"`
	Person  *Person  `json:"person,omitempty"` // whom the request is about; nil: nobody, or erased
	Gone    bool     `json:"erased,omitempty"` // Person was erased
	// Hash of an erased Person, keyed with what was erased with it.
	Hash string `json:"person_hash,omitempty"`

	Submitted time.Time `json:"submitted,omitzero"`
	Accepted  time.Time `json:"accepted,omitzero"`
	Sent      []Sent    `json:"sent,omitempty"`
	Answers   []Answer  `json:"answers,omitempty"`
	Outcome   string    `json:"outcome,omitempty"`
	Code      string    `json:"code,omitempty"` // of a refusal: no-answer
	Missed    uint64    `json:"missed,omitempty"`

	Text    string  `json:"text,omitempty"`    // what an administrator or reader did
	Signed  *Signed `json:"signed,omitempty"`  // of Checkpoint, and of Removed where there is a key
	Through *Point  `json:"through,omitempty"` // of Removed: the last entry that goes
	Marks   []Point `json:"marks,omitempty"`   // of Removed: checkpoints among what has gone
}

// Object is a campaign, a group or both, with their tenant.
type Object struct {
	Campaign *Named `json:"campaign,omitempty"`
	Group    *Named `json:"group,omitempty"`
	Tenant   *Named `json:"tenant,omitempty"`
}

// Named is an object of the Configuration Database.
type Named struct {
	DBID commdn.DBID `json:"dbid,omitempty"`
	Name string      `json:"name,omitempty"`
}

// Sent is one form of a request on its way over one link.
type Sent struct {
	Link  string    `json:"link"`
	Form  int       `json:"form,omitempty"` // 1: the first of Person.Forms; 0: none
	First time.Time `json:"first"`
	Last  time.Time `json:"last,omitzero"`
	Times int       `json:"times,omitempty"` // above 1
}

// Answer is one answer of an OCS.
type Answer struct {
	Link    string      `json:"link,omitempty"`
	OCS     commdn.DBID `json:"ocs,omitempty"`
	Form    int         `json:"form,omitempty"` // as in Sent
	Message string      `json:"message"`        // the vendor's name
	Outcome string      `json:"outcome"`
	Code    int         `json:"code,omitempty"` // GSW_CM_AttrError
	At      time.Time   `json:"at"`
}

// Person is whom a request is about: what erasing takes away. Words of OCS and of the
// relay are here, too, as they may hold the number.
type Person struct {
	Phone    string   `json:"phone,omitempty"` // as it was asked
	Customer string   `json:"customer,omitempty"`
	Forms    []string `json:"forms,omitempty"` // as it was sent
	Words    []string `json:"words,omitempty"`
}

// mostText bounds a text of an entry in bytes.
const mostText = 4000

// stored gives what an entry is on disk: the part that stays, and the part that can be
// erased; nil: there is none.
func (e *Entry) stored() (public, personal []byte, err error) {
	one := *e
	one.Sequence, one.Person, one.Gone, one.Hash = 0, nil, false, ""
	if public, err = json.Marshal(&one); err != nil {
		return nil, nil, err
	}
	if e.Person != nil {
		personal, err = json.Marshal(e.Person)
	}
	return public, personal, err
}

// read gives the entry of a record. The error says what cannot be read.
func (r *record) read() (*Entry, error) {
	e := &Entry{}
	if err := json.Unmarshal(r.public, e); err != nil {
		return nil, fmt.Errorf("audit: entry %d cannot be read: %w", r.seq, err)
	}
	e.Sequence, e.Person, e.Gone, e.Hash = r.seq, nil, false, ""
	switch r.form {
	case plain:
		e.Person = &Person{}
		if err := json.Unmarshal(r.personal, e.Person); err != nil {
			return nil, fmt.Errorf("audit: the person of entry %d cannot be read: %w", r.seq, err)
		}
	case erased:
		e.Gone, e.Hash = true, fmt.Sprintf("%x", r.personal)
	}
	return e, nil
}
