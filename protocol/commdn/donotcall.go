package commdn

import "commdn/protocol/tkvlist"

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

// AnsweredBy is true for CM_EvDoNotCallProcessed, also with an error, and CM_EvError.
func (*DoNotCall) AnsweredBy(m Message) bool {
	return m.Type() == EvDoNotCallProcessed || refuses(m, EvDoNotCallProcessed)
}

// Subjects gives the phone and the customer, those of them that are there.
func (m *DoNotCall) Subjects() []Subject { return subjects(m.Phone, m.CustomerID) }

// UserData gives the request as OCS expects it.
func (m *DoNotCall) UserData() tkvlist.List {
	return userData(ReqDoNotCall, m.Address, KeyDoNotCall, person(m.Phone, m.CustomerID, m.Chain))
}

// Validate gives a *FieldError when neither phone nor customer id is there, when
// the customer id is too long or no plain text, or when the chain is unknown.
// Whether the phone is one is for package number to say.
func (m *DoNotCall) Validate() error {
	p := problem{msg: ReqDoNotCall}
	if m.Phone == "" && m.CustomerID == "" {
		p.fail(KeyPhone, "is empty, and so is "+KeyCustomerID+"; give at least one of them")
	}
	p.person(m.CustomerID, m.Chain)
	return p.err
}

// Trace gives one line, for example
// CM_ReqDoNotCall 101→0 phone "*******567" chain AllChain.
func (m *DoNotCall) Trace(reveal bool) string {
	return trace(ReqDoNotCall, m.Address, m.Phone, m.CustomerID, m.Chain, reveal)
}

func decodeDoNotCall(d *decoder) *DoNotCall {
	m := &DoNotCall{Address: d.address()}
	l := d.mustInner(d.mustInner(d.list, KeyProperties), KeyDoNotCall)
	m.Phone, m.CustomerID, m.Chain = d.person(l)
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

func decodeDoNotCallProcessed(d *decoder) *DoNotCallProcessed {
	m := &DoNotCallProcessed{Address: d.address()}
	m.Phone, m.CustomerID, m.Chain = d.person(d.personEcho(KeyDoNotCall))
	return m
}

// person lists what is known of phone, customer and chain.
func person(phone, customer string, chain Chain) tkvlist.List {
	l := make(tkvlist.List, 0, 3)
	addText(&l, KeyPhone, phone)
	addText(&l, KeyCustomerID, customer)
	addText(&l, KeyChain, string(chain))
	return l
}
