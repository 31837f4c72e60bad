package commdn_test

import (
	"reflect"
	"slices"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// goldenMessage is a message with its packed user data, one field per line.
type goldenMessage struct {
	name   string
	msg    commdn.Message
	packed string
}

var golden = slices.Concat(goldenPersons, goldenRequests, goldenEvents)

// goldenPersons are the messages of do-not-call, and faults.
var goldenPersons = []goldenMessage{
	{
		name: "request with all fields",
		msg: &commdn.DoNotCall{
			Address: commdn.Address{Origin: 101, Target: 0},
			Phone:   "5551234567", CustomerID: "C-42", Chain: commdn.AllChain,
		},
		packed: "\x00\x04" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x20" + // integer 32
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\x63" + "\x00\x61" + // list, 97 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0bdo_not_call" + "\x00\x4f" + "\x00\x4d" + // list, 77 bytes
			"\x00\x03" + // pairs
			"\x00" + "\x00\x09GSW_PHONE" + "\x00\x0a" + "5551234567" +
			"\x00" + "\x00\x0fGSW_CUSTOMER_ID" + "\x00\x04" + "C-42" +
			"\x00" + "\x00\x0eGSW_CHAIN_ATTR" + "\x00\x08" + "AllChain",
	},
	{
		name: "request with a phone alone",
		msg:  &commdn.DoNotCall{Address: commdn.Address{Origin: 101, Target: 7}, Phone: "5551234567"},
		packed: "\x00\x04" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x20" + // integer 32
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\x30" + "\x00\x2e" + // list, 46 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0bdo_not_call" + "\x00\x1c" + "\x00\x1a" + // list, 26 bytes
			"\x00\x01" + // pairs
			"\x00" + "\x00\x09GSW_PHONE" + "\x00\x0a" + "5551234567",
	},
	{
		name: "acknowledgement",
		msg: &commdn.DoNotCallProcessed{
			Address:    commdn.Address{Origin: 7, Target: 101},
			CustomerID: "C-42", Chain: commdn.RecordOnly,
		},
		packed: "\x00\x04" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x21" + // integer 33
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\x4d" + "\x00\x4b" + // list, 75 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0bdo_not_call" + "\x00\x39" + "\x00\x37" + // list, 55 bytes
			"\x00\x02" + // pairs
			"\x00" + "\x00\x0fGSW_CUSTOMER_ID" + "\x00\x04" + "C-42" +
			"\x00" + "\x00\x0eGSW_CHAIN_ATTR" + "\x00\x0a" + "RecordOnly",
	},
	{
		name: "fault with an echo",
		msg: &commdn.Fault{
			Address: commdn.Address{Origin: 7, Target: 101},
			Code:    commdn.ErrorInvalidParameter, Message: "Bad phone", Phone: "5551234567",
		},
		packed: "\x00\x06" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x1b" + // integer 27
			"\x01" + "\x00\x10GSW_CM_AttrError" + "\x00\x04" + "\x00\x00\x00\x0a" + // integer 10
			"\x00" + "\x00\x17GSW_CM_AttrErrorMessage" + "\x00\x09" + "Bad phone" +
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\x30" + "\x00\x2e" + // list, 46 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0bdo_not_call" + "\x00\x1c" + "\x00\x1a" + // list, 26 bytes
			"\x00\x01" + // pairs
			"\x00" + "\x00\x09GSW_PHONE" + "\x00\x0a" + "5551234567",
	},
	{
		name: "fault without words or echo",
		msg: &commdn.Fault{
			Address: commdn.Address{Origin: 7, Target: 101},
			Code:    commdn.ErrorCampaignNotFound,
		},
		packed: "\x00\x05" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x1b" + // integer 27
			"\x01" + "\x00\x10GSW_CM_AttrError" + "\x00\x04" + "\x00\x00\x00\x03" + // integer 3
			"\x00" + "\x00\x17GSW_CM_AttrErrorMessage" + "\x00\x00" + // empty
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65", // integer 101
	},
}

func TestGoldenEncode(t *testing.T) {
	for _, test := range golden {
		t.Run(test.name, func(t *testing.T) {
			got, err := tkvlist.AppendPack(nil, test.msg.UserData())
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != test.packed {
				t.Errorf("packed\n%q, want\n%q", got, test.packed)
			}
		})
	}
}

func TestGoldenDecode(t *testing.T) {
	for _, test := range golden {
		t.Run(test.name, func(t *testing.T) {
			l, err := tkvlist.Unpack([]byte(test.packed))
			if err != nil {
				t.Fatal(err)
			}
			got, err := commdn.Decode(l)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, test.msg) {
				t.Errorf("decoded\n%#v, want\n%#v", got, test.msg)
			}
		})
	}
}

// Every message has a type, an address that can be set, and the trace of one
// line that begins with the vendor's name.
func TestGoldenMessages(t *testing.T) {
	seen := map[commdn.MessageType]bool{}
	for _, test := range golden {
		typ, _ := test.msg.UserData().Int(commdn.KeyMessageType)
		if got := test.msg.Type(); int32(got) != typ {
			t.Errorf("%s: type %v, but %d is written", test.name, got, typ)
		}
		seen[test.msg.Type()] = true
		was := *test.msg.Addr()
		test.msg.Addr().Origin = 55
		if n, _ := test.msg.UserData().Int(commdn.KeyOriginAppID); n != 55 {
			t.Errorf("%s: origin %d after Addr().Origin = 55", test.name, n)
		}
		*test.msg.Addr() = was
	}
	if len(seen) != 18 {
		t.Errorf("golden messages of %d types, want all 18", len(seen))
	}
}
