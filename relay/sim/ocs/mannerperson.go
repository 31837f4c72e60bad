package ocs

import (
	"slices"
	"strings"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// refusal words a CM_EvError, which comes with the whole echo.
func (m *manner) refusal(l *tkvlist.List, a asked) {
	switch {
	case m.ErrorEcho == "group":
		drop(l, commdn.KeyCampaignID, commdn.KeyProperties)
	case m.ErrorEcho == "" && !m.EchoOnError:
		drop(l, commdn.KeyCampaignID, commdn.KeyGroupID, commdn.KeyProperties)
	}
	if m.ErrorCode != 0 {
		l.Set(commdn.KeyError, tkvlist.Int(m.ErrorCode))
	}
	if m.ErrorTextAlone {
		drop(l, commdn.KeyError)
	}
	if m.ErrorNumberAlone {
		drop(l, commdn.KeyErrorMessage)
	}
	if m.ErrorsInAnswers {
		l.Set(commdn.KeyMessageType, tkvlist.Int(int32(acknowledgement(a.kind))))
	}
}

// person words the echo of an answer about a phone or a customer.
func (m *manner) person(l *tkvlist.List, kind commdn.MessageType, a asked) {
	own, other := commdn.KeyDoNotCall, commdn.KeyCancelRecord
	if a.kind == commdn.ReqCancelRecord {
		own, other = other, own
	}
	to := own
	if kind == commdn.EvError && m.ErrorEcho == "other_list" {
		to = other
	}
	if m.ResponseKey != "" {
		to = m.ResponseKey
	}
	if _, ok := l.List(commdn.KeyProperties); !ok {
		return
	}
	within(l, commdn.KeyProperties, func(properties *tkvlist.List) {
		(*properties)[0].Key = to
		within(properties, to, func(echo *tkvlist.List) {
			m.echo(echo, a)
			if m.MessageAtTop {
				move(commdn.KeyMessage, echo, l)
			}
			if m.MessageBeside {
				move(commdn.KeyMessage, echo, properties)
			}
		})
	})
}

func (m *manner) echo(echo *tkvlist.List, a asked) {
	if m.NoEcho {
		drop(echo, commdn.KeyPhone, commdn.KeyCustomerID, commdn.KeyChain, commdn.KeyCampaignName)
	}
	phone, hasPhone := echo.Text(commdn.KeyPhone)
	customer, hasCustomer := echo.Text(commdn.KeyCustomerID)
	if m.EchoNormalised {
		phone, customer = normalised(phone), strings.ToUpper(customer)
	}
	if m.EchoBlanks {
		phone = blanks(phone)
	}
	if hasCustomer {
		echo.Set(commdn.KeyCustomerID, tkvlist.String(customer))
	}
	if !hasPhone {
		return
	}
	echo.Set(commdn.KeyPhone, tkvlist.String(phone))
	if m.EchoChain && a.other != "" {
		*echo = slices.Insert(*echo, 0, tkvlist.Pair{Key: commdn.KeyPhone, Value: tkvlist.String(a.other)})
	}
}

// normalised gives the digits of a phone without leading zeros, or the phone
// itself where nothing would be left.
func normalised(phone string) string {
	digits := strings.TrimLeft(strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, phone), "0")
	if digits == "" {
		return phone
	}
	return digits
}

func blanks(phone string) string {
	var b strings.Builder
	for i, r := range []rune(phone) {
		if i > 0 && i%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
