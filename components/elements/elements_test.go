package elements

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"commdn/components/manifest"
	"commdn/components/uitest"
	"commdn/protocol/client"
)

// TestManifest compares the kinds with the manifest for host pages.
func TestManifest(t *testing.T) {
	m, err := manifest.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name   string
		kinds  []Kind
		listed func(manifest.Element) bool
	}{
		{"all", All(), func(manifest.Element) bool { return true }},
		{"the agent's", Agent(), func(e manifest.Element) bool { return !e.Supervisor }},
	} {
		var told, made []string
		for _, e := range m.Elements {
			if tt.listed(e) {
				told = append(told, e.Tag)
			}
		}
		for _, k := range tt.kinds {
			made = append(made, k.Tag)
		}
		if !slices.Equal(told, made) {
			t.Errorf("%s: the kinds are %q, elements.yaml has %q", tt.name, made, told)
		}
	}
}

var part = regexp.MustCompile(`part="([^"]*)"`)

// TestNonsense sets every attribute of every element to nonsense, in any state of the
// connection. The element draws, has only documented parts, and shows the nonsense as
// text.
func TestNonsense(t *testing.T) {
	m, err := manifest.Read()
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range m.Elements {
		for name, status := range map[string]client.Status{
			"connecting": {}, "connected": uitest.Connected,
			"failed": {State: client.Failed, Err: client.ErrTimeout}, "closed": {State: client.Closed, Err: client.ErrClosed},
		} {
			t.Run(e.Tag+"/"+name, func(t *testing.T) {
				at := slices.IndexFunc(All(), func(k Kind) bool { return k.Tag == e.Tag })
				if at < 0 {
					t.Fatal("there is none")
				}
				d := uitest.New(t, All()[at].New, status)
				check := func(after string) {
					t.Helper()
					html := d.HTML()
					if !strings.Contains(html, `part="base"`) {
						t.Errorf("after %s: no part base in %s", after, html)
					}
					for _, found := range part.FindAllStringSubmatch(html, -1) {
						for p := range strings.FieldsSeq(found[1]) {
							if !slices.Contains(e.Parts, p) {
								t.Errorf("after %s: elements.yaml does not tell of the part %s", after, p)
							}
						}
					}
					if strings.Contains(html, "<img") {
						t.Errorf("after %s: text became markup: %s", after, html)
					}
				}
				check("the start")
				for _, a := range e.Attributes {
					for _, value := range []string{`<img src=x>"'`, strings.Repeat("☎️", 5000), "-1", "99999999999999999999", ""} {
						d.Set(a.Name, value)
						check(a.Name)
					}
					d.Remove(a.Name)
					check(a.Name + " gone")
				}
			})
		}
	}
}
