package number

import (
	"errors"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"
)

// Text is what lists that hold punctuation are asked for.
func TestText(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]string{
		"600111222": "600111222", " (600) 111-222\t": "(600) 111-222", `="600 111"`: "600 111", "\u200e+34\u00a0600\u202c": "+34 600",
		"٦٠٠-١١١": "600-111", "600\n111": "600 111", "600\u2028111": "600 111", "'600–111": "600–111", "tel:600;ext=1": "600;ext=1", "600'": "600",
	} {
		if n, err := Read(given); err != nil || n.Text() != want {
			t.Errorf("Read(%q).Text = %q, %v; want %q", given, n.Text(), err, want)
		}
	}
}

// A text without end costs no time, whatever it is made of. The bound is a
// thousandth of a second; ten tries, as the machine may be busy.
func TestLongTexts(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"marks":           strings.Repeat("\u0301", 10_000),
		"marks behind":    "600111222" + strings.Repeat("\u0301", 10_000),
		"invisible":       strings.Repeat("\u200b", 10_000),
		"marks that fit":  strings.Repeat("\u0301", MaxText/2),
		"digits that fit": strings.Repeat("\u0660", MaxText/2),
	} {
		best := time.Hour
		for range 10 {
			began := time.Now()
			if _, err := Read(text); err == nil {
				t.Errorf("%s: no error", name)
			}
			best = min(best, time.Since(began))
		}
		if best > time.Millisecond {
			t.Errorf("%s: %v", name, best)
		}
	}
}

// Whatever the text: what is read is a number by the bounds, reading it again
// changes nothing, and an error tells a character that is there.
func FuzzRead(f *testing.F) {
	for _, s := range shapes() {
		f.Add(s.given)
	}
	f.Fuzz(func(t *testing.T, given string) {
		n, err := Read(given)
		if err != nil {
			e, is := errors.AsType[*Error](err)
			place := is && e.Kind >= Letter
			if !is || e.Kind < Empty || e.Kind > Several || (e.At > 0) != place || e.At > utf8.RuneCountInString(given) || !utf8.ValidString(e.Error()) || len(e.Error()) > 200 {
				t.Fatalf("%q: %#v", given, err)
			}
			return
		}
		if len(n.Digits) < MinDigits || len(n.Digits) > MaxDigits || !only(n.Digits, digits) {
			t.Fatalf("%q: digits %q", given, n.Digits)
		}
		if len(n.Extension) > MaxExtension || !only(n.Extension, digits) {
			t.Fatalf("%q: extension %q", given, n.Extension)
		}
		text := n.Text()
		if strings.ContainsFunc(text, unicode.IsControl) || strings.TrimSpace(text) != text || !utf8.ValidString(text) {
			t.Fatalf("%q: text %q", given, text)
		}
		if again, err := Read(n.String()); err != nil || again.Changed() || again.String() != n.String() || again.Text() != n.String() {
			t.Fatalf("%q: %q again is %+v, %v", given, n, again, err)
		}
		again, err := Read(text)
		if err != nil || again.String() != n.String() || again.Extension != n.Extension || again.Text() != text {
			t.Fatalf("%q: text %q again is %+v, %v", given, text, again, err)
		}
	})
}

func BenchmarkRead(b *testing.B) {
	for name, given := range map[string]string{"plain": "600111222", "separated": "+34 600 111 222", "armour": `="600111222"`, "Arabic": "٦٠٠١١١٢٢٢"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := Read(given); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMarks gives what 10,000 combining marks cost, and how that stands to the
// thousandth of a second that they may take.
func BenchmarkMarks(b *testing.B) {
	text := strings.Repeat("\u0301", 10_000)
	for b.Loop() {
		if _, err := Read(text); err == nil {
			b.Fatal("they are a number")
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(time.Millisecond), "of-1ms")
}
