package main

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func TestFresh(t *testing.T) {
	want, err := generate("..")
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../tables_gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("tables_gen.go is stale: go generate ./components/lang")
	}
}

// numbered splits fault.12 into fault. and 12; 0 means no number.
func numbered(key string) (stem string, n int) {
	stem = strings.TrimRight(key, "0123456789")
	n, _ = strconv.Atoi(key[len(stem):])
	return stem, n
}

// TestEveryTextIsUsed looks for the constants in the code that shows texts. The first of
// a series of numbered texts stands for all: the code counts from there.
func TestEveryTextIsUsed(t *testing.T) {
	en, err := read("../en.txt")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	constant := regexp.MustCompile(`\blang\.([A-Z]\w*)`)
	for _, root := range []string{"../..", "../../../wasm"} {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			code := strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go")
			if !code || strings.HasPrefix(filepath.ToSlash(path), "../../lang/") {
				return nil
			}
			source, err := os.ReadFile(path)
			supervisors := strings.Contains(path, "/campaigns/") || strings.Contains(path, "/sequence/")
			for _, m := range constant.FindAllSubmatch(source, -1) {
				used[string(m[1])] = true
				if key := strings.ToLower(string(m[1])) + "."; !supervisors && (strings.HasPrefix(key, "campaigns") || strings.HasPrefix(key, "sequence")) {
					t.Errorf("%s shows lang.%s, which the agent's program does not have", path, m[1])
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if !used["OutcomeDone"] || used["NoSuchText"] {
		t.Fatal("this test does not find what is used")
	}
	first := map[string]string{}
	for _, key := range en.order {
		stem, _ := numbered(key)
		if first[stem] == "" {
			first[stem] = key
		}
		if !used[name(key)] && !used[name(first[stem])] {
			t.Errorf("%s is shown nowhere", key)
		}
	}
}

// TestNumbersFollowEachOther: code adds to the first constant, or walks through a list in
// this order.
func TestNumbersFollowEachOther(t *testing.T) {
	en, err := read("../en.txt")
	if err != nil {
		t.Fatal(err)
	}
	begun := map[string]bool{}
	before, beforeN := "", 0
	for _, key := range en.order {
		stem, n := numbered(key)
		if stem == key {
			before = ""
			continue
		}
		if stem == before && n <= beforeN || stem != before && begun[stem] {
			t.Errorf("%s is not in its place", key)
		}
		begun[stem], before, beforeN = true, stem, n
	}
	if len(begun) == 0 {
		t.Error("no key has a number")
	}
}

// folder writes files from alternating names and contents.
func folder(t *testing.T, files ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestGenerate(t *testing.T) {
	dir := folder(t,
		"de.txt", "b.two-words = \"zwei\" {n}\r\nsequence.c = drei",
		"en.txt", "# a comment = none\n\nsequence.c = three\na = one = 1\n  b.two-words = \"two\" {n}  \n",
		"README.md", "no table",
	)
	if err := run(dir); err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(dir, "tables_gen.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"\tA         Key = iota // one = 1\n", "\tBTwoWords            // \"two\" {n}\n\tSequenceC            // three\n",
		"\t{\"en\", \"one = 1\\n\\\"two\\\" {n}\"},\n\t{\"de\", \"\\n\\\"zwei\\\" {n}\"},\n", "\t\"three\",\n\t\"drei\",\n",
	} {
		if !strings.Contains(string(source), want) {
			t.Errorf("lacks %q:\n%s", want, source)
		}
	}
}

func TestGenerateRefuses(t *testing.T) {
	for _, c := range []struct {
		files []string
		want  string
	}{
		{nil, "en.txt is missing"},
		{[]string{"de.txt", "a = eins"}, "en.txt is missing"},
		{[]string{"en.txt", "a = one\nnonsense"}, `en.txt:2: want "key = text", have "nonsense"`},
		{[]string{"en.txt", "a ="}, "en.txt:1"},
		{[]string{"en.txt", "a b = one"}, "en.txt:1"},
		{[]string{"en.txt", " = one"}, "en.txt:1"},
		{[]string{"en.txt", "a = one\na = two"}, `key "a" is there already`},
		{[]string{"en.txt", "a = one", "de.txt", "b = zwei"}, `de.txt: key "b" is not in en.txt`},
	} {
		err := run(folder(t, c.files...))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %s", c.files, err, c.want)
		}
	}
}
