package linkcheck

import (
	"strings"
	"testing"

	"commdn/protocol/commdn"
)

// A number that OCS writes in its own words is masked, unless it was typed for
// this check.
func TestFaultMasked(t *testing.T) {
	t.Parallel()
	fault := &commdn.Fault{Code: commdn.ErrorInvalidParameter, Message: "record 5551234567 is busy"}
	for step, shown := range map[string]bool{StepCampaign: false, StepDoNotCall: true} {
		c := &check{out: &Link{}}
		c.answer(step, "", 201, fault)
		got := c.out.Steps[0]
		if got.State != Fail || strings.Contains(got.Text, "5551234567") != shown || !strings.Contains(got.Text, "CM_ERROR_INVALID_PARAMETER (10)") {
			t.Errorf("%+v", got)
		}
	}
}
