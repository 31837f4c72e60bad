package main

import (
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"
)

const (
	exampleJSON = `[["GSW_CM_MessageType",32],["GSW_CM_AttrProperties",[["do_not_call",[["GSW_PHONE","5551234567"]]]]]]`
	exampleLog  = "\tAttributeUserData\t[112] 00 02 01 00..\n" +
		"\t\t'GSW_CM_MessageType'\t32\n" +
		"\t\t'GSW_CM_AttrProperties'(list)\t'do_not_call'(list)\t'GSW_PHONE'\t'5551234567'\n"
)

func TestTkv(t *testing.T) {
	t.Parallel()
	code, packed, stderr := invoke(t, exampleJSON, "tkv", "encode")
	if code != 0 || stderr != "" || !strings.HasPrefix(packed, "000201001247") {
		t.Fatalf("encode: exit %d, %s%s", code, packed, stderr)
	}
	code, text, stderr := invoke(t, exampleJSON, "tkv", "encode", "--log", "AttributeUserData")
	if code != 0 || stderr != "" {
		t.Fatalf("encode --log: exit %d, %s", code, stderr)
	}
	spaced := strings.ToUpper(strings.ReplaceAll(packed, "0002", " 00 02\r\n\t"))
	for command, in := range map[string]string{"decode": packed, "decode ": spaced, "parse": text} {
		code, out, stderr := invoke(t, in, "tkv", strings.TrimSpace(command))
		if code != 0 || out != exampleJSON+"\n" || stderr != "" {
			t.Errorf("%s of %q: exit %d, %s%s", command, in, code, out, stderr)
		}
	}
	for _, want := range []string{"AttributeUserData\t[", "] 00 02 01 00..", "'GSW_CM_MessageType'\t32\n", "'GSW_PHONE'"} {
		if !strings.Contains(text, want) {
			t.Errorf("log text without %q:\n%s", want, text)
		}
	}
}

// What people copy from a log, whole messages and masks with it.
func TestTkvParseLog(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ in, want string }{
		"a masked value": {"\tAttributeUserData\t[***]\n\t\t'A'\t[output suppressed]\n\t\t'B'\t1\n", `[["A",{"masked":"[output suppressed]"}],["B",1]]`},
		"a message": {
			"18:04:38.1 Trc 04541 Message EventUserEvent received\nmessage EventUserEvent\n\tAttributeThisDN\t'9001'\n\tAttributeOtherDN\t'*****'\n\tAttributeReferenceID\t4294967295\n\tAttributeEventSequenceNumber\t00a4\n\tAttributeUserData\t[9] 00..\n\t\t'A'\t'<1>'\n\t\t'L'(list) 'B'\t***\n",
			`{"message":"EventUserEvent","attributes":[["AttributeThisDN","9001"],["AttributeOtherDN",{"masked":"*****"}],["AttributeReferenceID",4294967295],["AttributeEventSequenceNumber","00a4"],["AttributeUserData",[["A","<1>"],["L",[["B",{"masked":"***"}]]]]]]}`,
		},
		"attributes": {"\tAttributeThisDN\t'9001'\n\tAttributeUserData\t[2]\n", `{"attributes":[["AttributeThisDN","9001"],["AttributeUserData",[]]]}`},
		"Platform SDK": {
			"'EventUserEvent' (96) attributes:\n\tAttributeThisDN [str] = \"9001\"\n\tAttributeUserData [bstr] = KVList: \n\t\t'A' [int] = 32\n\t\t'L' [list] = KVList: \n\t\t\t'B' [str] = \"x\"\n",
			`{"message":"EventUserEvent","attributes":[["AttributeThisDN","9001"],["AttributeUserData",[["A",32],["L",[["B","x"]]]]]]}`,
		},
		"Platform SDK's pairs": {"'A' [int] = 32\n'B' [str] = \"x\"\n", `[["A",32],["B","x"]]`},
	} {
		if code, out, stderr := invoke(t, c.in, "tkv", "parse"); code != 0 || out != c.want+"\n" || stderr != "" {
			t.Errorf("%s: exit %d, %swant %s\n%s", name, code, out, c.want, stderr)
		}
	}
	if code, _, stderr := invoke(t, `[["A",{"masked":"***"}]]`, "tkv", "encode"); code != exitInvalid || stderr != "tkvlist: a masked value, which nobody knows; put the value in its place at byte 7\n" {
		t.Errorf("encode: exit %d, %s", code, stderr)
	}
}

func TestTkvErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ command, in, want string }{
		{"encode", "", "nothing on standard input at byte 0"},
		{"decode", "", "nothing on standard input at byte 0"},
		{"parse", " \r\n\t", "nothing on standard input at byte 0"},
		{"decode", "000", "odd number of hex digits at byte 3"},
		{"decode", "00 0\n", "odd number of hex digits at byte 5"},
		{"decode", "00xy", "'x' is not a hex digit at byte 2"},
		{"decode", "0ä", "'ä' is not a hex digit at byte 1"},
		{"decode", "00", "truncated count of pairs at byte 0"},
		{"decode", "000000", "1 bytes after the list at byte 2"},
		{"decode", "ffff", "count of 65535 pairs with 0 bytes left at byte 0"},
		{"decode", "0001" + "09" + "00016b" + "0000", "unknown type of value 9 at byte 2"},
		{"encode", "{}", "not an array of [key, value] pairs at byte 0"},
		{"encode", "[] []", "text after the list at byte 3"},
		{"encode", `[["a",4294967296]]`, "not an integer of 32 bits at byte 6"},
		{"encode", `[["a",2147483648]]`, "not an integer of 32 bits at byte 6"},
		{"encode", `[["",1]]`, "empty key at byte 2"},
		{"encode", `[["a","b]]`, "string is not closed at byte 6"},
		{"encode", `[["a","\x"]]`, "unknown escape at byte 7"},
		{"encode --log A", `[["a",null]]`, "value is neither a string, an integer, an array nor an object at byte 6"},
		{"encode", strings.Repeat(`[["a",`, 9) + "[]" + strings.Repeat(`]]`, 9), "list nested deeper than 8 levels at byte 48"},
		{"parse", "hello", "neither a quoted key nor an attribute with its [length] at byte 0"},
		{"parse", "\t'a'\t4294967296\n", "not a decimal integer of 32 bits at byte 5"},
		{"parse", "\t'a'\t'b\n", "string is not closed at byte 5"},
		{"decode", strings.Repeat("0", maxInput+1), "input of more than 1048576 bytes at byte 1048576"},
	} {
		code, stdout, stderr := invoke(t, c.in, append([]string{"tkv"}, strings.Fields(c.command)...)...)
		if code != exitInvalid || stdout != "" || stderr != "tkvlist: "+c.want+"\n" {
			t.Errorf("%s of %.40q: exit %d\nstdout: %s\nstderr: %s want:   %s", c.command, c.in, code, stdout, stderr, c.want)
		}
	}
}

// A list may be as large as T-Server can be set to take, not larger.
func TestTkvLimit(t *testing.T) {
	t.Parallel()
	list := func(n int) string { return `[["k","` + strings.Repeat("x", n) + `"]]` }
	const most = 65535 - 2 - 6
	code, packed, stderr := invoke(t, list(most), "tkv", "encode")
	if code != 0 || len(packed) != 2*65535+1 {
		t.Fatalf("exit %d, %d digits, %s", code, len(packed), stderr)
	}
	if code, back, _ := invoke(t, packed, "tkv", "decode"); code != 0 || back != list(most)+"\n" {
		t.Errorf("back again: exit %d", code)
	}
	if code, _, stderr := invoke(t, list(most+1), "tkv", "encode"); code != exitInvalid || !strings.Contains(stderr, "longer than 65535 bytes") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// A pipe that breaks is an error, on either side.
func TestTkvPipes(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken pipe")
	var stderr strings.Builder
	for what, e := range map[string]*env{
		"stdin":  {stdin: iotest.ErrReader(broken), stdout: io.Discard},
		"stdout": {stdin: strings.NewReader("[]"), stdout: brokenWriter{broken}},
	} {
		stderr.Reset()
		e.stderr = &stderr
		if code := run(e, []string{"tkv", "encode"}); code != exitInvalid || stderr.String() != "broken pipe\n" {
			t.Errorf("%s: exit %d, %s", what, code, stderr.String())
		}
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }
