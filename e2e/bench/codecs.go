package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"

	"commdn/protocol/tkvlist"

	"github.com/fxamacker/cbor/v2"
	"github.com/vmihailenco/msgpack/v5"
)

// codec is one row of the table. encode writes the data into memory that the row reuses,
// as a connection does. decode reads the bytes of encode into fresh memory, since a
// message outlives its frame. Each row keeps only the variable with the result, so that
// none pays for boxing it.
type codec struct {
	name   string
	encode func() error
	decode func() error
	got    func() any // result of the last decode
	want   any        // its expected value
}

// The codecs that have targets.
const (
	nameTKVList = "tkvlist"
	nameMsgpack = "msgpack"
)

// codecs returns tkvlist, its peers and the bare copy. Each has run once, so that its
// buffer has grown, and has returned its own data.
func codecs() ([]codec, error) {
	list := doNotCall()
	pairs := toPairs(list)
	cb, err := concise(pairs)
	if err != nil {
		return nil, err
	}
	floor, err := memmove(list)
	if err != nil {
		return nil, err
	}
	all := []codec{
		packed(list),
		messagePack(nameMsgpack, pairs),
		messagePack("msgpack by hand", toHand(list)),
		cb,
		javaScript(pairs),
		floor,
	}
	for _, c := range all {
		if err := c.encode(); err != nil {
			return nil, fmt.Errorf("%s: encode: %w", c.name, err)
		}
		if err := c.decode(); err != nil {
			return nil, fmt.Errorf("%s: decode: %w", c.name, err)
		}
		if got := c.got(); !reflect.DeepEqual(got, c.want) {
			return nil, fmt.Errorf("%s: decoded %v instead of %v", c.name, got, c.want)
		}
	}
	return all, nil
}

func packed(l tkvlist.List) codec {
	var (
		buf []byte
		out tkvlist.List
	)
	return codec{
		name: nameTKVList,
		encode: func() (err error) {
			buf, err = tkvlist.AppendPack(buf[:0], l)
			return err
		},
		decode: func() (err error) {
			out, err = tkvlist.Unpack(buf)
			return err
		},
		got:  func() any { return out },
		want: l,
	}
}

// messagePack keeps encoder, decoder, buffer and reader between runs, and lets the
// decoder allocate a slice at once instead of in steps. S is a slice type; the slice is
// nil again before each decode.
func messagePack[S ~[]E, E any](name string, v S) codec {
	var (
		buf bytes.Buffer
		src bytes.Reader
		out S
		enc = msgpack.NewEncoder(&buf)
		dec = msgpack.NewDecoder(&src)
	)
	enc.UseCompactInts(true)
	enc.UseArrayEncodedStructs(true)
	dec.DisableAllocLimit(true)
	return codec{
		name: name,
		encode: func() error {
			buf.Reset()
			return enc.Encode(&v)
		},
		decode: func() error {
			out = nil
			src.Reset(buf.Bytes())
			dec.ResetReader(&src)
			return dec.Decode(&out)
		},
		got:  func() any { return out },
		want: v,
	}
}

func concise(pairs []pair) (codec, error) {
	enc, err := cbor.EncOptions{}.UserBufferEncMode()
	if err != nil {
		return codec{}, fmt.Errorf("cbor: %w", err)
	}
	dec, err := cbor.DecOptions{}.DecMode()
	if err != nil {
		return codec{}, fmt.Errorf("cbor: %w", err)
	}
	var (
		buf bytes.Buffer
		out []pair
	)
	return codec{
		name: "cbor",
		encode: func() error {
			buf.Reset()
			return enc.MarshalToBuffer(&pairs, &buf)
		},
		decode: func() error {
			out = nil
			return dec.Unmarshal(buf.Bytes(), &out)
		},
		got:  func() any { return out },
		want: pairs,
	}, nil
}

func javaScript(pairs []pair) codec {
	var (
		buf bytes.Buffer
		out []pair
	)
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	return codec{
		name: "encoding/json",
		encode: func() error {
			buf.Reset()
			return enc.Encode(&pairs)
		},
		decode: func() error {
			out = nil
			return json.Unmarshal(buf.Bytes(), &out)
		},
		got:  func() any { return out },
		want: pairs,
	}
}

// memmove is the floor: it copies the packed bytes without a look at them. Encoding
// copies into a kept buffer, decoding into a fresh one.
func memmove(l tkvlist.List) (codec, error) {
	src, err := tkvlist.AppendPack(nil, l)
	if err != nil {
		return codec{}, err
	}
	buf := make([]byte, len(src))
	var out []byte
	return codec{
		name: "memmove",
		encode: func() error {
			copy(buf, src)
			return nil
		},
		decode: func() error {
			out = append([]byte(nil), buf...)
			return nil
		},
		got:  func() any { return out },
		want: src,
	}, nil
}
