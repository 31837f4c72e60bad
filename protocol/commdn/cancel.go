package commdn

import (
	"strconv"

	"commdn/protocol/tkvlist"
)

// IncompleteMessage is what OCS says in GSW_MESSAGE when records stay because
// they are on an agent's desktop.
const IncompleteMessage = "Incomplete processing: record(s) on desktop"

// CancelRecord asks OCS to cancel the records of a phone, and optionally of a
// customer: CM_ReqCancelRecord ("Record Cancellation from a Third-Party
// Application"). Repeating it is harmless.
type CancelRecord struct {
	Address
	Phone      string // GSW_PHONE, mandatory (but see NeedPhone); sent exactly as given
	CustomerID string // GSW_CUSTOMER_ID
	Campaign   string // GSW_CAMPAIGN_NAME: the name of the only campaign to cancel in; empty is every one
	Chain      Chain  // GSW_CHAIN_ATTR; empty is not sent, and OCS takes AllChain
}

// Type is CM_ReqCancelRecord.
func (*CancelRecord) Type() MessageType { return ReqCancelRecord }

// Repeatable is true: a record that is canceled already stays so.
func (*CancelRecord) Repeatable() bool { return true }

// AnsweredBy is true for CM_EvRecordCanceled, also with an error, and CM_EvError.
func (*CancelRecord) AnsweredBy(m Message) bool {
	return m.Type() == EvRecordCanceled || refuses(m, EvRecordCanceled)
}

// Subjects gives the phone and the customer, those of them that are there.
func (m *CancelRecord) Subjects() []Subject { return subjects(m.Phone, m.CustomerID) }

// UserData gives the request as OCS expects it.
func (m *CancelRecord) UserData() tkvlist.List {
	return userData(ReqCancelRecord, m.Address, KeyCancelRecord,
		cancelRecord(m.Phone, m.CustomerID, m.Campaign, m.Chain, ""))
}

// Validate gives a *FieldError when neither phone nor customer id is there, when
// another text is too long or no plain text, or when the chain is unknown. Whether
// the phone is one is for package number to say.
func (m *CancelRecord) Validate() error {
	p := problem{msg: ReqCancelRecord}
	if m.Phone == "" && m.CustomerID == "" {
		p.fail(KeyPhone, "is empty, and so is "+KeyCustomerID+"; give the phone")
	}
	p.person(m.CustomerID, m.Chain)
	p.match(KeyCampaignName, m.Campaign, MaxCampaignName)
	return p.err
}

// NeedPhone gives a *FieldError when the phone is missing. The vendor's table has
// it as mandatory on the CommDN. An OCS that cancels by a customer id alone, as it
// does on other interfaces, is one that its administrator has to vouch for: the
// option cancel_by_customer of a relay's link.
func (m *CancelRecord) NeedPhone() error {
	p := problem{msg: ReqCancelRecord}
	if m.Phone == "" {
		p.fail(KeyPhone, "is empty; a customer id alone cancels nothing")
	}
	return p.err
}

// Trace gives one line, for example
// CM_ReqCancelRecord 101→0 phone "*******567" chain RecordOnly campaign "Spring".
func (m *CancelRecord) Trace(reveal bool) string {
	return traceCampaign(trace(ReqCancelRecord, m.Address, m.Phone, m.CustomerID, m.Chain, reveal), m.Campaign)
}

func decodeCancelRecord(d *decoder) *CancelRecord {
	m := &CancelRecord{Address: d.address()}
	l := d.mustInner(d.mustInner(d.list, KeyProperties), KeyCancelRecord)
	m.Phone, m.CustomerID, m.Chain = d.person(l)
	m.Campaign = d.text(l, KeyCampaignName)
	return m
}

// RecordCanceled is OCS's acknowledgement: CM_EvRecordCanceled. All but the
// Message is that of the request as far as OCS echoes it.
type RecordCanceled struct {
	Address
	Phone      string
	CustomerID string
	Campaign   string
	Chain      Chain
	Message    string // GSW_MESSAGE, usually empty; see Incomplete
}

// Incomplete says that some records are on an agent's desktop and were not
// canceled. GSW_MESSAGE is there for nothing else, so any will do.
func (m *RecordCanceled) Incomplete() bool { return m.Message != "" }

// Type is CM_EvRecordCanceled.
func (*RecordCanceled) Type() MessageType { return EvRecordCanceled }

// Subjects gives the phone and the customer that OCS echoed.
func (m *RecordCanceled) Subjects() []Subject { return subjects(m.Phone, m.CustomerID) }

// UserData gives the acknowledgement as OCS sends it.
func (m *RecordCanceled) UserData() tkvlist.List {
	return userData(EvRecordCanceled, m.Address, KeyCancelRecord,
		cancelRecord(m.Phone, m.CustomerID, m.Campaign, m.Chain, m.Message))
}

// Trace gives one line. In OCS's own words, too, phones and customer ids are
// masked unless reveal is set.
func (m *RecordCanceled) Trace(reveal bool) string {
	s := traceCampaign(trace(EvRecordCanceled, m.Address, m.Phone, m.CustomerID, m.Chain, reveal), m.Campaign)
	message := m.Message
	if message == "" {
		return s
	}
	if !reveal {
		message = maskIn(message, m.Phone, m.CustomerID)
	}
	return s + " " + strconv.Quote(message)
}

func decodeRecordCanceled(d *decoder) *RecordCanceled {
	m := &RecordCanceled{Address: d.address()}
	l := d.personEcho(KeyCancelRecord)
	m.Phone, m.CustomerID, m.Chain = d.person(l)
	m.Campaign = d.text(l, KeyCampaignName)
	if message, ok := d.anywhere(KeyMessage); ok {
		m.Message = asText(message)
	}
	return m
}

// cancelRecord lists what is known, in the order of the vendor's table.
func cancelRecord(phone, customer, campaign string, chain Chain, message string) tkvlist.List {
	l := make(tkvlist.List, 0, 5)
	addText(&l, KeyPhone, phone)
	addText(&l, KeyCampaignName, campaign)
	addText(&l, KeyChain, string(chain))
	addText(&l, KeyCustomerID, customer)
	addText(&l, KeyMessage, message)
	return l
}

func traceCampaign(s, campaign string) string {
	if campaign == "" {
		return s
	}
	return s + " campaign " + quote(campaign)
}
