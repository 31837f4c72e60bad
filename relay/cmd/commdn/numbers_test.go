package main

import (
	"encoding/json"
	"os"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"commdn/relay/cmd/commdn/bulk"
	rules "commdn/relay/numbers"
)

// goldenNumbers compares with a file of testdata.
func goldenNumbers(t *testing.T, name, got string) {
	t.Helper()
	path := "testdata/" + name
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if want, err := os.ReadFile(path); err != nil || string(want) != got {
		t.Errorf("%s, %v: printed\n%s", path, err, got)
	}
}

const linksWithNumbers = `
links:
  - {name: madrid, servers: ["127.0.0.1:1"], comm_dn: A, application: a, app_dbid: 1, tenants: [Spain], numbers: {region: ES, send: [national, "00{country}{national}"]}}
  - {name: london, servers: ["127.0.0.1:2"], comm_dn: B, application: b, app_dbid: 2, tenants: [Britain], numbers: {region: GB, send: [national, e164]}}
`

const tenantsWithNumbers = `
links:
  - {name: iberia, servers: ["127.0.0.1:1"], comm_dn: A, application: a, app_dbid: 1, tenants: [Spain, Andorra, Portugal, France], numbers: {region: ES, send: [national]},
     tenant_numbers: [{tenant: Portugal, region: PT, send: [national, e164]}, {tenant: France, region: FR, send: [e164]}]}
  - {name: london, servers: ["127.0.0.1:2"], comm_dn: B, application: b, app_dbid: 2, tenants: [Britain], numbers: {region: GB, send: [national, e164]}}
`

// Each rule says of which link and tenants it is.
func TestNumbersExplainTenants(t *testing.T) {
	t.Parallel()
	conf := written(t, "relay.yaml", tenantsWithNumbers)
	code, stdout, stderr := invoke(t, "", "numbers", "explain", "+351 912 345 678", "--config", conf)
	if code != exitInvalid || stderr != "" { // Spain's lists cannot hold it
		t.Errorf("exit %d, %s", code, stderr)
	}
	for _, want := range []string{
		`"+351 912 345 678" by the rules of tenants Spain, Andorra of link iberia`, `by the rules of tenant Portugal of link iberia`,
		`by the rules of tenant France of link iberia`, `by the rules of link london`,
	} {
		if strings.Count(stdout, want+"\n") != 1 {
			t.Errorf("%q is not there once:\n%s", want, stdout)
		}
	}
	_, stdout, _ = invoke(t, "", "numbers", "explain", "+351 912 345 678", "--config", conf, "-o", "json")
	var all []numberExplained
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || len(all) != 4 {
		t.Fatalf("%v: %s", err, stdout)
	}
	var of []string
	for _, r := range all {
		of = append(of, r.Link+" "+strings.Join(r.Tenants, "+"))
	}
	if got := strings.Join(of, "|"); got != "iberia Spain+Andorra|iberia Portugal|iberia France|london " {
		t.Errorf("%s", got)
	}
}

func TestNumbersExplain(t *testing.T) {
	t.Parallel()
	conf := written(t, "relay.yaml", linksWithNumbers)
	numbers := []string{"+34 600 111 222", "020 7946 0958", "\u200e600-111-222 ext. 12", `="600111222"`, "5.55E+09", "6OO111222", "undefined", "112"}
	code, stdout, stderr := invoke(t, "", append([]string{"numbers", "explain", "--region", "ES", "--send", "national,digits,e164,00{country}{national},as-given"}, numbers...)...)
	if code != exitInvalid || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	goldenNumbers(t, "numbers.explain", stdout)
	code, stdout, stderr = invoke(t, "", "numbers", "explain", "+34 600 111 222", "--config", conf)
	if code != 0 || stderr != "" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	goldenNumbers(t, "numbers.explain.config", stdout)

	code, stdout, _ = invoke(t, "", "numbers", "explain", "+34 600 111 222", "5.55E+09", "--config", conf, "--link", "london", "-o", "json")
	var all []numberExplained
	if err := json.Unmarshal([]byte(stdout), &all); err != nil || code != exitInvalid || len(all) != 2 {
		t.Fatalf("exit %d, %v: %s", code, err, stdout)
	}
	if r := all[0]; r.failure != done || r.Link != "london" || r.Read != "+34600111222" || !r.Changed || r.Country != 34 || len(r.Forms) != 2 ||
		r.Forms[0].Why == "" || r.Forms[1].Text != "+34600111222" {
		t.Errorf("%+v", r)
	}
	if r := all[1]; r.OK || !r.Damaged || r.Error == "" || r.State != "invalid" || r.Retryable {
		t.Errorf("%+v", r)
	}
	code, stdout, _ = invoke(t, "", "numbers", "explain", "abc", "-o", "jsonl")
	for _, field := range fieldsOf(reflect.TypeFor[failure]()) {
		if _, told := object(t, stdout)[field]; !told || code != exitInvalid {
			t.Errorf("no %s in %s", field, stdout)
		}
	}
	for want, args := range map[string][]string{
		"commdn: region: is \"Spain\", which is no region":            {"600", "--region", "Spain"},
		"commdn: send[0]: \"national\" is for numbers of one country": {"600", "--send", "national"},
		"commdn: --link goes with --config":                           {"600", "--link", "a"},
		"there are madrid, london; did you mean madrid?":              {"600", "--config", conf, "--link", "madrit"},
		"--region and --config can't be used together":                {"600", "--config", conf, "--region", "ES"},
		"commdn: extension: is \"keep\"; give drop or refuse":         {"600", "--extension", "keep"},
		"commdn: expected \"<number> ...\"":                           {},
	} {
		if code, _, stderr := invoke(t, "", append([]string{"numbers", "explain"}, args...)...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit %d, %s, want %s", args, code, stderr, want)
		}
	}
}

