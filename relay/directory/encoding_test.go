package directory

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/htmlindex"
	"golang.org/x/text/encoding/unicode"
)

const (
	spring      = `{"__metadata__": {"formatName": "RAW"},` + "\n" + `"CFGCampaign": [{"DBID": 1001, "name": "NAME", "tenantDBID": 1}]}`
	springYAML  = "campaigns:\n  - {dbid: 1001, name: NAME}\n"
	springName  = "Frühling für Zürich"
	replacement = "Fr\ufffdhling"
)

// in gives a text in an encoding.
func in(t *testing.T, encoding, text string) string {
	t.Helper()
	if encoding == "utf-16" {
		s, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(text)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	e, err := htmlindex.Get(encoding)
	if err != nil {
		t.Fatal(err)
	}
	s, err := e.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// A name is read as it is in Configuration Server, whatever encoding the file
// has; where the encoding is not known, the file is refused and nothing becomes �.
func TestEncodings(t *testing.T) {
	for _, form := range []string{spring, springYAML} {
		text := strings.Replace(form, "NAME", springName, 1)
		japanese := strings.Replace(form, "NAME", "春の売り出し", 1)
		for what, c := range map[string]struct {
			data, encoding string
			want           string // a name, or a part of the error
		}{
			"UTF-8":                       {text, "", springName},
			"UTF-8 with a mark":           {"\ufeff" + text, "", springName},
			"UTF-8 by name":               {text, "UTF8", springName},
			"UTF-16":                      {in(t, "utf-16", text), "", springName},
			"cp1252":                      {in(t, "windows-1252", text), "windows-1252", springName},
			"latin1":                      {in(t, "windows-1252", text), "latin1", springName},
			"Shift JIS":                   {in(t, "shift_jis", japanese), "shift_jis", "春の売り出し"},
			"cp1252, not said":            {in(t, "windows-1252", text), "", `d:2: is not UTF-8 text: "`},
			"Shift JIS, not said":         {in(t, "shift_jis", japanese), "", "directory.encoding in a configuration"},
			"UTF-8, said to be cp1252":    {text, "windows-1252", "d: is UTF-8 text, not windows-1252; leave the encoding away"},
			"cp1252, said to be Japanese": {in(t, "windows-1252", text), "shift_jis", "d:2: is not text in shift_jis; give another encoding"},
			"no encoding":                 {text, "cp-1252", `d: its encoding "cp-1252" is no encoding; give windows-1252,`},
			"half of UTF-16":              {in(t, "utf-16", text)[:21], "", "d: is not whole UTF-16 text"},
		} {
			d, err := parseIn("d", []byte(c.data), c.encoding)
			switch {
			case err == nil && (len(d.Campaigns) != 1 || d.Campaigns[0].Name != c.want):
				t.Errorf("%s: %+v, want %s", what, d.Campaigns, c.want)
			case err != nil && !strings.Contains(err.Error(), c.want):
				t.Errorf("%s: %v, want %s", what, err, c.want)
			}
		}
	}
	file := filepath.Join(t.TempDir(), "export.json")
	if err := os.WriteFile(file, []byte(in(t, "windows-1252", strings.Replace(spring, "NAME", springName, 1))), 0o600); err != nil {
		t.Fatal(err)
	}
	if d, err := LoadIn(file, "cp1252"); err != nil || d.Campaigns[0].Name != springName {
		t.Errorf("from a file: %+v, %v", d, err)
	}
	if d, err := Load(file); err == nil {
		t.Errorf("from a file whose encoding nobody said: %+v", d)
	}
}

// A name that whoever wrote the export has spoilt already is a warning.
func TestSpoiltName(t *testing.T) {
	d, err := Parse("d", []byte(strings.Replace(spring, "NAME", replacement, 1)))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range d.Check(Use{}) {
		if strings.Contains(f.Text, "�") {
			found = append(found, f.String())
		}
	}
	if len(found) != 1 || !strings.HasPrefix(found[0], "warning: CFGCampaign[0] has � in its name") {
		t.Errorf("%q", found)
	}
}
