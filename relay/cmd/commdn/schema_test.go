package main

import (
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// fieldsOf gives the JSON fields of a type, those of embedded structs too.
func fieldsOf(t reflect.Type) (names []string) {
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous {
			names = append(names, fieldsOf(f.Type)...)
		} else if tag, ok := f.Tag.Lookup("json"); ok {
			name, _, _ := strings.Cut(tag, ",")
			names = append(names, name)
		}
	}
	return names
}

// TestSchema: the README lists every field that -o json prints, and no other.
func TestSchema(t *testing.T) {
	t.Parallel()
	readme := mustRead(t, "README.md")
	every := fieldsOf(reflect.TypeFor[failure]())
	state := fieldsOf(reflect.TypeFor[groupState]())
	for heading, c := range map[string]struct {
		of      reflect.Type
		without []string
	}{
		"**Every result**":           {reflect.TypeFor[failure](), nil},
		"**`dnc`, `cancel`**":        {reflect.TypeFor[personResult](), every},
		"**An answer of an OCS**":    {reflect.TypeFor[ocsAnswer](), nil},
		"**`campaign`, `sequence`**": {reflect.TypeFor[result](), every},
		"**An item of a sequence**":  {reflect.TypeFor[itemState](), nil},
		"**A line of `watch`**":      {reflect.TypeFor[line](), state},
		"**A gap of `watch`**":       {reflect.TypeFor[gapLine](), nil},
	} {
		_, text, found := strings.Cut(readme, heading)
		if !found {
			t.Errorf("README.md has no %s", heading)
			continue
		}
		text, _, _ = strings.Cut(text, "\n**")
		var told []string
		for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|").FindAllStringSubmatch(text, -1) {
			for _, name := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row[1], -1) {
				told = append(told, name[1])
			}
		}
		want := slices.DeleteFunc(fieldsOf(c.of), func(name string) bool { return slices.Contains(c.without, name) })
		slices.Sort(told)
		slices.Sort(want)
		if !slices.Equal(told, want) {
			t.Errorf("%s lists %v, want %v", heading, told, want)
		}
	}
	for _, f := range slices.Concat(every, state) {
		if strings.Contains(f, ",") {
			t.Errorf("%s may vanish", f)
		}
	}
}

// TestExitCodes: the README has every code, and the state that goes with it.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	readme := mustRead(t, "README.md")
	for state, err := range map[string]error{
		"usage": &exitError{exitUsage, os.ErrInvalid}, "invalid": &nameError{"campaign", "x", "is not known"}, "not-sent": &unconnectedError{"ws://x", os.ErrClosed},
		"unknown": &unknownError{"ws://x", os.ErrClosed, false}, "timed-out": &waitError{}, "cannot-come": &waitError{never: true},
	} {
		f := failureOf(exitOf(err))
		row := regexp.MustCompile(`(?m)^\| ` + string(rune('0'+exitCode(err))) + ` \| [^|]*` + "`" + state + "`")
		if f.State != state || f.OK || !row.MatchString(readme) {
			t.Errorf("%v is %+v with the exit code %d, which README.md does not have beside %s", err, f, exitCode(err), state)
		}
	}
}

