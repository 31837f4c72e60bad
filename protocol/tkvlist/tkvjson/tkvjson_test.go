package tkvjson_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/protocol/tkvlist/tkvjson"
)

func str(key, s string) tkvlist.Pair { return tkvlist.Pair{Key: key, Value: tkvlist.String(s)} }

func num(key string, n int32) tkvlist.Pair { return tkvlist.Pair{Key: key, Value: tkvlist.Int(n)} }

func sub(key string, l ...tkvlist.Pair) tkvlist.Pair {
	return tkvlist.Pair{Key: key, Value: tkvlist.Nested(l)}
}

func uni(key, s string) tkvlist.Pair { return tkvlist.Pair{Key: key, Value: tkvlist.Unicode(s)} }

func bin(key, b string) tkvlist.Pair {
	return tkvlist.Pair{Key: key, Value: tkvlist.Binary([]byte(b))}
}

// What is written, and reads back as it was.
var golden = []struct {
	name string
	list tkvlist.List
	want string
}{
	{"empty", nil, `[]`},
	{"do not call", tkvlist.List{
		num("GSW_CM_MessageType", 32),
		num("GSW_CM_AttrOriginAppID", 101),
		num("GSW_CM_AttrTargetAppID", 0),
		sub("GSW_CM_AttrProperties",
			sub("do_not_call",
				str("GSW_PHONE", "5551234567"),
				str("GSW_CUSTOMER_ID", "C-42"),
				str("GSW_CHAIN_ATTR", "AllChain"))),
	}, `[["GSW_CM_MessageType",32],["GSW_CM_AttrOriginAppID",101],["GSW_CM_AttrTargetAppID",0],` +
		`["GSW_CM_AttrProperties",[["do_not_call",[["GSW_PHONE","5551234567"],["GSW_CUSTOMER_ID","C-42"],["GSW_CHAIN_ATTR","AllChain"]]]]]]`},
	{"empty values", tkvlist.List{str("s", ""), bin("b", ""), sub("l"), uni("u", "")},
		`[["s",""],["b",{"binary":""}],["l",[]],["u",{"unicode":""}]]`},
	{"binary and unicode", tkvlist.List{bin("b", "\x00\xff"), uni("u", "é\"")}, `[["b",{"binary":"00ff"}],["u",{"unicode":"é\""}]]`},
	{"integers", tkvlist.List{num("a", -1<<31), num("a", 1<<31-1), num("a", 0)}, `[["a",-2147483648],["a",2147483647],["a",0]]`},
	{"not UTF-8", tkvlist.List{str("\xe9", "a\x80")}, `[[{"string":"e9"},{"string":"6180"}]]`},
	{"half a surrogate pair in UTF-8", tkvlist.List{str("k", "\xed\xa0\x80")}, `[["k",{"string":"eda080"}]]`},
	{"escapes", tkvlist.List{str("\"\\", "/\b\f\n\r\t\x00\x1f\x7f")}, `[["\"\\","/\u0008\u000c\n\r\t\u0000\u001f\u007f"]]`},
	{"not escaped", tkvlist.List{str("<&>", "\u2028\ufffd😀")}, "[[\"<&>\",\"\u2028\ufffd😀\"]]"},
}

func TestGolden(t *testing.T) {
	for _, tt := range golden {
		t.Run(tt.name, func(t *testing.T) {
			got := tkvjson.Append([]byte("before"), tt.list)
			if string(got) != "before"+tt.want {
				t.Errorf("got %s\nwant %s", got, tt.want)
			}
			if !json.Valid([]byte(tt.want)) {
				t.Errorf("%s is not JSON", tt.want)
			}
			l, err := tkvjson.Parse([]byte(tt.want))
			if err != nil || !tkvlist.Equal(l, tt.list) {
				t.Errorf("parsed %v, %v", l, err)
			}
		})
	}
}

