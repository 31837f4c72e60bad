package sequence

import "testing"

// TestValueRemoved: without a value the draft is empty, as a form that is reset; what
// follows counts again.
func TestValueRemoved(t *testing.T) {
	r := ready(t)
	if r.names() != "12 13" {
		t.Fatalf("began with %q", r.names())
	}
	r.Remove("value")
	if r.names() != "" || r.c.draft.description != "" || r.c.draft.start != 0 {
		t.Errorf("left are %q, %q, %d", r.names(), r.c.draft.description, r.c.draft.start)
	}
	r.Set("value", two)
	if r.names() != "12 13" {
		t.Errorf("afterwards %q", r.names())
	}
}
