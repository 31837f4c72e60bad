package habits_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"commdn/relay/habits"
)

// Names are one per field, the same in YAML and JSON, and each has its sentence.
func TestNames(t *testing.T) {
	names, typ := habits.Names(), reflect.TypeFor[habits.Habits]()
	for i := range typ.NumField() {
		tag := typ.Field(i).Tag
		if want := names[i] + ",omitempty"; tag.Get("yaml") != want || tag.Get("json") != want {
			t.Errorf("%s: keys %q and %q, want %q", typ.Field(i).Name, tag.Get("yaml"), tag.Get("json"), want)
		}
		if slices.Index(names, names[i]) != i {
			t.Errorf("%s is there twice", names[i])
		}
		if habits.Says(names[i]) == "" {
			t.Errorf("%s: nothing is told of it", names[i])
		}
	}
	for _, asked := range []string{
		"omit_dialing", "omit_status", "status_in_items", "ints_as_strings", "errors_as_strings", "no_echo", "echo_normalised",
		"target_0", "omit_addresses", "message_beside", "charset", "big_answers", "adjust_goal", "backup_dbid",
	} {
		if !slices.Contains(names, asked) {
			t.Errorf("there is no %s", asked)
		}
	}
}

func TestSet(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"omit_dialing", "true", ""},
		{"omit_dialing", "false", ""},
		{"omit_dialing", "", ""},
		{"omit_dialing", "1", `habit omit_dialing: is "1"; give true or false`},
		{"omit_dialling", "true", "habit omit_dialling: there is none of this name; did you mean omit_dialing?"},
		{"zzzzzzzzzzzzzzzz", "true", "there are ints_as_strings, errors_as_strings, "},
		{"backup_dbid", "202", ""},
		{"backup_dbid", "-1", "habit backup_dbid: is -1; give 0 or more"},
		{"backup_dbid", "2e2", `habit backup_dbid: is "2e2"; give a whole number`},
		{"answer_after", "60001", "habit answer_after: is 60001; give 0 to 60000 milliseconds"},
		{"item_numbers", "padded", ""},
		{"item_numbers", "odd", `habit item_numbers: is "odd"; give from_0 or sparse or padded`},
		{"charset", "Shift_JIS", ""},
		{"charset", "latin1", ""},
		{"charset", "latin-one", `habit charset: is "latin-one", which is no charset that is known`},
		{"charset", "utf-16le", `habit charset: is "utf-16le", in which ASCII is not what it is elsewhere`},
		{"charset", "iso-2022-kr", `habit charset: is "iso-2022-kr", in which ASCII is not what it is elsewhere`},
		{"response_key", strings.Repeat("k", 256), "habit response_key: has 256 bytes; at most 255 are possible"},
	} {
		before := habits.Habits{OmitDialing: true}
		h := before
		err := h.Set(test.name, test.value)
		if test.want == "" {
			if err != nil {
				t.Errorf("%s=%s: %v", test.name, test.value, err)
			}
			continue
		}
		if _, typed := errors.AsType[*habits.Error](err); !typed || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s=%s: %v, want %s", test.name, test.value, err, test.want)
		}
		if h != before {
			t.Errorf("%s=%s: changed to %+v", test.name, test.value, h)
		}
	}
}

// Settings are what Set makes the same habits from.
func TestSettings(t *testing.T) {
	for _, preset := range habits.Presets() {
		want, _ := habits.Preset(preset)
		var got habits.Habits
		for _, s := range want.Settings() {
			if err := got.Set(s.Name, s.Value); err != nil {
				t.Error(err)
			}
		}
		if got != want {
			t.Errorf("%s: got %+v, want %+v", preset, got, want)
		}
		if err := want.Check(); err != nil {
			t.Errorf("%s: %v", preset, err)
		}
	}
	if plain, _ := habits.Preset(habits.Plain); plain != (habits.Habits{}) {
		t.Errorf("plain is %+v", plain)
	}
	if strange, _ := habits.Preset(habits.Strange); len(strange.Settings()) < 10 {
		t.Errorf("strange is hardly so: %v", strange.Settings())
	}
}

// What Set takes from a command line, SetAll takes as JSON.
func TestJSON(t *testing.T) {
	h := habits.Habits{NoEcho: true}
	for name, want := range map[string]string{"no_echo=": "false", "no_echo=true": "true", "backup_dbid=202": "202", "charset=866": `"866"`, "n_items=absent": `"absent"`} {
		name, value, _ := strings.Cut(name, "=")
		got, err := habits.JSON(name, value)
		if err != nil || string(got) != want {
			t.Errorf("%s=%s: %s, %v, want %s", name, value, got, err, want)
		}
		if err := h.SetAll([]byte(`{"` + name + `":` + string(got) + "}")); err != nil {
			t.Error(err)
		}
	}
	if _, err := habits.JSON("no_echo", "maybe"); err == nil {
		t.Error("maybe is JSON")
	}
	before := h
	if err := h.SetAll([]byte(`{"no_echo":true,"n_items":"few"}`)); err == nil || h != before {
		t.Errorf("%v, and %+v of %+v", err, h, before)
	}
}

// All that is wrong is told at once.
func TestCheck(t *testing.T) {
	err := habits.Habits{NItems: "few", AnswerAfter: -1}.Check()
	if err == nil || strings.Count(err.Error(), "\n") != 1 || !strings.Contains(err.Error(), "n_items") || !strings.Contains(err.Error(), "answer_after") {
		t.Errorf("got %v", err)
	}
}

