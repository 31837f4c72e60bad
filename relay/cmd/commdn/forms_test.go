package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay"
	rules "commdn/relay/numbers"
	"commdn/relay/sim/scenario"
)

// A number goes in several forms: a line says what OCS did for all of them, or one for
// each form where that differs.
func TestLinesOfForms(t *testing.T) {
	at := commdn.Address{Origin: 201}
	gone := func(phone string) commdn.Message { return &commdn.RecordCanceled{Address: at, Phone: phone} }
	fault := &commdn.Fault{Address: at, Code: commdn.ErrorInvalidParameter, Message: "no record", Phone: "+34600111222"}
	for _, c := range []struct {
		answers []commdn.Message
		err     error
		want    string
	}{
		{[]commdn.Message{gone("600111222"), gone("+34600111222")}, nil, "OCS 201: gone, as +34600111222, 600111222"},
		{[]commdn.Message{gone("600 111")}, nil, "OCS 201: gone"},
		{[]commdn.Message{gone("600111")}, nil, "OCS 201: gone, as 600111"},
		{[]commdn.Message{gone("600111222"), fault}, nil, "OCS 201: 600111222: gone|OCS 201: +34600111222: not taken: CM_ERROR_INVALID_PARAMETER (10): no record"},
		{[]commdn.Message{fault, fault}, fault, ""},
	} {
		r := personResult{Phone: "600 111"}
		r.settle(c.answers, c.err)
		if got := strings.Join(r.lines(action{done: "gone"}), "|"); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}

// ruledBy makes the relay of a simulation send numbers by rules.
func ruledBy(t *testing.T, r rules.Rules) func(*scenario.Scenario, *relay.Options) {
	t.Helper()
	site, err := rules.New(r)
	if err != nil {
		t.Fatal(err)
	}
	return func(_ *scenario.Scenario, o *relay.Options) { o.Links = []relay.Link{{Numbers: rules.Sites{site}}} }
}

// Where OCS does not take every form of a number, the results file and standard error
// have a line for each.
func TestFileOfForms(t *testing.T) {
	t.Parallel()
	spain := ruledBy(t, rules.Rules{Region: "ES", Send: []string{rules.National, rules.E164}})
	url, s := simulation(t, func(sc *scenario.Scenario, o *relay.Options) {
		spain(sc, o)
		sc.Faults = append(sc.Faults, scenario.Fault{Do: scenario.Refuse, Phone: "+34600111222", Error: commdn.ErrorInvalidParameter})
	})
	results := filepath.Join(t.TempDir(), "results.csv")
	code, stdout, stderr := invoke(t, "phone\n600 111 222\n600 111 223\n", with(url, "dnc", "--file", "-", "--results", results)...)
	if code != exitInvalid || !strings.HasPrefix(stdout, "2 rows, 1 done, 1 refused in ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	for _, want := range []string{"row 2: refused: CM_ERROR_INVALID_PARAMETER (10)", "row 2: 600111222: done: OCS 201\n", "row 2: +34600111222: refused: OCS 201"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
	text, err := os.ReadFile(results)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"\n2,600111222,,AllChain,,form-done,,,OCS 201,", "\n2,+34600111222,,AllChain,,form-refused,10,CM_ERROR_INVALID_PARAMETER,OCS 201", "\n2,600 111 222,,AllChain,,refused,10,", "\n3,600 111 223,,AllChain,,done,"} {
		if strings.Count(string(text), want) != 1 {
			t.Errorf("%q is not once in\n%s", want, text)
		}
	}
	if n := strings.Count(string(text), "form-"); n != 2 {
		t.Errorf("%d lines of forms\n%s", n, text)
	}
	if l := s.DNC(); len(l) != 3 {
		t.Errorf("on the list: %+v", l)
	}
}

// What is printed says what was sent: the forms, and that an extension was left out.
func TestFormsArePrinted(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, ruledBy(t, rules.Rules{Region: "ES", Send: []string{rules.National, rules.E164}}))
	for _, command := range []struct{ name, done string }{{"dnc", "on the Do Not Call list"}, {"cancel", "records canceled"}} {
		code, stdout, stderr := invoke(t, "", with(url, command.name, "600 111-222 x12")...)
		if code != 0 || stdout != "OCS 201: "+command.done+", as +34600111222, 600111222\n" || stderr != "commdn: \"600 111-222 x12\" is read as 600111222, extension 12\n" {
			t.Errorf("%s: exit %d, %s%s", command.name, code, stdout, stderr)
		}
	}
}

// Letters are digits where the relay says so: for numbers of the command line, and for
// rows of a file. Elsewhere nothing is sent.
func TestVanity(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		url, s := simulation(t, ruledBy(t, rules.Rules{Vanity: on}))
		code, stdout, stderr := invoke(t, "", with(url, "dnc", "600111222", "1-800-FLOWERS")...)
		fileCode, out, errs := invoke(t, "phone\n1-800-GO-FEDEX\n6OO111222\n", with(url, "dnc", "--file", "-")...)
		var listed []string
		for _, e := range s.DNC() {
			listed = append(listed, e.Phone)
		}
		all := strings.Join(listed, " ")
		if !on {
			if code != exitInvalid || !strings.Contains(stderr, `GSW_PHONE: has the letter "F" at character 7`) || !strings.HasPrefix(out, "2 rows, 2 invalid in ") || all != "" {
				t.Errorf("exit %d, %s%s; %d, %s%s; on the list: %s", code, stdout, stderr, fileCode, out, errs, all)
			}
			continue
		}
		if code != 0 || fileCode != exitInvalid || !strings.HasPrefix(out, "2 rows, 1 done, 1 refused in ") || all != "600111222 18003569377 18004633339" {
			t.Errorf("exit %d, %s%s; %d, %s%s; on the list: %s", code, stdout, stderr, fileCode, out, errs, all)
		}
	}
}
