package config

import (
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"commdn/relay/internal/strictyaml"
)

const example = "../config.example.yaml"

// keys returns the paths of all keys of a type, those of list items with [0].
func keys(t reflect.Type, path string) (all []string) {
	for _, f := range strictyaml.Fields(t) {
		at := strictyaml.Join(path, f.Key)
		all = append(all, at)
		switch inner := t.FieldByIndex(f.Index).Type; {
		case strictyaml.IsMapping(inner):
			all = append(all, keys(inner, at)...)
		case inner.Kind() == reflect.Slice && strictyaml.IsMapping(inner.Elem()):
			all = append(all, keys(inner.Elem(), at+"[0]")...)
		}
	}
	return all
}

func TestExampleLoads(t *testing.T) {
	c, err := Load(example, nil)
	if err != nil {
		t.Fatal(err)
	}
	if w := c.Warnings(); w != nil {
		t.Errorf("warnings: %q", w)
	}
	if c.Auth.OIDC.Issuer == "" || len(c.Links) != 1 || len(c.Auth.Rules) != 1 {
		t.Errorf("%+v", c)
	}
}

// TestExampleShowsAllDefaults: with every shown default put in, the file has every key
// there is, and means the same.
func TestExampleShowsAllDefaults(t *testing.T) {
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	without, err := Parse("example", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile(`(?m)^( *)#(\w+:)`).ReplaceAllString(string(data), "$1$2")
	with, err := Parse("example", []byte(shown), nil)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := string(without.Masked()), string(with.Masked()); a != b {
		t.Errorf("a default that is shown is not the real one:\n%s\nshown:\n%s", a, b)
	}
	for _, path := range keys(reflect.TypeFor[Config](), "") {
		if !with.from.Given(path) {
			t.Errorf("%s is not in %s", path, example)
		}
	}
}

// TestExampleSaysOnlyWhatIsNeeded: the example shows every default as one, and sets
// nothing else to its default.
func TestExampleSaysOnlyWhatIsNeeded(t *testing.T) {
	c, err := Load(example, nil)
	if err != nil {
		t.Fatal(err)
	}
	def := Default()
	def.Links = []Link{{}}
	def.Links[0].SetDefaults()
	a, b := values(def), values(c)
	var said []string
	for _, path := range keys(reflect.TypeFor[Config](), "") {
		if v, ok := b[path]; ok && !reflect.DeepEqual(a[path], v) {
			said = append(said, path)
		}
	}
	want := "hosts origins auth.oidc.issuer auth.oidc.audience auth.rules links[0].name links[0].servers links[0].comm_dn links[0].application links[0].app_dbid links[0].ocs links[0].tenants links[0].tenant_numbers journal.folder"
	if got := strings.Join(said, " "); got != want {
		t.Errorf("said: %s", got)
	}
}

// values returns the values of plain keys and of lists of plain values.
func values(c *Config) map[string]any {
	all := make(map[string]any)
	see := func(path string, v reflect.Value) { all[path] = v.Interface() }
	walk(reflect.ValueOf(c).Elem(), "", see)
	delete(all, "links")
	walk(reflect.ValueOf(&c.Links[0]).Elem(), "links[0]", see)
	return all
}

// TestVariablesAreUnique: no two options share a variable, and none of them is foreign.
func TestVariablesAreUnique(t *testing.T) {
	seen := make(map[string]string)
	walk(reflect.ValueOf(Default()).Elem(), "", func(path string, _ reflect.Value) {
		name := variable(path)
		if other, twice := seen[name]; twice {
			t.Errorf("%s is the variable of %s and of %s", name, other, path)
		}
		if seen[name] = path; foreign.MatchString(name) {
			t.Errorf("%s is passed over as a variable of something else", name)
		}
	})
}
