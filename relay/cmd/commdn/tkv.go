package main

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"unicode/utf8"

	"commdn/protocol/tkvlist"
	"commdn/protocol/tkvlist/tkvjson"
	"commdn/protocol/tkvlist/tkvlog"
)

type tkvCmd struct {
	Encode tkvEncodeCmd `cmd:"" help:"JSON on standard input to packed hex, or to log text with --log."`
	Decode tkvDecodeCmd `cmd:"" help:"Packed hex on standard input to JSON."`
	Parse  tkvParseCmd  `cmd:"" help:"Log text on standard input to JSON."`
}

// limits are those of the largest list that T-Server can be set to take.
var limits = tkvlist.Limits{MaxBytes: tkvlist.MaxBytes}

// maxInput is more than any form of the largest list takes.
const maxInput = 1 << 20

type tkvEncodeCmd struct {
	Log string `help:"Print log text under this attribute's name instead of hex." placeholder:"ATTRIBUTE"`
}

func (c *tkvEncodeCmd) Run(e *env) error {
	in, err := input(e)
	if err != nil {
		return err
	}
	l, err := tkvjson.Parse(in)
	if err != nil {
		return err
	}
	if c.Log != "" {
		out, err := tkvlog.Append(nil, c.Log, l)
		if err != nil {
			return err
		}
		_, err = e.stdout.Write(out)
		return err
	}
	packed, err := limits.AppendPack(nil, l)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(e.stdout, "%x\n", packed)
	return err
}

type tkvDecodeCmd struct{}

func (tkvDecodeCmd) Run(e *env) error {
	in, err := input(e)
	if err != nil {
		return err
	}
	packed, err := unhex(in)
	if err != nil {
		return err
	}
	l, err := limits.Unpack(packed)
	if err != nil {
		return err
	}
	return printJSON(e, l)
}

type tkvParseCmd struct{}

// Help is what commdn tkv parse --help says further.
func (tkvParseCmd) Help() string {
	return `The text is pairs, one attribute, or whole messages, as T-Server prints them or as the Platform SDK does. One list gives its JSON; anything else one object per message, {"message":NAME,"attributes":[[NAME,VALUE],…]}. A masked value is {"masked":"***"}.`
}

func (tkvParseCmd) Run(e *env) error {
	in, err := input(e)
	if err != nil {
		return err
	}
	messages, err := tkvlog.ParseLog(in)
	if err != nil {
		return err
	}
	if len(messages) == 1 && messages[0].Name == "" && len(messages[0].Attributes) == 1 && messages[0].Attributes[0].IsList {
		a := messages[0].Attributes[0]
		_, err := e.stdout.Write(append(tkvjson.AppendMasked(nil, a.List, a.Masked), '\n'))
		return err
	}
	for _, m := range messages {
		if m.Attributes == nil {
			continue // a line of the log that names a message, and no more
		}
		if err := writeJSON(e.stdout, messageJSON(m)); err != nil {
			return err
		}
	}
	return nil
}

// messageJSON gives a message in the form that tkv parse prints.
func messageJSON(m tkvlog.Message) any {
	v := struct {
		Message    string   `json:"message,omitempty"`
		Attributes [][2]any `json:"attributes"`
	}{Message: m.Name}
	for _, a := range m.Attributes {
		var value any = a.Value
		number, err := strconv.ParseInt(a.Value, 10, 64)
		switch {
		case a.IsList:
			value = json.RawMessage(tkvjson.AppendMasked(nil, a.List, a.Masked))
		case len(a.Masked) > 0:
			value = map[string]string{"masked": a.Value}
		case err == nil && !a.Quoted && a.Value == strconv.FormatInt(number, 10):
			value = number
		}
		v.Attributes = append(v.Attributes, [2]any{a.Name, value})
	}
	return v
}

func printJSON(e *env, l tkvlist.List) error {
	_, err := e.stdout.Write(append(tkvjson.Append(nil, l), '\n'))
	return err
}

func input(e *env) ([]byte, error) {
	in, err := io.ReadAll(io.LimitReader(e.stdin, maxInput+1))
	if err != nil {
		return nil, err
	}
	if len(in) > maxInput {
		return nil, &tkvlist.LimitError{What: "input of more than " + strconv.Itoa(maxInput) + " bytes", Offset: maxInput, Limit: maxInput}
	}
	if len(bytes.TrimSpace(in)) == 0 {
		return nil, &tkvlist.SyntaxError{What: "nothing on standard input"}
	}
	return in, nil
}

// unhex reads hex digits of either case, blanks ignored. Errors count bytes of
// the text.
func unhex(text []byte) ([]byte, error) {
	digits := make([]byte, 0, len(text))
	for i, c := range text {
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
		case '0' <= c && c <= '9', 'a' <= c && c <= 'f', 'A' <= c && c <= 'F':
			digits = append(digits, c)
		default:
			r, _ := utf8.DecodeRune(text[i:])
			return nil, &tkvlist.SyntaxError{What: strconv.QuoteRune(r) + " is not a hex digit", Offset: i}
		}
	}
	if len(digits)%2 != 0 {
		return nil, &tkvlist.SyntaxError{What: "odd number of hex digits", Offset: len(text)}
	}
	packed := make([]byte, len(digits)/2)
	_, err := hex.Decode(packed, digits)
	return packed, err
}
