package desk_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"commdn/relay/desk"
)

// fullAudit cannot be written at first.
type fullAudit struct {
	refuses int
	ended   chan *desk.Deed
}

func (a *fullAudit) Record(_ context.Context, d *desk.Deed) error {
	if d.Kind != desk.DeedEnded {
		return nil
	}
	if a.refuses > 0 {
		a.refuses--
		return errors.New("no space left on device")
	}
	a.ended <- d
	return nil
}

func (*fullAudit) Note(*desk.Deed) {}

// An outcome that the audit cannot take is told, and is in the audit later.
func TestOutcomeInTheAuditLater(t *testing.T) {
	a := &fullAudit{refuses: 3, ended: make(chan *desk.Deed, 2)}
	r := newRig(t, desk.NewMemory(), func(o *desk.Options) { o.Audit = a }, &ocs{answer: acknowledge})
	ticket := r.must(source(), "k1", "5550100001")
	for n := 0; ; n++ {
		e, err := ticket.Next(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		if e.Kind == desk.Settled {
			if e.Refusal != nil {
				t.Fatalf("refused: %s", e.Refusal.Message)
			}
			break
		}
	}
	select {
	case d := <-a.ended:
		if d.ID.Key != "k1" || d.Outcome.Answer == nil {
			t.Errorf("%+v", d)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the outcome is not in the audit")
	}
}
