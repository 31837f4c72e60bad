package commdn_test

import (
	"errors"
	"reflect"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

type list = tkvlist.List

var (
	num    = tkvlist.Int
	text   = tkvlist.String
	nested = tkvlist.Nested
)

// message is user data with the three integers that every message has.
func message(t commdn.MessageType, more ...tkvlist.Pair) list {
	return append(list{
		{Key: commdn.KeyMessageType, Value: num(int32(t))},
		{Key: commdn.KeyOriginAppID, Value: num(7)},
		{Key: commdn.KeyTargetAppID, Value: num(101)},
	}, more...)
}

func properties(key string, inner ...tkvlist.Pair) tkvlist.Pair {
	return tkvlist.Pair{Key: commdn.KeyProperties, Value: nested(list{{Key: key, Value: nested(inner)}})}
}

func pair(key string, v tkvlist.Value) tkvlist.Pair { return tkvlist.Pair{Key: key, Value: v} }

// What real OCS may send beyond the page, and what it may leave out.
func TestDecodeTolerates(t *testing.T) {
	addr := commdn.Address{Origin: 7, Target: 101}
	phone := pair(commdn.KeyPhone, text("5551234567"))
	tests := []struct {
		name string
		in   list
		want commdn.Message
	}{
		{
			"acknowledgement under a key of its own",
			message(33, properties("do_not_call_processed", phone)),
			&commdn.DoNotCallProcessed{Address: addr, Phone: "5551234567"},
		},
		{
			"expected key before another one",
			message(33, pair(commdn.KeyProperties, nested(list{
				pair("other", nested(list{pair(commdn.KeyPhone, text("1"))})),
				pair(commdn.KeyDoNotCall, nested(list{phone})),
			}))),
			&commdn.DoNotCallProcessed{Address: addr, Phone: "5551234567"},
		},
		{
			"properties that are not about a person",
			message(33, pair(commdn.KeyProperties, nested(list{
				pair("note", text("x")), pair("empty", nested(nil)),
			}))),
			&commdn.DoNotCallProcessed{Address: addr},
		},
		{"no echo", message(33), &commdn.DoNotCallProcessed{Address: addr}},
		{"properties of another kind", message(33, pair(commdn.KeyProperties, text("x"))), &commdn.DoNotCallProcessed{Address: addr}},
		{
			"phone and customer as integers",
			message(32, properties(commdn.KeyDoNotCall,
				pair(commdn.KeyPhone, num(5551234)), pair(commdn.KeyCustomerID, num(42)))),
			&commdn.DoNotCall{Address: addr, Phone: "5551234", CustomerID: "42"},
		},
		{
			"phone over 2^31 as an integer",
			message(33, properties(commdn.KeyDoNotCall, pair(commdn.KeyPhone, num(-139416062)))),
			&commdn.DoNotCallProcessed{Address: addr, Phone: "4155551234"},
		},
		{
			"phone as unicode",
			message(33, properties(commdn.KeyDoNotCall, pair(commdn.KeyPhone, tkvlist.Unicode("5551234567")))),
			&commdn.DoNotCallProcessed{Address: addr, Phone: "5551234567"},
		},
		{
			"unknown keys, a reference id, no error",
			append(list{pair("GSW_CM_AttrReferenceID", num(9)), pair(commdn.KeyError, num(0))},
				message(33, properties(commdn.KeyDoNotCall, pair("GSW_NEW", text("x")), phone), pair("GSW_STAT_EVENT", num(1)))...),
			&commdn.DoNotCallProcessed{Address: addr, Phone: "5551234567"},
		},
		{
			"request with neither phone nor customer: Validate's matter",
			message(32, properties(commdn.KeyDoNotCall)),
			&commdn.DoNotCall{Address: addr},
		},
		{
			"repeated key: the first counts",
			message(33, pair(commdn.KeyOriginAppID, num(8))),
			&commdn.DoNotCallProcessed{Address: addr},
		},
		{
			"fault with an echo under a key of its own",
			message(27, pair(commdn.KeyError, num(3)), properties("error", phone, pair(commdn.KeyCustomerID, text("C")))),
			&commdn.Fault{Address: addr, Code: 3, Phone: "5551234567", CustomerID: "C"},
		},
		{
			"fault with a code that the vendor does not name, words as integer",
			message(27, pair(commdn.KeyError, num(99)), pair(commdn.KeyErrorMessage, num(12))),
			&commdn.Fault{Address: addr, Code: 99, Message: "12"},
		},
		{
			"acknowledgement that carries an error is a refusal",
			message(33, pair(commdn.KeyError, num(10)), pair(commdn.KeyErrorMessage, text("Bad")), properties(commdn.KeyDoNotCall, phone)),
			&commdn.Fault{Address: addr, Event: 33, Code: 10, Message: "Bad", Phone: "5551234567"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := commdn.Decode(test.in)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.want) {
				t.Errorf("decoded\n%#v, want\n%#v", got, test.want)
			}
		})
	}
}