func TestProtocol(t *testing.T) {
	strange, _ := habits.Preset(habits.Strange)
	strange.Charset, strange.BackupDBID, strange.AnswerAfter = "shift_jis", 202, 35
	want := habits.Protocol{Remarks: []string{"status of 1001/501: after 3 ms <ok>", "Grüße"}, Habits: strange}
	var text strings.Builder
	if err := want.Write(&text); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(text.String(), "{\n  \"version\": 1,\n  \"remarks\": [\n    \"status of 1001/501: after 3 ms <ok>\"") {
		t.Errorf("it is written as\n%s", text.String())
	}
	got, err := habits.Read("protocol.json", strings.NewReader("\ufeff"+text.String()))
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("read back as %+v, %v", got, err)
	}
	if err := (habits.Protocol{Habits: habits.Habits{NItems: "few"}}).Write(&text); err == nil {
		t.Error("wrong habits are written")
	}
	if err := (habits.Protocol{Remarks: []string{"gr\xfc\xdfe"}}).Write(&text); err == nil {
		t.Error("remarks in another charset are written")
	}
	if err := (habits.Protocol{Remarks: []string{strings.Repeat("x", 256<<10)}}).Write(&text); err == nil {
		t.Error("a protocol is written that cannot be read")
	}
}

func TestProtocolRefused(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"", "p.json: is empty; a protocol is an object {…} of JSON"},
		{"{\n\"version\" 1}", "p.json: line 2: no JSON: invalid character '1' after object key"},
		{`{"version":1`, "p.json: line 1: no JSON: unexpected end of JSON input"},
		{`[]`, "p.json: is []; give an object {…}"},
		{`{}`, `p.json: version is missing; a protocol begins with "version": 1`},
		{`{"new":0,"version":2}`, "p.json: version is 2; this program reads version 1 alone"},
		{`{"version":1,"version":1}`, `p.json: key "version" is there twice`},
		{`{"version":1,"habit":{}}`, `p.json: unknown key "habit"; there are version, remarks and habits`},
		{`{"version":1,"remarks":"x"}`, `p.json: remarks: is "x"; give a list of texts`},
		{`{"version":1,"habits":[]}`, `p.json: habits: is []; give an object {…}`},
		{`{"version":1,"habits":{"no_echo":true,"no_echo":true}}`, `p.json: habits: key "no_echo" is there twice`},
		{`{"version":1,"habits":{"no_eco":true}}`, "p.json: habit no_eco: there is none of this name; did you mean no_echo?"},
		{`{"version":1,"habits":{"No_Echo":true}}`, "p.json: habit No_Echo: there is none of this name; did you mean no_echo?"},
		{`{"version":1,"habits":{"no_echo":"true"}}`, `p.json: habit no_echo: is "true"; give true or false`},
		{`{"version":1,"habits":{"no_echo":null}}`, `p.json: habit no_echo: is null; give true or false`},
		{`{"version":1,"habits":{"backup_dbid":2.5}}`, `p.json: habit backup_dbid: is 2.5; give a whole number`},
		{`{"version":1,"habits":{"charset":8859}}`, `p.json: habit charset: is 8859; give a text`},
		{`{"version":1,"habits":{"n_items":"few"}}`, `p.json: habit n_items: is "few"; give absent or wrong`},
		{`{"version":1,"habits":{"n_items":7}}`, `p.json: habit n_items: is 7; give "absent" or "wrong"`},
		{"{\"version\":1,\"remarks\":[\"\xfc\"]}", "p.json: is no UTF-8 text"},
		{strings.Repeat(" ", 256<<10+1), "p.json: is larger than the 262144 bytes that a protocol has at most"},
	} {
		if _, err := habits.Read("p.json", strings.NewReader(test.text)); err == nil || !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%.40s: %v\nwant %s", test.text, err, test.want)
		}
	}
	got, err := habits.Read("p.json", strings.NewReader(`{"version":1,"habits":{"no_echo":false,"n_items":""}}`))
	if err != nil || got.Habits != (habits.Habits{}) {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestLoad(t *testing.T) {
	file := filepath.Join(t.TempDir(), "protocol.json")
	if err := os.WriteFile(file, []byte(`{"version":1,"habits":{"no_echo":true}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if h, err := habits.Load(file); err != nil || h != (habits.Habits{NoEcho: true}) {
		t.Errorf("%+v, %v", h, err)
	}
	strange, _ := habits.Preset(habits.Strange)
	if h, err := habits.Load("strange"); err != nil || h != strange {
		t.Errorf("%+v, %v", h, err)
	}
	if _, err := habits.Load("strnge"); err == nil || err.Error() != `"strnge" is neither plain nor strange nor a file with a protocol` {
		t.Error(err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(`{"version":1,"remarks":["x"],"habits":{"no_echo":true,"n_items":"absent","backup_dbid":7}}`)
	f.Add(`{"version":1,"habits":{"charset":"latin1"}}`)
	f.Fuzz(func(t *testing.T, text string) {
		p, err := habits.Read("p.json", strings.NewReader(text))
		if err != nil {
			return
		}
		var again strings.Builder
		if err := p.Write(&again); err != nil {
			t.Fatalf("read, and cannot be written: %v", err)
		}
		if q, err := habits.Read("p.json", strings.NewReader(again.String())); err != nil || q.Habits != p.Habits || !slices.Equal(q.Remarks, p.Remarks) {
			t.Fatalf("%+v became %+v, %v", p, q, err)
		}
	})
}
