package session

import (
	"testing"
	"testing/synctest"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// TestPreviewGivenUp: a question that is given up at once never reaches the client.
func TestPreviewGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		s := New(f, time.Now)
		defer s.Close()
		ask := func() (giveUp func()) {
			return s.Preview(&commdn.DoNotCall{Phone: "5551234567"}, func(frame.Forms) {})
		}
		ask()()
		time.Sleep(time.Second)
		if n := f.previewed.Load(); n != 0 {
			t.Errorf("a question given up was asked %d times", n)
		}
		giveUp := ask()
		time.Sleep(time.Second)
		giveUp()
		if n := f.previewed.Load(); n != 1 {
			t.Errorf("a question was asked %d times", n)
		}
	})
}