func TestDecodeWrongKind(t *testing.T) {
	binary := tkvlist.Binary([]byte{1})
	props := func(key string) tkvlist.Pair { return properties(commdn.KeyDoNotCall, pair(key, binary)) }
	tests := []struct {
		name string
		in   list
		typ  commdn.MessageType
		key  string
		want string
	}{
		{
			"message type of a request", list{pair(commdn.KeyMessageType, text("32"))}, 0, commdn.KeyMessageType,
			"commdn: GSW_CM_MessageType: is a string instead of an integer",
		},
		{
			"request's list missing", message(32, properties("do_not_calls")), 32, commdn.KeyDoNotCall,
			"commdn: CM_ReqDoNotCall: do_not_call: is missing",
		},
		{
			"request's list a string", message(32, pair(commdn.KeyProperties, nested(list{pair(commdn.KeyDoNotCall, text("x"))}))), 32, commdn.KeyDoNotCall,
			"commdn: CM_ReqDoNotCall: do_not_call: is a string instead of a list",
		},
		{
			"request's phone", message(32, props(commdn.KeyPhone)), 32, commdn.KeyPhone,
			"commdn: CM_ReqDoNotCall: GSW_PHONE: is a binary instead of a string",
		},
		{
			"request's customer", message(32, props(commdn.KeyCustomerID)), 32, commdn.KeyCustomerID,
			"commdn: CM_ReqDoNotCall: GSW_CUSTOMER_ID: is a binary instead of a string",
		},
		{
			"request's chain", message(32, props(commdn.KeyChain)), 32, commdn.KeyChain,
			"commdn: CM_ReqDoNotCall: GSW_CHAIN_ATTR: is a binary instead of a string",
		},
		{
			"first error stays", message(32, props(commdn.KeyPhone))[2:], 0, "",
			"commdn: user data without GSW_CM_MessageType",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.key != "" {
				checkFieldError(t, test.in, test.typ, test.key)
			}
			if _, err := commdn.Decode(test.in); err == nil || err.Error() != test.want {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

func checkFieldError(t *testing.T, l list, typ commdn.MessageType, key string) {
	t.Helper()
	m, err := commdn.Decode(l)
	var field *commdn.FieldError
	if m != nil || !errors.As(err, &field) || field.Message != typ || field.Key != key {
		t.Errorf("got %v, %v, want a FieldError about %s of %v", m, err, key, typ)
	}
}

func TestDecodeOther(t *testing.T) {
	for _, l := range []list{nil, {}, {pair("GSW_STAT_EVENT", num(1)), pair(commdn.KeyOriginAppID, num(7))}} {
		if _, err := commdn.Decode(l); !errors.Is(err, commdn.ErrNotCommDN) {
			t.Errorf("%v: error %v, want ErrNotCommDN", l, err)
		}
	}
	for _, n := range []int32{-1 << 31, -1, 34, 1<<31 - 1} {
		_, err := commdn.Decode(message(commdn.MessageType(n)))
		var unknown *commdn.UnknownTypeError
		if !errors.As(err, &unknown) || int32(unknown.Type) != n {
			t.Errorf("type %d: error %v, want UnknownTypeError", n, err)
		}
	}
	_, err := commdn.Decode(message(34))
	if want := "commdn: message type 34 is not supported"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
}

func TestDecodeRequest(t *testing.T) {
	r, err := commdn.DecodeRequest(message(32, properties(commdn.KeyDoNotCall, pair(commdn.KeyPhone, text("1")))))
	if err != nil || r.Type() != commdn.ReqDoNotCall {
		t.Errorf("got %v, %v, want a do-not-call request", r, err)
	}
	for _, l := range []list{message(33), message(27, pair(commdn.KeyError, num(3)))} {
		r, err := commdn.DecodeRequest(l)
		var field *commdn.FieldError
		if r != nil || !errors.As(err, &field) || field.Key != commdn.KeyMessageType {
			t.Errorf("got %v, %v, want a FieldError about the message type", r, err)
		}
	}
	if _, err := commdn.DecodeRequest(nil); !errors.Is(err, commdn.ErrNotCommDN) {
		t.Errorf("error %v, want ErrNotCommDN", err)
	}
}

// DecodePersonAnswer gives what Decode gives for the answers to requests about
// a person, and passes for not knowing any other message of the API.
func TestDecodePersonAnswer(t *testing.T) {
	for _, g := range golden {
		got, err := commdn.DecodePersonAnswer(g.msg.UserData())
		switch g.msg.(type) {
		case *commdn.DoNotCallProcessed, *commdn.RecordCanceled, *commdn.Fault:
			if err != nil || !reflect.DeepEqual(got, g.msg) {
				t.Errorf("%s: got %#v, %v", g.name, got, err)
			}
			continue
		}
		var unknown *commdn.UnknownTypeError
		var refused *commdn.NotApplicableError
		if got != nil || !errors.As(err, &unknown) || unknown.Type != g.msg.Type() || errors.As(err, &refused) {
			t.Errorf("%s: got %v, %v, want an UnknownTypeError", g.name, got, err)
		}
	}
	var refused *commdn.NotApplicableError
	if _, err := commdn.DecodePersonAnswer(message(28)); !errors.As(err, &refused) {
		t.Errorf("error %v, want a NotApplicableError", err)
	}
	if _, err := commdn.DecodePersonAnswer(nil); !errors.Is(err, commdn.ErrNotCommDN) {
		t.Errorf("error %v, want ErrNotCommDN", err)
	}
	m, err := commdn.DecodePersonAnswer(message(31, pair(commdn.KeyError, num(10))))
	if fault, ok := m.(*commdn.Fault); !ok || fault.Code != commdn.ErrorInvalidParameter {
		t.Errorf("got %v, %v, want a fault", m, err)
	}
}
