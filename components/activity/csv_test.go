package activity

import "testing"

// TestHarmless: what a spreadsheet would calculate becomes text.
func TestHarmless(t *testing.T) {
	for cell, want := range map[string]string{
		"":                     "",
		"5551234567":           "5551234567",
		"+15551234567":         "+15551234567",
		"+":                    "+",
		"+1 555":               "'+1 555",
		"+1+cmd|'/c calc'!A1":  "'+1+cmd|'/c calc'!A1",
		"-1":                   "'-1",
		"=1":                   "'=1",
		"@SUM(A1)":             "'@SUM(A1)",
		"\t=1":                 "'\t=1",
		"\r=1":                 "'\r=1",
		"\n=1":                 "'\n=1",
		"C-42":                 "C-42",
		"2026-03-04T12:00:00Z": "2026-03-04T12:00:00Z",
		"'=1":                  "'=1",
		"🙂=1":                  "🙂=1",
	} {
		if got := harmless(cell); got != want {
			t.Errorf("%q becomes %q, want %q", cell, got, want)
		}
	}
}
