package ui

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"commdn/components/lang"
	"commdn/components/lang/langtest"
)

func TestIsolate(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "5551234567": "5551234567", "C-42": "C-42", "Autumn offers": "Autumn offers", "+34600": "\u2068+34600\u2069", "600 111": "\u2068600 111\u2069", "محمد": "\u2068محمد\u2069",
		"(020)7946": "\u2068(020)7946\u2069", "600-111/222.3": "600-111/222.3",
	} {
		if got := Isolate(s); got != want {
			t.Errorf("%q becomes %q, want %q", s, got, want)
		}
	}
}

// Every language says what is wrong with a number, and where.
func TestReadNumber(t *testing.T) {
	said := map[string]bool{}
	for _, tag := range []string{"en", "es", "fr", "de", "pt-BR", "ja"} {
		l := lang.New(tag, langtest.Plain{})
		for _, given := range []string{"undefined", "5.55E+09", "60O", "-", "600111222 600333444"} {
			text, problem := ReadNumber(l, given, false)
			if text != given || problem == "" || said[problem] {
				t.Errorf("%s: %q is %q, problem %q", tag, given, text, problem)
			}
			said[problem] = true
		}
		for given, wrong := range map[string]bool{"1-800-FLOWERS": false, "600;111": true, "undefined": true, "5.55E+09": true} {
			if text, problem := ReadNumber(l, given, true); text != given || (problem != "") != wrong {
				t.Errorf("%s: %q where letters are digits is %q, problem %q", tag, given, text, problem)
			}
		}
		if text, problem := ReadNumber(l, "", false); text != "" || problem != "" {
			t.Errorf("no number: %q, %q", text, problem)
		}
	}
}

// TestSentAs: each form keeps its direction, in every language.
func TestSentAs(t *testing.T) {
	for _, tag := range []string{"en", "es", "fr", "de", "pt-BR", "ja"} {
		l := lang.New(tag, langtest.Plain{})
		got := SentAs(l, []string{"600111222", "+34600111222", "00 34"})
		one := SentAs(l, []string{"600111222"})
		for _, part := range []string{one, "\u2068+34600111222\u2069", "\u206800 34\u2069"} {
			if !strings.Contains(got, part) {
				t.Errorf("%s: %q lacks %q", tag, got, part)
			}
		}
		if strings.Contains(one, "{") || one == "600111222" {
			t.Errorf("%s: %q", tag, one)
		}
	}
	if got := SentAs(lang.New("en", langtest.Plain{}), []string{"600", "+34600", "0034600"}); got != "Sent as 600, also as \u2068+34600\u2069, also as 0034600" {
		t.Errorf("%q", got)
	}
}

// TestShapes: every shape in which package number reads numbers has the same outcome at the
// elements and at the JavaScript API.
func TestShapes(t *testing.T) {
	table, err := os.ReadFile("../../protocol/number/testdata/shapes.tsv")
	if err != nil {
		t.Fatal(err)
	}
	l, shapes := lang.New("en", langtest.Plain{}), 0
	for line := range strings.Lines(string(table)) {
		columns := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		given, err := strconv.Unquote(columns[1])
		if err != nil || given == "" { // a long one is cut; an empty field is no mistake
			continue
		}
		shapes++
		want, refused := strings.Replace(columns[2], " ext ", " x", 1), strings.HasPrefix(columns[2], "refused: ")
		if refused {
			want = given // untouched
		}
		if read, problem := ReadNumber(l, given, false); read != want || (problem != "") != refused {
			t.Errorf("%s: %q is %q, %q; want %s", columns[0], given, read, problem, columns[2])
		}
	}
	if shapes < 300 {
		t.Errorf("%d shapes", shapes)
	}
}
