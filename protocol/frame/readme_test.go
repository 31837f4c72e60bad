package frame_test

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// The frames that README.md shows in bytes are frames, and what it says that they
// are.
func TestFramesOfREADME(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string][]byte{}
	for i, block := range strings.Split(string(text), "```") {
		if _, kind, ok := strings.Cut(strings.SplitN(strings.TrimPrefix(block, "\n"), "\n", 2)[0], "                             "); ok && i%2 == 1 {
			shown[kind] = bytesOf(t, block)
		}
	}
	f, err := frame.Decode(shown["request"])
	if err != nil || f.Kind != frame.KindRequest || f.Number != 1 {
		t.Fatalf("the request: %+v, %v", f, err)
	}
	r := frame.ReadRequest(f.Body)
	req, err := commdn.DecodeRequest(r.Data)
	if err != nil || !frame.ValidKey(r.Key) {
		t.Fatalf("the request: %+v, %v", r, err)
	}
	if m, ok := req.(*commdn.DoNotCall); !ok || m.Phone != "5551234567" || m.Origin != 0 || m.Target != 0 {
		t.Errorf("the request is %s", commdn.Trace(req, true))
	}
	f, err = frame.Decode(shown["outcome"])
	if err != nil || f.Kind != frame.KindOutcome || f.Number != 1 {
		t.Fatalf("the outcome: %+v, %v", f, err)
	}
	if r := frame.ReadOutcome(f.Body).Refusal; r == nil || r.Code != frame.RefusedUnknownKey || r.Message != "new" {
		t.Errorf("the outcome is %+v", r)
	}
}

// bytesOf reads lines of hex digits with words behind them.
func bytesOf(t *testing.T, block string) (all []byte) {
	t.Helper()
	for line := range strings.Lines(block) {
		for _, word := range strings.Fields(line) {
			b, err := hex.DecodeString(word)
			if err != nil || len(b) != 1 {
				break
			}
			all = append(all, b...)
		}
	}
	return all
}
