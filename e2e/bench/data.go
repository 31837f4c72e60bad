package main

import (
	"fmt"

	"commdn/protocol/tkvlist"

	"github.com/vmihailenco/msgpack/v5"
	"github.com/vmihailenco/msgpack/v5/msgpcode"
)

// doNotCall is the user data of CM_ReqDoNotCall, the message of an agent's click: eight
// pairs in lists of three levels.
func doNotCall() tkvlist.List {
	return tkvlist.List{
		{Key: "GSW_CM_MessageType", Value: tkvlist.Int(32)},
		{Key: "GSW_CM_AttrOriginAppID", Value: tkvlist.Int(101)},
		{Key: "GSW_CM_AttrTargetAppID", Value: tkvlist.Int(0)},
		{Key: "GSW_CM_AttrProperties", Value: tkvlist.Nested(tkvlist.List{
			{Key: "do_not_call", Value: tkvlist.Nested(tkvlist.List{
				{Key: "GSW_PHONE", Value: tkvlist.String("5551234567")},
				{Key: "GSW_CUSTOMER_ID", Value: tkvlist.String("C-42")},
				{Key: "GSW_CHAIN_ATTR", Value: tkvlist.String("AllChain")},
			})},
		})},
	}
}

// pair is the peers' form of a tkvlist.Pair, one flat struct: the key, the kind, and the
// one of the three fields that the kind names. MessagePack and CBOR write it as an array,
// their shortest and fastest form of a struct; JSON omits the empty fields. Decoding
// gives the same typed tree as tkvlist, without interface values.
type pair struct {
	_ struct{} `cbor:",toarray"`

	Key  string `json:"k"`
	Kind uint8  `json:"t"`
	Num  int32  `json:"n,omitempty"`
	Str  string `json:"s,omitempty"`
	List []pair `json:"l,omitempty"`
}

// toPairs converts l to the peers' form.
func toPairs(l tkvlist.List) []pair {
	out := make([]pair, len(l))
	for i, p := range l {
		out[i] = pair{Key: p.Key, Kind: uint8(p.Value.Kind())}
		out[i].Num, _ = p.Value.Int()
		out[i].Str, _ = p.Value.Text()
		if sub, ok := p.Value.List(); ok {
			out[i].List = toPairs(sub)
		}
	}
	return out
}

// handList is MessagePack at its best: no reflection, each pair is its key and its value,
// and the value's type code gives the kind. The targets refer to the struct above, which
// is the usual way to use that library; this row shows how much of the distance is the
// library's reflection.
type handList []handPair

type handPair struct {
	Key  string
	Kind tkvlist.Kind
	Num  int32
	Str  string
	List handList
}

func toHand(l tkvlist.List) handList {
	out := make(handList, len(l))
	for i, p := range l {
		out[i] = handPair{Key: p.Key, Kind: p.Value.Kind()}
		out[i].Num, _ = p.Value.Int()
		out[i].Str, _ = p.Value.Text()
		if sub, ok := p.Value.List(); ok {
			out[i].List = toHand(sub)
		}
	}
	return out
}

func (l handList) EncodeMsgpack(enc *msgpack.Encoder) error {
	if err := enc.EncodeArrayLen(2 * len(l)); err != nil {
		return err
	}
	for i := range l {
		p := &l[i]
		err := enc.EncodeString(p.Key)
		if err == nil {
			switch p.Kind {
			case tkvlist.KindInt:
				err = enc.EncodeInt(int64(p.Num))
			case tkvlist.KindList:
				err = p.List.EncodeMsgpack(enc)
			default:
				err = enc.EncodeString(p.Str)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *handList) DecodeMsgpack(dec *msgpack.Decoder) error {
	n, err := dec.DecodeArrayLen()
	if err != nil {
		return err
	}
	if n < 0 || n%2 != 0 {
		return fmt.Errorf("array of %d instead of keys and values", n)
	}
	*l = make(handList, n/2)
	for i := range *l {
		if err := (*l)[i].decode(dec); err != nil {
			return err
		}
	}
	return nil
}

func (p *handPair) decode(dec *msgpack.Decoder) (err error) {
	if p.Key, err = dec.DecodeString(); err != nil {
		return err
	}
	code, err := dec.PeekCode()
	if err != nil {
		return err
	}
	switch {
	case msgpcode.IsFixedArray(code):
		p.Kind = tkvlist.KindList
		return p.List.DecodeMsgpack(dec)
	case msgpcode.IsString(code):
		p.Kind = tkvlist.KindString
		p.Str, err = dec.DecodeString()
	default:
		p.Kind = tkvlist.KindInt
		p.Num, err = dec.DecodeInt32()
	}
	return err
}
