package sequence

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
)

func TestReadValue(t *testing.T) {
	for text, want := range map[string]commdn.Sequence{
		`{}`: {},
		` { "description" : "a\"\\\/\b\f\n\r\té\ud83d\ude00\ud83d" , "start":"", "items":[ ] } `:                      {Description: "a\"\\/\b\f\n\r\té😀\ufffd"},
		`{"description":null,"items":null,"start":"2026-03-04T12:00:00.5+01:00","valid":true,"group":7,"target":201}`: {Start: 1772622000},
		`{"items":[{},{"campaign":5,"dialing":{"goal":-3}}]}`:                                                         {Items: []commdn.SequenceItem{{}, {Campaign: 5, Dialing: commdn.Dialing{Goal: -3}}}},
	} {
		got, _, what, at := readValue(text)
		if what != "" || !reflect.DeepEqual(got, want) {
			t.Errorf("%s gives %+v, %s at %d", text, got, what, at)
		}
	}
}

func TestReadValueRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``: "not {", `[]`: "not {", `{`: "no string", `{}x`: "something follows", `{"a":1}`: "no key of a sequence",
		`{"valid":1}`: "neither true nor false", `{"autoCompletion":"1"}`: "neither true nor false", `{"valid" true}`: "no colon", `{"valid":true,}`: "no string",
		`{"valid":true "group":1}`: "neither comma nor }", `{"items":[{]}`: "no string", `{"items":[{"x":1}]}`: "no key of an item",
		`{"items":[{"dialing":{"x":1}}]}`: "no key of dialing", `{"items":[{"campaign":1.5}]}`: "no whole number",
		`{"items":[{"campaign":01}]}`: "no whole number", `{"items":[{"campaign":1e2}]}`: "no whole number",
		`{"items":[{"campaign":2147483648}]}`: "no whole number", `{"items":[{"campaign":"1"}]}`: "no whole number",
		`{"items":[{"campaign":+1}]}`: "no whole number", `{"start":"yesterday"}`: "no ISO 8601 time with a zone up to the year 2105",
		`{"start":"2026-03-04T12:00:00"}`: "no ISO 8601 time with a zone up to the year 2105", `{"start":"2107-01-01T00:00:00Z"}`: "no ISO 8601 time with a zone up to the year 2105",
		`{"description":"a`: "no end of the string", "{\"description\":\"a\nb\"}": "a control character",
		`{"description":"\x"}`: "no escape", `{"description":"\u12"}`: "no escape", `{"description":"\`: "no escape",
		"{\"description\":\"\xff\"}": "no UTF-8",
	} {
		if _, _, what, _ := readValue(text); what != want {
			t.Errorf("%s gives %q, want %q", text, what, want)
		}
	}
}

// FuzzReadValue: each accepted input is JSON, and its commdn-change reads back as the
// same sequence.
func FuzzReadValue(f *testing.F) {
	f.Add(two)
	f.Add(`{"description":"\ud83d\ude00\u0000","start":"2026-03-04T12:00:00.123Z","items":[{"sleepMinutes":-1},{}],"autoCompletion":true,"valid":false}`)
	f.Add(`{"items":[{"campaign":1,"dialing":null}]}`)
	f.Fuzz(func(t *testing.T, text string) {
		q, finish, what, at := readValue(text)
		if at > len(text) {
			t.Fatalf("at %d of %d", at, len(text))
		}
		if what != "" {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("took %q", text)
		}
		d := draft{description: q.Description, start: q.Start, finish: finish}
		for _, it := range q.Items {
			d.items = append(d.items, &item{SequenceItem: it})
		}
		told, err := json.Marshal(d.detail(0, 0, true))
		if err != nil {
			t.Fatal(err)
		}
		again, same, what, at := readValue(string(told))
		if what != "" || !d.equal(&again) || again.Start != q.Start || same != finish {
			t.Fatalf("%s is read as %+v, %s at %d", told, again, what, at)
		}
	})
}

// FuzzReadISO: readISO agrees with time.Parse on all times that a sequence can have.
// time.Parse also takes a comma for the point, one digit for the hours, and offsets of 24
// hours and of 60 minutes.
func FuzzReadISO(f *testing.F) {
	for _, s := range []string{
		"2026-03-04T12:00:00Z", "2024-02-29T23:59:59.123456789+13:45", "1900-02-29T00:00:00Z", "2000-02-29T00:00:00-00:30",
		"2026-12-31T24:00:00Z", "2026-03-04T12:00:60Z", "2026-03-04T12:00:00", "2026-03-04T12:00:00.Z", "2026-03-04T12:00:00+24:00",
		"0000-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-3-04T12:00:00Z", "2026-03-04T12:00:00+1:000", "2026-03-04T12:00:00.",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got, ok := readISO(s)
		ok = ok && got > 0 && got <= latest
		want, err := time.Parse(time.RFC3339, s)
		valid := err == nil && want.Unix() > 0 && want.Unix() <= latest && !strings.Contains(s, ",") && s[:19] == want.Format("2006-01-02T15:04:05") && !strings.Contains(s[19:], "24:") && !strings.HasSuffix(s, ":60")
		if ok != valid || ok && got != want.Unix() {
			t.Errorf("%q gives %d %v, want %d %v", s, got, ok, want.Unix(), valid)
		}
	})
}