func TestAppendWrongUnicode(t *testing.T) {
	got := tkvjson.Append(nil, tkvlist.List{uni("u", "a\xffb")})
	if want := "[[\"u\",{\"unicode\":\"a\ufffdb\"}]]"; string(got) != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestParseForms(t *testing.T) {
	tests := []struct {
		name, text string
		want       tkvlist.List
	}{
		{"blanks everywhere", " \r\n[\t[ \"a\" , 1 ] , [ { \"string\" : \"62\" } , { \"binary\" : \"00\" } ] , [ \"l\" , [ ] ] ]\n",
			tkvlist.List{num("a", 1), bin("b", "\x00"), sub("l")}},
		{"escapes", `[["\u006b","\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00"]]`, tkvlist.List{str("k", "\"\\/\b\f\n\r\té😀")}},
		{"hex in capitals", `[["k",{"string":"4A4b"}]]`, tkvlist.List{str("k", "JK")}},
		{"escaped member", `[["k",{"\u0062inary":"\u00300"}]]`, tkvlist.List{bin("k", "\x00")}},
		{"minus nought", `[["k",-0]]`, tkvlist.List{num("k", 0)}},
		{"longest key", `[["` + strings.Repeat("k", 255) + `",1]]`, tkvlist.List{num(strings.Repeat("k", 255), 1)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := tkvjson.Parse([]byte(tt.text))
			if err != nil || !tkvlist.Equal(l, tt.want) {
				t.Errorf("parsed %v, %v, want %v", l, err, tt.want)
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	const (
		array   = "not an array of [key, value] pairs at byte "
		key     = `key is neither a string nor {"string":"hex"} at byte `
		value   = "value is neither a string, an integer, an array nor an object at byte "
		integer = "not an integer of 32 bits at byte "
		hexed   = "not hex digits in pairs at byte "
		half    = "half of a surrogate pair at byte "
		escape  = "unknown escape at byte "
	)
	tests := []struct {
		name, text, want string
	}{
		{"nothing", "", array + "0"},
		{"blanks", " \n", array + "2"},
		{"object", ` {"a":1}`, array + "1"},
		{"null", "null", array + "0"},
		{"byte order mark", "\ufeff[]", array + "0"},
		{"open", "[", "no [ before a key at byte 1"},
		{"comma first", "[,]", "no [ before a key at byte 1"},
		{"comma last", `[["a",1],]`, "no [ before a key at byte 9"},
		{"flat", `["a",1]`, "no [ before a key at byte 1"},
		{"no comma", `[["a",1] ["b",2]]`, "no , or ] after a pair at byte 9"},
		{"cut after a pair", `[["a",1]`, "no , or ] after a pair at byte 8"},
		{"text after it", `[] []`, "text after the list at byte 3"},
		{"NUL after it", "[]\x00", "text after the list at byte 2"},
		{"empty pair", `[[]]`, key + "2"},
		{"integer key", `[[ 1,2]]`, key + "3"},
		{"cut before the key", `[[`, key + "2"},
		{"empty key", `[[ "",2]]`, "empty key at byte 3"},
		{"empty hex key", `[[{"string":""},2]]`, "empty key at byte 2"},
		{"long key", `[["` + strings.Repeat("k", 256) + `",2]]`, "key of 256 bytes, over 255 at byte 2"},
		{"binary key", `[[{"binary":"00"},2]]`, `unknown member "binary" at byte 3`},
		{"key alone", `[["a"]]`, "no , between key and value at byte 5"},
		{"key and colon", `[["a":1]]`, "no , between key and value at byte 5"},
		{"three in a pair", `[["a",1,2]]`, "no ] after a value at byte 7"},
		{"cut after a value", `[["a",1`, "no ] after a value at byte 7"},
		{"no value", `[["a",]]`, value + "6"},
		{"true", `[["a",true]]`, value + "6"},
		{"null value", `[["a", null]]`, value + "7"},
		{"plus", `[["a",+1]]`, value + "6"},
		{"point", `[["a",1.0]]`, integer + "6"},
		{"exponent", `[["a",1e3]]`, integer + "6"},
		{"too large", `[["a",2147483648]]`, integer + "6"},
		{"too small", `[["a",-2147483649]]`, integer + "6"},
		{"nought first", `[["a",01]]`, integer + "6"},
		{"minus and nought first", `[["a",-01]]`, integer + "6"},
		{"minus alone", `[["a",-]]`, integer + "6"},
		{"sign inside", `[["a",1-1]]`, integer + "6"},
		{"letter in a number", `[["a",12x]]`, "no ] after a value at byte 8"},
		{"nested object", `[["a",[["b",{}]]]]`, "not a string at byte 13"},
		{"empty object", `[["a",{}]]`, "not a string at byte 7"},
		{"unknown member", `[["a",{ "hex":"00"}]]`, `unknown member "hex" at byte 8`},
		{"member without colon", `[["a",{"binary" "00"}]]`, "no : after a member's name at byte 16"},
		{"integer in a member", `[["a",{"binary":1}]]`, "not a string at byte 16"},
		{"member twice", `[["a",{"binary":"00", "binary":"00"}]]`, `member "binary" twice at byte 22`},
		{"two members", `[["a",{"binary":"00","unicode":""}]]`, "more than one member at byte 21"},
		{"comma after a member", `[["a",{"binary":"00",}]]`, "not a string at byte 21"},
		{"open object", `[["a",{"binary":"00"`, "no } after a member at byte 20"},
		{"odd hex", `[["a",{"binary": "000"}]]`, hexed + "17"},
		{"no hex", `[["a",{"string":"0g"}]]`, hexed + "16"},
		{"open string", `[["a","b]]`, "string is not closed at byte 6"},
		{"control character", "[[\"a\",\"b\n\"]]", "control character in a string at byte 8"},
		{"not UTF-8", "[[\"a\",\"b\xff\"]]", "not UTF-8 at byte 8"},
		{"surrogate in UTF-8", "[[\"a\",\"\xed\xa0\x80\"]]", "not UTF-8 at byte 7"},
		{"unknown escape", `[["a","b\x"]]`, escape + "8"},
		{"cut escape", `[["a","b\`, escape + "8"},
		{"cut hex escape", `[["a","b\u00`, escape + "8"},
		{"wrong hex escape", `[["a","b\u00g0"]]`, escape + "8"},
		{"sign in a hex escape", `[["a","b\u+0e9"]]`, escape + "8"},
		{"high half alone", `[["a","b\ud83d"]]`, half + "8"},
		{"low half alone", `[["a","b\ude00"]]`, half + "8"},
		{"high half twice", `[["a","\ud83d\ud83d"]]`, half + "7"},
		{"high half and text", `[["a","\ud83dabcdef"]]`, half + "7"},
		{"halves swapped", `[["a","\ude00\ud83d"]]`, half + "7"},
		{"cut between halves", `[["a","\ud83d\ude`, half + "7"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l, err := tkvjson.Parse([]byte(tt.text))
			var syntax *tkvlist.SyntaxError
			if l != nil || !errors.As(err, &syntax) || err.Error() != "tkvlist: "+tt.want {
				t.Errorf("%s\ngot %v, %v\nwant tkvlist: %s", tt.text, l, err, tt.want)
			}
		})
	}
}

// The list is bounded as packed lists are, and where it goes over says so.
func TestLimits(t *testing.T) {
	nest := func(levels int) string {
		return strings.Repeat(`[["k",`, levels-1) + "[]" + strings.Repeat("]]", levels-1)
	}
	if _, err := tkvjson.Parse([]byte(nest(8))); err != nil {
		t.Errorf("8 levels: %v", err)
	}
	long := func(bytes int) string { return `["k","` + strings.Repeat("x", bytes-8) + `"]` }
	if _, err := tkvjson.Parse([]byte("[" + long(65535) + "]")); err != nil {
		t.Errorf("65535 bytes: %v", err)
	}
	deep, size := "list nested deeper than 8 levels at byte ", "packed list is longer than 65535 bytes at byte "
	tests := []struct {
		name, text, want string
		limit            int
	}{
		{"depth", nest(9), deep + "48", 8},
		{"depth before it ends", strings.Repeat(`[["k",`, 1<<20), deep + "48", 8},
		{"one string", "[" + long(65536) + "]", size + "1", 65535},
		{"second pair", "[" + long(65535) + `,["k",""]]`, size + "65537", 65535},
		{"binary", "[" + `["k",{"binary":"` + strings.Repeat("00", 65528) + `"}]]`, size + "1", 65535},
		{"integers", "[" + strings.Repeat(`["k",1],`, 6554) + `["k",1]]`, size + "52425", 65535},
	}
	for _, tt := range tests {
		l, err := tkvjson.Parse([]byte(tt.text))
		var over *tkvlist.LimitError
		if l != nil || !errors.As(err, &over) || err.Error() != "tkvlist: "+tt.want || over.Limit != tt.limit {
			t.Errorf("%s: %d pairs, %v, want tkvlist: %s", tt.name, len(l), err, tt.want)
		}
	}
}
