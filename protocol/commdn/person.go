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

// The longest texts that Validate lets through, in bytes. The vendor names no
// limit; the columns of a calling list and of the Configuration Database are
// no wider.
const (
	MaxCustomerID   = 255
	MaxCampaignName = 255
	MaxDescription  = 255
)

// MaxPhone is how many bytes a calling list has room for in a phone.
const MaxPhone = 64

// Person is whom a do-not-call or cancel request is about, and how far it
// reaches.
type Person struct {
	Phone      string
	CustomerID string
	Chain      Chain
	Campaign   string // the only one to cancel in; empty in a do-not-call request
}

// PersonOf gives whom a do-not-call or cancel request is about, and false for
// any other request.
func PersonOf(req Request) (Person, bool) {
	switch m := req.(type) {
	case *DoNotCall:
		return Person{Phone: m.Phone, CustomerID: m.CustomerID, Chain: m.Chain}, true
	case *CancelRecord:
		return Person{m.Phone, m.CustomerID, m.Chain, m.Campaign}, true
	}
	return Person{}, false
}

// userData builds the list that every message about a person has.
func userData(t MessageType, a Address, key string, inner tkvlist.List) tkvlist.List {
	return tkvlist.List{
		{Key: KeyMessageType, Value: tkvlist.Int(int32(t))},
		{Key: KeyOriginAppID, Value: tkvlist.Int(int32(a.Origin))},
		{Key: KeyTargetAppID, Value: tkvlist.Int(int32(a.Target))},
		{Key: KeyProperties, Value: nested(key, inner)},
	}
}

// person reads phone, customer and chain, each of which may be absent.
func (d *decoder) person(l tkvlist.List) (phone, customer string, chain Chain) {
	return d.text(l, KeyPhone), d.text(l, KeyCustomerID), Chain(d.text(l, KeyChain))
}

// person fails for what OCS would find no record by, and for a chain that the
// vendor does not know. The phone is as somebody wrote it: package number reads it
// before it is sent, and refuses what is none.
func (p *problem) person(customer string, chain Chain) {
	p.match(KeyCustomerID, customer, MaxCustomerID)
	if chain != "" && chain != AllChain && chain != RecordOnly {
		p.fail(KeyChain, "is "+quote(string(chain))+"; give AllChain or RecordOnly")
	}
}

// match fails for a text that OCS compares with others and that cannot be one.
func (p *problem) match(key, s string, limit int) {
	p.text(key, s, limit)
	if strings.TrimSpace(s) != s {
		p.fail(key, "begins or ends with a blank, so it would match no record")
	}
}

// text fails for a text that is too long or no plain text.
func (p *problem) text(key, s string, limit int) {
	if len(s) > limit {
		p.fail(key, "has "+strconv.Itoa(len(s))+" bytes; at most "+strconv.Itoa(limit)+" are possible")
	}
	if !utf8.ValidString(s) {
		p.fail(key, "is not UTF-8 text")
	}
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			p.fail(key, "holds a control character")
		}
	}
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
