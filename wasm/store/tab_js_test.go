//go:build js && wasm

package store

import (
	"encoding/base64"
	"strings"
	"syscall/js"
	"testing"
)

const relay = "wss://relay/"

// jwt is a token of a person with another claim beside.
func jwt(claims string) string {
	part := base64.RawURLEncoding.EncodeToString
	return part([]byte(`{"alg":"ES256"}`)) + "." + part([]byte(claims)) + "." + part([]byte("signature"))
}

// A tab knows its user by the claim sub of any of their tokens, or by a key.
func TestRecall(t *testing.T) {
	ann := jwt(`{"exp": 1, "sub": "Zoë?~ÿ"}`)
	for _, tt := range []struct {
		name, noted, token string
		known              bool
	}{
		{"the same token", ann, ann, true},
		{"a later one", ann, jwt(`{"sub":"Zoë?~ÿ","exp":22222}`), true},
		{"none", ann, "", true},
		{"another person's", ann, jwt(`{"exp": 1, "sub": "Zoe"}`), false},
		{"a token without sub", ann, jwt(`{"exp": 1}`), false},
		{"other tokens without sub", jwt(`{"exp": 1}`), jwt(`{"exp": 2}`), false},
		{"a key for a token", ann, "key", false},
		{"the same key", "agent=Ann", "agent=Ann", true},
		{"another key", "agent=Ann", "agent=Ben", false},
		{"a key that looks like a token", "a.!.c", "a.!.d", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Cleanup(func() { js.Global().Get("sessionStorage").Call("clear") })
			if err := storage(t, usual).Remember(relay, tt.noted, "zoë"); err != nil {
				t.Fatal(err)
			}
			next := storage(t, usual)
			if subject, ok := next.Recall(relay, tt.token); ok != tt.known || ok && subject != "zoë" {
				t.Errorf("%q, %v", subject, ok)
			}
			if _, ok := next.Recall("wss://other/", tt.noted); ok {
				t.Error("another relay's is known")
			}
			note := js.Global().Get("JSON").Call("stringify", js.Global().Get("sessionStorage")).String()
			if strings.Contains(note, tt.noted) || strings.Contains(note, "signature") {
				t.Errorf("the tab has %s", note)
			}
		})
	}
}

// Nobody is known whose name is empty only where nobody was noted, and a later note counts.
func TestRecallLast(t *testing.T) {
	t.Cleanup(func() { js.Global().Get("sessionStorage").Call("clear") })
	s := storage(t, usual)
	for _, subject := range []string{"ann", "", "ben"} {
		if err := s.Remember(relay, "token", subject); err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Recall(relay, "token"); !ok || got != subject {
			t.Errorf("%q, %v, want %q", got, ok, subject)
		}
	}
}

// A frame without sessionStorage knows nobody.
func TestRecallWithoutStorage(t *testing.T) {
	s := storage(t, usual)
	replace(t, js.Global(), "sessionStorage", js.Undefined())
	if err := s.Remember(relay, "token", "ann"); err == nil {
		t.Error("it remembers all the same")
	}
	if subject, ok := s.Recall(relay, "token"); ok {
		t.Errorf("it knows %q", subject)
	}
}
