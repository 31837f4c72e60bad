package e2e

import (
	"fmt"
	"testing"
	"time"
)

// TestCloseAfterClick: a click counts also when the tab is closed at once. A program in a
// Worker loses it (docs/decisions/steps-instead-of-a-worker.md).
func TestCloseAfterClick(t *testing.T) {
	together(t)
	r, b := newKeptRig(t), newBrowser(t)
	for i := range 5 {
		phone := fmt.Sprintf("55500006%02d", i)
		p, end := b.tab(r.site.origin)
		p.wait(connected)
		p.set("dnc", "phone", phone)
		p.eval(`deep("dnc", ".main").click()`)
		end()
		for late := time.Now().Add(patience); r.times(phone) == 0; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(late) {
				t.Fatalf("OCS never hears of %s", phone)
			}
		}
	}
}
