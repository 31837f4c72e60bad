package maskhash

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestOf(t *testing.T) {
	k, other := NewKey(), NewKey()
	a := k.Of("5550104477")
	if !regexp.MustCompile(`^[0-9a-f]{16}$`).MatchString(a) || a != k.Of("5550104477") || a == k.Of("5550104478") || a == other.Of("5550104477") || k.Of("") != "" {
		t.Errorf("%q, %q, %q, %q", a, k.Of("5550104478"), other.Of("5550104477"), k.Of(""))
	}
}

// The same file gives the same hashes at each start, however its line ends.
func TestReadKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	read := func(text string) (Key, error) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return ReadKey(file)
	}
	k, err := read("0123456789abcdef")
	if err != nil {
		t.Fatal(err)
	}
	// By openssl dgst -sha256 -hmac 0123456789abcdef, the first 16 digits.
	if got := k.Of("5550104477"); got != "59d4838a94bcf827" {
		t.Errorf("got %s, want 59d4838a94bcf827", got)
	}
	if again, err := read("0123456789abcdef\r\n"); err != nil || again.Of("1") != k.Of("1") {
		t.Errorf("with a line end: %v", err)
	}
	for _, text := range []string{"", "0123456789abcde\n", strings.Repeat("x", 4097)} {
		if _, err := read(text); err == nil || !strings.Contains(err.Error(), "give 16 to 4096") || text != "" && strings.Contains(err.Error(), text) {
			t.Errorf("%d bytes: %v", len(text), err)
		}
	}
	if _, err := ReadKey(file + ".none"); err == nil {
		t.Error("a file that is not there")
	}
}