func TestNumbersCheck(t *testing.T) {
	t.Parallel()
	const list = "record_id;contact_info;contact_info_type\r\n1;600111222;1\r\n2;0034600111223\r\n3;600111224;\r\n;;\r\n4;5.55E+09;1\r\n5;+34600111225;1\r\n"
	code, stdout, stderr := invoke(t, list, "numbers", "check", "-", "--region", "ES")
	if code != exitInvalid || stderr != "" || strings.Contains(stdout, "600111") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	goldenNumbers(t, "numbers.check", stdout)
	code, stdout, _ = invoke(t, list, "numbers", "check", "-", "-o", "json")
	if v := object(t, stdout); code != exitInvalid || v["state"] != "invalid" || v["ok"] != false || v["error"] == "" || v["rows"] != 5.0 || v["column"] != "contact_info" || len(v["send"].([]any)) != 2 || v["wrong"].([]any)[0].(map[string]any)["damaged"] != true {
		t.Errorf("exit %d, %s", code, stdout)
	}
	if code, stdout, stderr := invoke(t, "x,Mobile\n1,600111222\n", "numbers", "check", "-", "--column", "mobile", "--region", "ES"); code != 0 || !strings.Contains(stdout, "numbers: {region: ES, send: [national]}") {
		t.Errorf("exit %d, %s%s", code, stdout, stderr)
	}
	for want, c := range map[string]struct {
		stdin string
		args  []string
	}{
		"none of the columns a, b is known to hold numbers; name it with --column": {"a,b\n", []string{"-"}},
		`no column is called "phon"; the columns are phone; did you mean phone?`:   {"phone\n", []string{"-", "--column", "phon"}},
		"commdn: --region: is \"Spain\"":                                           {"phone\n", []string{"-", "--region", "Spain"}},
		`commdn: --encoding: encoding "x" is not known`:                            {"phone\n", []string{"-", "--encoding", "x"}},
		"no such file":       {"", []string{"/no/such.csv"}},
		"the input is empty": {"", []string{"-"}},
	} {
		if code, _, stderr := invoke(t, c.stdin, append([]string{"numbers", "check"}, c.args...)...); code == 0 || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit %d, %s, want %s", c.args, code, stderr, want)
		}
	}
}

// A file as a spreadsheet leaves it: each number that can be read is asked for
// without its armour, and what was damaged is named as such and not sent.
func TestFileOfSpreadsheet(t *testing.T) {
	t.Parallel()
	url, s := simulation(t, nil)
	const in = "sep=;\r\nphone;customer_id;;\r\n=\"0012345\";Mu\xf1oz\r\n5.55E+09;C-2\r\n;;;\r\n'600111222\r\n\"=\"\"0012346\"\"\"\r\nundefined;\r\n600111222.0\r\n"
	code, stdout, stderr := invoke(t, in, with(url, "dnc", "--file", "-", "--encoding", "cp1252")...)
	if code != exitInvalid || !strings.HasPrefix(stdout, "6 rows, 3 done, 3 invalid in ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
	for _, want := range []string{"row 4: invalid: phone: was damaged by a spreadsheet", "row 8: invalid: phone: is a word", "row 9: invalid: phone: was damaged by a spreadsheet"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("no %q in %s", want, stderr)
		}
	}
	var listed []string
	for _, entry := range s.DNC() {
		listed = append(listed, entry.Phone+" "+entry.CustomerID)
	}
	all := strings.Join(listed, "|")
	for _, want := range []string{"0012345 Muñoz", "0012346 ", "600111222 "} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q on the list: %q", want, listed)
		}
	}
	code, _, stderr = invoke(t, "", with(url, "dnc", "5.55E+09")...)
	if code != exitInvalid || !strings.Contains(stderr, "GSW_PHONE: was damaged by a spreadsheet") {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// Every shape in which protocol/number reads numbers has the same outcome at the command
// line and at the relay, in what is sent.
func TestShapesAtTheDoors(t *testing.T) {
	t.Parallel()
	table, err := os.ReadFile("../../../protocol/number/testdata/shapes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	site, err := rules.New(rules.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	shapes := 0
	for line := range strings.Lines(string(table)) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		given, err := strconv.Unquote(columns[1])
		if err != nil || given == "" { // a long one is cut; nothing is the customer alone
			continue
		}
		shapes++
		want, refused := strings.CutPrefix(columns[2], "refused: ")
		want, _, _ = strings.Cut(want, " ext ")
		row, err := understood(bulk.Row{Phone: given}, false)
		forms, relayErr := rules.Sites{site}.Forms(given)
		if refused {
			if err == nil || relayErr == nil || !strings.HasSuffix(err.Error(), want) || relayErr.Error() != want {
				t.Errorf("%s: %q: %v at the command line, %v at the relay; want %s", columns[0], given, err, relayErr, want)
			}
			continue
		}
		again, againErr := rules.Sites{site}.Forms(row.Phone)
		if err != nil || relayErr != nil || againErr != nil || len(forms) != 1 || forms[0].Text != want || len(again) != 1 || again[0].Text != want {
			t.Errorf("%s: %q: %v, %v, %v; sent as %v, by the command line as %v; want %s", columns[0], given, err, relayErr, againErr, forms, again, want)
		}
	}
	if shapes < 300 {
		t.Errorf("%d shapes", shapes)
	}
}
