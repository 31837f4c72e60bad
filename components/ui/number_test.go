package ui

import (
	"testing"

	"commdn/components/lang"
	"commdn/components/lang/langtest"
)

func TestIsolate(t *testing.T) {
	for s, want := range map[string]string{
		"": "", "5551234567": "5551234567", "C-42": "C-42", "+34600": "\u2068+34600\u2069", "600 111": "\u2068600 111\u2069", "محمد": "\u2068محمد\u2069",
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
		for _, given := range []string{"undefined", "5.55E+09", "60O", "-"} {
			text, problem := ReadNumber(l, given)
			if text != given || problem == "" || said[problem] {
				t.Errorf("%s: %q is %q, problem %q", tag, given, text, problem)
			}
			said[problem] = true
		}
		if text, problem := ReadNumber(l, ""); text != "" || problem != "" {
			t.Errorf("no number: %q, %q", text, problem)
		}
	}
}
