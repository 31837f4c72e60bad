package tkvlist_test

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/protocol/tkvlist/tkvjson"
	"commdn/protocol/tkvlist/tkvlog"
)

// logVectors are lists from logs of real servers, one JSON object per line.
//
//go:embed testdata/tkvlist-logs.jsonl
var logVectors string

// What the logs show of the packed form has to hold: its length and its first
// four bytes. Their text has to come out as it was and to read back.
func TestLogVectors(t *testing.T) {
	lines := strings.Split(strings.TrimSpace(logVectors), "\n")
	if len(lines) != 4 {
		t.Fatalf("%d lines instead of 4", len(lines))
	}
	for i, line := range lines {
		var v struct {
			Attribute    string
			PackedLength int    `json:"packed_length"`
			FirstBytes   string `json:"first_bytes"`
			Pairs        json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatal(err)
		}
		t.Run(fmt.Sprint(i+1), func(t *testing.T) {
			list, err := tkvjson.Parse(v.Pairs)
			if err != nil {
				t.Fatal(err)
			}
			packed, err := tkvlist.AppendPack(nil, list)
			if err != nil {
				t.Fatal(err)
			}
			if len(packed) != v.PackedLength {
				t.Errorf("packed length %d, logged %d", len(packed), v.PackedLength)
			}
			if got := fmt.Sprintf("% x", packed[:4]); got != v.FirstBytes {
				t.Errorf("first bytes %s, logged %s", got, v.FirstBytes)
			}
			unpacked, err := tkvlist.Unpack(packed)
			if err != nil || !tkvlist.Equal(unpacked, list) {
				t.Errorf("unpacked %v, %v", unpacked, err)
			}
			text, err := tkvlog.Append(nil, v.Attribute, list)
			if err != nil {
				t.Fatal(err)
			}
			if want := logText(t, v.Attribute, v.PackedLength, v.FirstBytes, v.Pairs); string(text) != want {
				t.Errorf("text\n%s\nwant\n%s", text, want)
			}
			attribute, parsed, err := tkvlog.Parse(text)
			if err != nil || attribute != v.Attribute || !tkvlist.Equal(parsed, list) {
				t.Errorf("parsed %q %v, %v", attribute, parsed, err)
			}
		})
	}
}

// logText puts the log's own text together again, from the vector alone. The
// only nested list in the vectors is an empty one.
func logText(t *testing.T, attribute string, length int, first string, pairs json.RawMessage) string {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(pairs))
	dec.UseNumber()
	var flat [][2]any
	if err := dec.Decode(&flat); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\t%s\t[%d] %s..\n", attribute, length, first)
	for _, p := range flat {
		switch v := p[1].(type) {
		case string:
			fmt.Fprintf(&b, "\t\t'%s'\t'%s'\n", p[0], v)
		case json.Number:
			fmt.Fprintf(&b, "\t\t'%s'\t%s\n", p[0], v)
		default:
			fmt.Fprintf(&b, "\t\t'%s'(list) \n", p[0])
		}
	}
	return b.String()
}
