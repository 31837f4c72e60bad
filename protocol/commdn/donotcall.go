package commdn

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"commdn/protocol/tkvlist"
)

// Chain is the scope of a request: GSW_CHAIN_ATTR.
type Chain string

// The scopes. OCS takes AllChain where none is given.
const (
	AllChain   Chain = "AllChain"   // every record of the customer's chain
	RecordOnly Chain = "RecordOnly" // this record alone
)

// The longest phone and customer id that Validate lets through, in bytes. The
// vendor names no limit; a calling list's columns are no wider.
const (
	MaxPhone      = 64
	MaxCustomerID = 255
)

// DoNotCall asks OCS to put a phone, a customer, or both on the Do Not Call
// list: CM_ReqDoNotCall ("DoNotCall Requests from a Third-Party Application").
// Repeating it is harmless.
type DoNotCall struct {
	Address
	Phone      string // GSW_PHONE; sent exactly as given. At least one of Phone and CustomerID
	CustomerID string // GSW_CUSTOMER_ID
	Chain      Chain  // GSW_CHAIN_ATTR; empty is not sent, and OCS takes AllChain
}

// Type is CM_ReqDoNotCall.
func (*DoNotCall) Type() MessageType { return ReqDoNotCall }

// Repeatable is true: an entry that is there already stays.
func (*DoNotCall) Repeatable() bool { return true }

// AnsweredBy is true for CM_EvDoNotCallProcessed and CM_EvError.
func (*DoNotCall) AnsweredBy(t MessageType) bool {
	return t == EvDoNotCallProcessed || t == EvError
}

// Subjects gives the phone and the customer, those of them that are there.
func (m *DoNotCall) Subjects() []Subject { return subjects(m.Phone, m.CustomerID) }

// UserData gives the request as OCS expects it.
func (m *DoNotCall) UserData() tkvlist.List {
	return userData(ReqDoNotCall, m.Address, KeyDoNotCall, person(m.Phone, m.CustomerID, m.Chain))
}

// Validate gives a *FieldError when neither phone nor customer id is there,
// when one of them is too long or no plain text, or when the chain is unknown.
func (m *DoNotCall) Validate() error {
	if m.Phone == "" && m.CustomerID == "" {
		return &FieldError{ReqDoNotCall, KeyPhone, "is empty, and so is " + KeyCustomerID + "; give at least one of them"}
	}
	if what := badText(m.Phone, MaxPhone); what != "" {
		return &FieldError{ReqDoNotCall, KeyPhone, what}
	}
	if what := badText(m.CustomerID, MaxCustomerID); what != "" {
		return &FieldError{ReqDoNotCall, KeyCustomerID, what}
	}
	if m.Chain != "" && m.Chain != AllChain && m.Chain != RecordOnly {
		return &FieldError{ReqDoNotCall, KeyChain, "is " + quote(string(m.Chain)) + "; give AllChain or RecordOnly"}
	}
	return nil
}

// Trace gives one line, for example
// CM_ReqDoNotCall 101→0 phone "*******567" chain AllChain.
func (m *DoNotCall) Trace(reveal bool) string {
	return trace(ReqDoNotCall, m.Address, m.Phone, m.CustomerID, m.Chain, reveal)
}

func decodeDoNotCall(d *decoder) *DoNotCall {
	m := &DoNotCall{Address: d.address()}
	props, ok := d.list.List(KeyProperties)
	if !ok {
		d.fail(KeyProperties, "is missing or no list")
	}
	l, ok := props.List(KeyDoNotCall)
	if !ok {
		d.fail(KeyDoNotCall, "is missing or no list")
	}
	in := decoder{msg: d.msg, list: l, err: d.err}
	m.Phone, m.CustomerID = in.text(KeyPhone), in.text(KeyCustomerID)
	m.Chain = Chain(in.text(KeyChain))
	d.err = in.err
	return m
}

// DoNotCallProcessed is OCS's acknowledgement: CM_EvDoNotCallProcessed. Phone
// and CustomerID are those of the request as far as OCS echoes them.
type DoNotCallProcessed struct {
	Address
	Phone      string
	CustomerID string
	Chain      Chain
}

// Type is CM_EvDoNotCallProcessed.
func (*DoNotCallProcessed) Type() MessageType { return EvDoNotCallProcessed }

// Subjects gives the phone and the customer that OCS echoed.
func (m *DoNotCallProcessed) Subjects() []Subject { return subjects(m.Phone, m.CustomerID) }

// UserData gives the acknowledgement as OCS sends it.
func (m *DoNotCallProcessed) UserData() tkvlist.List {
	return userData(EvDoNotCallProcessed, m.Address, KeyDoNotCall, person(m.Phone, m.CustomerID, m.Chain))
}

// Trace gives one line.
func (m *DoNotCallProcessed) Trace(reveal bool) string {
	return trace(EvDoNotCallProcessed, m.Address, m.Phone, m.CustomerID, m.Chain, reveal)
}

// decodeDoNotCallProcessed gives a *Fault for an acknowledgement that carries
// an error: nobody may be told of a success then.
func decodeDoNotCallProcessed(d *decoder) Message {
	if n, _ := d.list.Int(KeyError); n != 0 {
		return decodeFault(d)
	}
	m := &DoNotCallProcessed{Address: d.address()}
	if in := d.echo(KeyDoNotCall); in != nil {
		m.Phone, m.CustomerID = in.text(KeyPhone), in.text(KeyCustomerID)
		m.Chain = Chain(in.text(KeyChain))
		if d.err == nil {
			d.err = in.err
		}
	}
	return m
}

// userData builds the list that every request about a person has.
func userData(t MessageType, a Address, key string, inner tkvlist.List) tkvlist.List {
	return tkvlist.List{
		{Key: KeyMessageType, Value: tkvlist.Int(int32(t))},
		{Key: KeyOriginAppID, Value: tkvlist.Int(int32(a.Origin))},
		{Key: KeyTargetAppID, Value: tkvlist.Int(int32(a.Target))},
		{Key: KeyProperties, Value: tkvlist.Nested(tkvlist.List{
			{Key: key, Value: tkvlist.Nested(inner)},
		})},
	}
}

// person lists what is known of phone, customer and chain.
func person(phone, customer string, chain Chain) tkvlist.List {
	l := make(tkvlist.List, 0, 3)
	if phone != "" {
		l.Add(KeyPhone, tkvlist.String(phone))
	}
	if customer != "" {
		l.Add(KeyCustomerID, tkvlist.String(customer))
	}
	if chain != "" {
		l.Add(KeyChain, tkvlist.String(string(chain)))
	}
	return l
}

func subjects(phone, customer string) []Subject {
	var s []Subject
	if phone != "" {
		s = append(s, Subject{SubjectPhone, phone})
	}
	if customer != "" {
		s = append(s, Subject{SubjectCustomer, customer})
	}
	return s
}

// quote quotes s for an error, and only the start of a long one: the relay
// sends the error back in a frame.
func quote(s string) string {
	const most = 32
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}

// badText says why s cannot be a phone or customer id, or "".
func badText(s string, limit int) string {
	if len(s) > limit {
		return "has " + strconv.Itoa(len(s)) + " bytes; at most " + strconv.Itoa(limit) + " are possible"
	}
	if !utf8.ValidString(s) {
		return "is not UTF-8 text"
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return "holds a control character"
		}
	}
	if strings.TrimSpace(s) != s {
		return "begins or ends with a blank, so it would match no record"
	}
	return ""
}
