package seqfile

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
)

const whole = `# A sequence
description: Autumn, then the rest
group: Sales
start: 2026-11-23T09:00:00+01:00
items:
  - campaign: Autumn offers
    dial_mode: predict
    optimize_by: CFGOMBusyFactor
    goal: 85
    stop_at_time: 2026-11-23T12:00:00Z
    stop_at_contacts: 500
    stop_at_dials: 2000
    wait_minutes: 10
  - {campaign: 1002, dial_mode: 8, optimize_by: wait-time, goal: 120}
`

func at(t *testing.T, s string) time.Time {
	t.Helper()
	when, err := time.Parse(time.RFC3339, s)
	if err != nil {
		t.Fatal(err)
	}
	return when
}

func TestParse(t *testing.T) {
	t.Parallel()
	got, err := Parse("a.yaml", []byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	want := &File{
		Description: "Autumn, then the rest", Group: "Sales", Start: got.Start,
		Items: []Item{
			{
				Line: 6, Campaign: "Autumn offers", Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 85},
				StopAtTime: got.Items[0].StopAtTime, StopAtContacts: 500, StopAtDials: 2000, WaitMinutes: 10,
			},
			{Line: 14, Campaign: "1002", Dialing: commdn.Dialing{Mode: commdn.DialPushPreview, OptimizeBy: commdn.OptimizeWaitTime, Goal: 120}},
		},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if !got.Start.Equal(at(t, "2026-11-23T08:00:00Z")) || !got.Items[0].StopAtTime.Equal(at(t, "2026-11-23T12:00:00Z")) {
		t.Errorf("times %v, %v", got.Start, got.Items[0].StopAtTime)
	}
}

const item = "items: [{campaign: A, dial_mode: predict, optimize_by: busy-factor, goal: 80}]\n"

func TestParseShort(t *testing.T) {
	t.Parallel()
	for name, in := range map[string]string{
		"items alone": item, "start now": "start: now\n" + item, "comment behind": item + "# the end\n", "a document mark": "---\n" + item,
		"quoted": strings.NewReplacer("predict", `"predict"`, "80", "'80'").Replace(item), "a byte order mark": "\ufeff" + item, "a block": "description: |\n  Two\n" + item,
	} {
		got, err := Parse("a.yaml", []byte(in))
		if err != nil || len(got.Items) != 1 || got.Items[0].Campaign != "A" || got.Items[0].Dialing.Goal != 80 || !got.Start.IsZero() {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestParseErrors(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                                              "a.yaml: is empty; give the keys of a sequence",
		"# nothing\n":                                   "a.yaml: is empty; give the keys of a sequence",
		"- a\n":                                         "a.yaml:1: a sequence must be keys with values; the keys are description, group, start, items",
		"group: x\n":                                    "a.yaml:1: items: is missing",
		"items: []\n":                                   "a.yaml:1: items: must be a list with at least one campaign",
		"items: Autumn\n":                               "a.yaml:1: items: must be a list with at least one campaign",
		"\nitems:\n  - Autumn\n":                        "a.yaml:3: an item must be keys with values; the keys are campaign, dial_mode, optimize_by, goal, stop_at_time, stop_at_contacts, stop_at_dials, wait_minutes",
		"itms: 1\n" + item:                              "a.yaml:1: itms: unknown key in a sequence; did you mean items?",
		"colour: red\n" + item:                          "a.yaml:1: colour: unknown key in a sequence; the keys are description, group, start, items",
		"items:\n  - campain: A\n":                      "a.yaml:2: campain: unknown key in an item; did you mean campaign?",
		"items:\n  - campaign: A\n":                     "a.yaml:2: dial_mode: is missing in the item that begins here",
		"group: a\ngroup: b\n" + item:                   "a.yaml:2: group: is there twice in a sequence",
		"group: [a]\n" + item:                           "a.yaml:1: group: must be a plain value, and is sequence",
		"group:\n" + item:                               "a.yaml:1: group: is empty",
		"group: &a x\n" + item:                          "a.yaml:1: group: must be a plain value, and is anchor",
		"start: tomorrow\n" + item:                      `a.yaml:1: start: "tomorrow" is no time; ` + timeForms + ", or now",
		"start: 2026-11-23\n" + item:                    `a.yaml:1: start: "2026-11-23" is no time; ` + timeForms + ", or now",
		"start: 1969-01-01T00:00:00Z\n":                 `a.yaml:1: start: "1969-01-01T00:00:00Z" is outside of what a sequence can tell, 1970 to 2106`,
		item + "---\n" + item:                           "a.yaml:3: a second document; give a sequence alone",
		strings.Repeat("[", 60_000):                     "a.yaml:1: a line of 60000 bytes; at most 8192 are possible",
		strings.Repeat("[\n", 30_000):                   "a.yaml:201: is nested too deep",
		strings.Repeat("{a: ", 2_000):                   "a.yaml:1: is nested too deep",
		strings.Repeat("- ", 4_000) + "a":               "a.yaml:1: is nested too deep",
		"group: \xff\n" + item:                          "a.yaml:1: is no UTF-8 text",
		"items: [\n":                                    "a.yaml:1: sequence end token ']' not found",
		strings.Repeat(" ", MaxSize+1):                  "a.yaml: is too large: at most 65536 bytes are possible",
		strings.Replace(item, "80", "x", 1):             `a.yaml:1: goal: "x" is not a number from 0 to 2147483647`,
		strings.Replace(item, "80", "-1", 1):            `a.yaml:1: goal: "-1" is not a number from 0 to 2147483647`,
		strings.Replace(item, "80", "2147483648", 1):    `a.yaml:1: goal: "2147483648" is not a number from 0 to 2147483647`,
		strings.Replace(item, "busy-factor", "busy", 1): `a.yaml:1: optimize_by: "busy" is no optimization method; there are busy-factor, overdial-rate, wait-time; did you mean busy-factor?`,
		strings.Replace(item, "predict", "6", 1):        `a.yaml:1: dial_mode: "6" is no dialing mode; there are predict, progress, preview, progress-and-seize, predict-and-seize, push-preview, progress-gvp, power-gvp`,
		strings.Replace(item, "80", "80, stop_at_time: soon", 1):     `a.yaml:1: stop_at_time: "soon" is no time; ` + timeForms,
		strings.Replace(item, "80", "80, stop_at_dials: [1]", 1):     "a.yaml:1: stop_at_dials: must be a plain value, and is sequence",
		strings.Replace(item, "80", "80, wait_minutes: 1.5", 1):      `a.yaml:1: wait_minutes: "1.5" is not a number from 0 to 2147483647`,
		strings.Replace(item, "80", "80, stop_at_contacts: many", 1): `a.yaml:1: stop_at_contacts: "many" is not a number from 0 to 2147483647`,
	} {
		got, err := Parse("a.yaml", []byte(in))
		var e *Error
		if !errors.As(err, &e) || got != nil {
			t.Errorf("%.60q: %+v, %v", in, got, err)
			continue
		}
		if e.Error() != want {
			t.Errorf("%.60q:\ngot  %s\nwant %s", in, e, want)
		}
	}
}

// Whatever is in a file, Parse ends with a sequence that has items and whose
// fields are within their limits, or with an *Error that names the file.
func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(item))
	for _, seed := range []string{"", "items:\n- {", "a: &a [*a]\nitems: *a", "<<: {items: 1}", "items: !!binary x", "? [a]\n: b\n", "start: now\nitems:\n  - campaign: |\n      A\n", strings.Repeat("[", 64), "items: [{campaign: \"\\u0000\"}]"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := Parse("f.yaml", data)
		if err != nil {
			if e, ok := errors.AsType[*Error](err); !ok || e.File != "f.yaml" || e.What == "" {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		if len(got.Items) == 0 {
			t.Fatal("no items")
		}
		for _, i := range got.Items {
			if i.Campaign == "" || !i.Dialing.Mode.Known() || !i.Dialing.OptimizeBy.Known() || i.Dialing.Goal < 0 || i.StopAtDials < 0 || i.WaitMinutes < 0 {
				t.Fatalf("%+v", i)
			}
		}
	})
}