// TestFailuresAsJSON: under -o json every failure is an object on standard output,
// and the same keys are there wherever it comes from.
func TestFailuresAsJSON(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	const nobody = "ws://127.0.0.1:1/ws"
	for args, want := range map[string]struct {
		relay     string
		code      int
		state     string
		retryable bool
	}{
		"campaign start Renewals/Sales":                               {url, exitInvalid, "refused", false},
		"campaign load Renewal/Sales":                                 {url, exitInvalid, "invalid", false},
		"campaign load 1002/502 --goal 101":                           {url, exitInvalid, "invalid", false},
		"campaign status 1002/502 --frob":                             {url, exitUsage, "usage", false},
		"campaign status 1002/502 --wait ready":                       {url, exitUsage, "usage", false},
		"campaign status 1002/502 --wait running --wait-timeout 10ms": {url, exitWait, "timed-out", true},
		"campaign status 1002/502 --ocs 999":                          {url, exitInvalid, "refused", false},
		"campaign watch Renewals/Sale":                                {url, exitInvalid, "invalid", false},
		"campaign list --state ready":                                 {url, exitUsage, "usage", false},
		"campaign status 1002/502":                                    {nobody, exitNoAnswer, "not-sent", true},
		"campaign list":                                               {nobody, exitNoAnswer, "not-sent", true},
		"campaign watch 1002/502":                                     {nobody, exitNoAnswer, "not-sent", true},
		"sequence load /no/such.yaml":                                 {url, exitInvalid, "invalid", false},
		"sequence watch /no/such.yaml":                                {url, exitInvalid, "invalid", false},
		"dnc":                                                         {url, exitInvalid, "invalid", false},
		"dnc 1 --chain Some":                                          {url, exitUsage, "usage", false},
		"dnc " + refusedPhone:                                         {url, exitInvalid, "refused", false},
		"dnc 5551":                                                    {nobody, exitNoAnswer, "not-sent", true},
		"dnc --file /no/such.csv":                                     {url, exitInvalid, "invalid", false},
		"cancel --customer-id C-1":                                    {url, exitInvalid, "refused", false},
	} {
		for _, format := range []string{"json", "jsonl"} {
			t.Run(args+" as "+format, func(t *testing.T) {
				t.Parallel()
				code, stdout, stderr := invoke(t, "", with(want.relay, append(strings.Fields(args), "-o", format)...)...)
				if strings.Count(stdout, "\n") != 1 {
					t.Fatalf("exit %d, not one line:\n%s\n%s", code, stdout, stderr)
				}
				got := object(t, stdout)
				if code != want.code || got["ok"] != false || got["state"] != want.state || got["retryable"] != want.retryable || got["error"] == "" || stderr == "" {
					t.Errorf("exit %d, %v\n%s", code, got, stderr)
				}
				for _, key := range fieldsOf(reflect.TypeFor[failure]()) {
					if _, there := got[key]; !there {
						t.Errorf("no %s in %s", key, stdout)
					}
				}
			})
		}
	}
	for args, want := range map[string]struct {
		code  int
		state string
	}{
		"relay status --socket /no/such": {exitNoAnswer, "not-sent"}, "relay reload --socket /no/such": {exitNoAnswer, "not-sent"}, "relay status": {exitUsage, "usage"},
		"link check --config /no/such": {exitInvalid, "invalid"}, "sim ctl state --http http://127.0.0.1:1": {exitNoAnswer, "not-sent"},
	} {
		code, stdout, _ := invoke(t, "", append(strings.Fields(args), "-o", "json")...)
		if got := object(t, stdout); code != want.code || got["ok"] != false || got["state"] != want.state {
			t.Errorf("%s: exit %d, %v", args, code, got)
		}
	}
	for _, arg := range [][]string{{"-o", "json"}, {"-o=json"}, {"-ojson"}, {"--output", "jsonl"}, {"--output=json"}} {
		if code, stdout, _ := invoke(t, "", append([]string{"frobnicate"}, arg...)...); code != exitUsage || object(t, stdout)["state"] != "usage" {
			t.Errorf("%v: exit %d, %s", arg, code, stdout)
		}
	}
}

// TestKeysOfOneAndMany: a phone of the command line and a row of a file have the
// same keys, and so have all campaign groups.
func TestKeysOfOneAndMany(t *testing.T) {
	t.Parallel()
	url, _ := simulation(t, nil)
	keys := func(text string) (all []string) {
		for name := range object(t, text) {
			all = append(all, name)
		}
		slices.Sort(all)
		return all
	}
	_, single, _ := invoke(t, "", with(url, "dnc", "5551", "-o", "json")...)
	_, rows, _ := invoke(t, "phone\n5552\n"+refusedPhone+"\n", with(url, "dnc", "--file", "-", "--parallel", "1", "-o", "jsonl")...)
	lines := strings.Split(strings.TrimSpace(rows), "\n")
	for _, row := range lines {
		if !slices.Equal(keys(row), keys(single)) {
			t.Errorf("a row has %v, a phone %v", keys(row), keys(single))
		}
	}
	if answers, _ := object(t, lines[0])["answers"].([]any); len(lines) != 2 || len(answers) != 1 || answers[0].(map[string]any)["ocs"] != 201.0 {
		t.Errorf("rows %s", rows)
	}
	_, known, _ := invoke(t, "", with(url, "campaign", "status", "1001/502", "-o", "json")...)
	_, unknown, _ := invoke(t, "", with(url, "campaign", "status", "77/502", "-o", "json")...)
	if !slices.Equal(keys(known), keys(unknown)) {
		t.Errorf("a campaign without a name has %v, one with a name %v", keys(unknown), keys(known))
	}
	var several []map[string]any
	if _, stdout, _ := invoke(t, "", with(url, "dnc", "5551", "5552", "-o", "json")...); json.Unmarshal([]byte(stdout), &several) != nil || len(several) != 2 {
		t.Errorf("several phones: %s", stdout)
	}
}
