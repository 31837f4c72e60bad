package scenario

import (
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/relay/habits"
	"commdn/relay/internal/leak"
	"commdn/relay/internal/strictyaml"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestShipped(t *testing.T) {
	if got := strings.Join(Names(), " "); got != "demo empty large no-connection two-ocs" {
		t.Fatalf("names %q", got)
	}
	for _, name := range Names() {
		data, err := Source(name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := Parse(name+".yaml", data)
		if err != nil {
			t.Fatal(err)
		}
		if s.Name != name || s.Description == "" {
			t.Errorf("%s: name %q, description %q", name, s.Name, s.Description)
		}
		if got := Shipped(name); !reflect.DeepEqual(got, s) || got == Shipped(name) {
			t.Errorf("%s: Shipped gives another one, or the same twice", name)
		}
		if loaded, err := Load(name); err != nil || !reflect.DeepEqual(loaded, s) {
			t.Errorf("%s: %v", name, err)
		}
		roundTrip(t, s)
		for _, ocs := range s.Servers() {
			if len(s.Monitored(ocs.DBID)) != 1 || len(s.Connected(ocs.DBID)) == 0 != (name == "no-connection") {
				t.Errorf("%s: OCS %d works with %v and serves %v", name, ocs.DBID, s.Monitored(ocs.DBID), s.Connected(ocs.DBID))
			}
		}
	}
	if s := Shipped("../shipped/demo"); s != nil {
		t.Errorf("a path is the name of %q", s.Name)
	}
}

func TestNoConnectionIsDemo(t *testing.T) {
	demo, silent := Shipped("demo"), Shipped("no-connection")
	if demo.Applications[0].Connections == nil || silent.Applications[0].Connections != nil {
		t.Fatal("the wrong one has the connection")
	}
	demo.Name, demo.Description, demo.Applications[0].Connections = silent.Name, silent.Description, nil
	if !reflect.DeepEqual(demo, silent) {
		t.Error("more than the connection differs")
	}
}

func TestLarge(t *testing.T) {
	s := Shipped("large")
	records, agents := 0, 0
	for _, l := range s.CallingLists {
		records += len(l.Records) + l.Generate.Records()
	}
	for _, g := range s.Groups {
		agents += g.Agents
	}
	if len(s.Campaigns) != 200 || len(s.CallingLists) != 200 || len(s.Groups) != 20 || len(s.CampaignGroups) != 200 || records != 1_000_000 || agents != 1000 {
		t.Errorf("%d campaigns, %d lists, %d groups, %d campaign groups, %d records, %d agents",
			len(s.Campaigns), len(s.CallingLists), len(s.Groups), len(s.CampaignGroups), records, agents)
	}
	if last := s.Campaigns[199]; !reflect.DeepEqual(last, Campaign{DBID: 1200, Name: "Campaign 1200", CallingLists: []commdn.DBID{800}}) {
		t.Errorf("the last campaign is %+v", last)
	}
	if last := s.CampaignGroups[199]; last.Group != 520 || s.ServerOf(last) != 201 {
		t.Errorf("the last campaign group is %+v", last)
	}
}

func TestLoad(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	if s, err := Load(write("good.yaml", "name: mine\n")); err != nil || s.Name != "mine" {
		t.Errorf("%v, %v", s, err)
	}
	bad := write("bad.yaml", "name: mine\nnmae: yours\n")
	big := write("big.yaml", strings.Repeat("# a line of a comment\n", MaxSize/20))
	for path, want := range map[string]string{
		bad:   bad + ":2: nmae: unknown key; did you mean name?",
		big:   big + ": is too large: at most 4194304 bytes are possible",
		dir:   "read " + dir + ": is a directory",
		"dmo": `there is no file "dmo", and no scenario of that name is shipped; there are demo, empty, large, no-connection, two-ocs; did you mean demo?`,
		"/x/": `there is no file "/x/", and no scenario of that name is shipped; there are demo, empty, large, no-connection, two-ocs`,
	} {
		if s, err := Load(path); err == nil || err.Error() != want || s != nil {
			t.Errorf("%s: %v, %v", path, s, err)
		}
	}
}

// The README of the simulator has every habit, with its sentence.
func TestHabitsInREADME(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "## A real OCS may\n")
	table, _, _ = strings.Cut(table, "\n## ")
	strange, _ := habits.Preset(habits.Strange)
	for _, name := range habits.Names() {
		mark := "  |"
		if slices.ContainsFunc(strange.Settings(), func(s habits.Setting) bool { return s.Name == name }) {
			mark = " * |"
		}
		if row := "\n| `" + name + "` | " + habits.Says(name) + " |" + mark; !strings.Contains(table, row) {
			t.Errorf("README.md does not have the row%s", row)
		}
	}
}

// The reference has every key but the habits, and nothing but keys.
func TestREADME(t *testing.T) {
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z_.\\[\\]]+)` \\|.*\\|.*\\|$").FindAllStringSubmatch(string(text), -1) {
		if !slices.Contains(dos, row[1]) {
			told = append(told, row[1])
		}
	}
	var there []string
	var add func(reflect.Type, string)
	add = func(typ reflect.Type, path string) {
		switch {
		case typ.Kind() == reflect.Pointer:
			add(typ.Elem(), path)
		case typ.Kind() == reflect.Slice:
			add(typ.Elem(), path+"[]")
		case strictyaml.IsMapping(typ):
			for _, f := range strictyaml.Fields(typ) {
				if typ == reflect.TypeFor[OCS]() && slices.Contains(habits.Names(), f.Key) {
					continue
				}
				add(typ.FieldByIndex(f.Index).Type, strictyaml.Join(path, f.Key))
			}
		default:
			there = append(there, path)
		}
	}
	add(reflect.TypeFor[file](), "")
	slices.Sort(told)
	slices.Sort(there)
	for _, key := range there {
		if !slices.Contains(told, key) {
			t.Errorf("README.md does not have %s", key)
		}
	}
	if !slices.Equal(told, there) {
		t.Errorf("README.md has %d keys, and there are %d; those that are too many or twice are among\n%s", len(told), len(there), strings.Join(told, "\n"))
	}
	for _, do := range dos {
		if !strings.Contains(string(text), "\n| `"+do+"` |") {
			t.Errorf("README.md does not have the fault %s", do)
		}
	}
	for _, name := range Names() {
		if !strings.Contains(string(text), "\n| `"+name+"` |") {
			t.Errorf("README.md does not have the scenario %s", name)
		}
	}
	_, example, _ := strings.Cut(string(text), "```yaml\n")
	example, _, _ = strings.Cut(example, "```")
	if s, err := Parse("README.md", []byte(example)); err != nil || len(s.Connected(201)) != 1 {
		t.Errorf("the example: %v", err)
	}
}
