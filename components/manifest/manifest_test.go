package manifest

import (
	"encoding/json"
	"strings"
	"testing"
)

const small = `
common:
  - {name: lang, values: "BCP 47 tag", doc: "language"}
  - {name: density, values: [comfortable, compact], default: comfortable, doc: "how close"}
elements:
  - tag: commdn-one
    doc: "does one | thing with ` + "`phone`" + `"
    size: 32
    typed: [customer-id, history]
    unless: [history]
    attributes:
      - {name: customer-id, values: text, doc: "the customer | who"}
      - {name: history, values: "number, 0 to 50", default: "5", doc: "how many"}
      - {name: choose-chain, values: boolean, doc: "lets choose"}
    events: [commdn-state]
    parts: [base, on-top]
events:
  - {name: commdn-state, doc: "it changed", detail: StateDetail}
properties:
  - {name: --commdn-ink, doc: "text"}
`

func parse(t *testing.T) *Manifest {
	t.Helper()
	m, err := Parse([]byte(small))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestRead(t *testing.T) {
	m, err := Read()
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Elements) < 6 || m.Elements[0].Tag != "commdn-dnc" {
		t.Errorf("elements: %+v", m.Elements)
	}
	if text := m.Loader(); strings.ContainsAny(text, "\n\\'") {
		t.Errorf("blanks or quotes that are not expected: %s", text)
	}
}

func TestErrors(t *testing.T) {
	for name, c := range map[string]struct{ old, new, words string }{
		"unknown key":         {"size: 32", "size: 32\n    hight: 3", "hight"},
		"key twice":           {"size: 32", "size: 32\n    size: 33", "size"},
		"size is a word":      {"size: 32", "size: small", "size"},
		"no size":             {"size: 32", "size: 0", "doc or size"},
		"tag":                 {"tag: commdn-one", "tag: other-one", "commdn-NAME"},
		"attribute twice":     {"history, values", "customer-id, values", "attribute customer-id: there are two"},
		"attribute of common": {"history, values", "density, values", "attribute density: there are two"},
		"attribute's form":    {"name: customer-id", "name: customerId", `"customerId"`},
		"no values":           {"values: text, ", "", "values is missing"},
		"a single word":       {"[comfortable, compact]", "[compact]", "single word"},
		"values is a map":     {"values: text", "values: {a: b}", "values"},
		"boolean default":     {"values: boolean", "values: boolean, default: absent", "no default but absent"},
		"no doc":              {`doc: "how many"`, `doc: ""`, "history: doc is missing"},
		"field of none":       {"unless: [history]", "unless: [phone]", "phone, which is no attribute"},
		"unknown event":       {"events: [commdn-state]", "events: [commdn-stat]", "commdn-stat is not among the events"},
		"event without use":   {"properties:", "  - {name: commdn-x, doc: x, detail: XDetail}\nproperties:", "commdn-x: no element has it"},
		"event twice":         {"properties:", "  - {name: commdn-state, doc: x, detail: XDetail}\nproperties:", "there are two"},
		"event without type":  {", detail: StateDetail", "", "commdn-state: "},
		"part twice":          {"[base, on-top]", "[base, base]", "part base: there are two"},
		"no parts":            {"[base, on-top]", "[]", "part: there is none"},
		"property's form":     {"--commdn-ink", "--ink", `property "--ink"`},
		"property's doc":      {`ink, doc: "text"`, `ink, doc: ""`, "doc is missing"},
		"no elements":         {small[strings.Index(small, "  - tag"):strings.Index(small, "events:\n  -")], "  []\n", "there is none"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(small, c.old, c.new, 1)
			if text == small {
				t.Fatalf("%q is not there", c.old)
			}
			if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), c.words) {
				t.Errorf("got %v, want %q", err, c.words)
			}
		})
	}
}

func TestLoader(t *testing.T) {
	const want = `{"commdn-one":{attributes:"customer-id history choose-chain lang density".split(" "),size:32,booleans:["choose-chain"],typed:["customer-id","history"],unless:["history"]}}`
	if got := parse(t).Loader(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestTypes(t *testing.T) {
	got := parse(t).Types()
	for _, want := range []string{
		"/** <commdn-one>: does one | thing with phone. Events: commdn-state (StateDetail). */\nexport interface CommdnOneElement extends CommdnElement {\n",
		"  /** The customer | who. Text. */\n  customerId: string;\n",
		"  /** How many. Number, 0 to 50. Default: 5. */\n  history: string | number;\n",
		"  chooseChain: boolean;\n",
		"  density: \"comfortable\" | \"compact\" | \"\";\n",
		"    \"commdn-one\": CommdnOneElement;\n",
		"    \"commdn-state\": CustomEvent<StateDetail>;\n",
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("not there once: %s\n%s", want, got)
		}
	}
	if strings.Contains(got, "lang:") {
		t.Error("lang is defined again")
	}
}

func TestTables(t *testing.T) {
	got := parse(t).Tables()
	for _, want := range []string{
		"### `<commdn-one>`\n\nDoes one | thing with `phone`. At least 32 px high.\n",
		"| `customer-id` | text |  | the customer \\| who |\n",
		"| `choose-chain` | present or absent | absent | lets choose |\n",
		"| `density` | `comfortable`, `compact` | `comfortable` | how close |\n",
		"Parts: `base`, `on-top`.\n",
		"| `commdn-state` | it changed | `StateDetail` |\n",
		"| `--commdn-ink` | text |\n",
	} {
		if strings.Count(got, want) != 1 {
			t.Errorf("not there once: %s\n%s", want, got)
		}
	}
}

func TestCustomElements(t *testing.T) {
	text, err := parse(t).CustomElements()
	if err != nil {
		t.Fatal(err)
	}
	var back struct {
		SchemaVersion string
		Modules       []struct {
			Path         string
			Declarations []struct {
				TagName    string
				Attributes []struct {
					Name, Description, FieldName string
					Type                         struct{ Text string }
				}
				Members       []struct{ Name, Attribute string }
				Events        []struct{ Type struct{ Text string } }
				CSSParts      []struct{ Name string }
				CSSProperties []struct{ Name, Description string }
			}
			Exports []struct {
				Kind, Name  string
				Declaration struct{ Name, Module string }
			}
		}
	}
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	module := back.Modules[0]
	d := module.Declarations[0]
	if back.SchemaVersion != "1.0.0" || module.Path != "commdn.js" || d.TagName != "commdn-one" || len(d.Attributes) != 5 ||
		d.Attributes[0].FieldName != "customerId" || d.Attributes[1].Type.Text != "number" || d.Attributes[4].Type.Text != `"comfortable" | "compact"` ||
		d.Attributes[1].Description != "how many (number, 0 to 50)" || d.Attributes[3].FieldName != "" {
		t.Errorf("attributes: %+v", d)
	}
	if len(d.Members) != 5 || d.Members[4].Name != "connection" || d.Events[0].Type.Text != "CustomEvent<StateDetail>" ||
		d.CSSParts[1].Name != "on-top" || d.CSSProperties[0].Description != "text" {
		t.Errorf("the rest: %+v", d)
	}
	if e := module.Exports[0]; e.Kind != "custom-element-definition" || e.Name != "commdn-one" || e.Declaration.Name != "CommdnOneElement" || e.Declaration.Module != "commdn.js" {
		t.Errorf("export: %+v", e)
	}
}
