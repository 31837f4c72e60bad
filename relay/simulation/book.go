package simulation

import (
	"context"
	"errors"
	"time"

	"commdn/relay/desk"
)

// book is the audit of a process: desk.Audit. What is in it is on disk; that each deed is
// there in time is for the ledger to see. The chain is tested in package audit.
type book struct {
	w    *world
	host *host
	dice *dice
}

func (w *world) book(h *host) *book {
	return &book{w: w, host: h, dice: newDice(h.lots.of("audit").Uint64(), "audit")}
}

func (b *book) Record(_ context.Context, d *desk.Deed) error {
	if b.host.pass() != nil {
		b.host.sleep(time.Second, nil)
		return errDead
	}
	w := b.w
	if !w.plan.cluster && w.plan.full.after(w.now()) != w.now() {
		w.ledger.unwritten(d)
		return errors.New("no space left on device")
	}
	b.host.sleep(between(b.dice.of(d.ID.Key), 100*time.Microsecond, 5*time.Millisecond), nil)
	if err := b.host.pass(); err != nil {
		return err
	}
	if w.planted != NoAudit {
		w.ledger.deed(d)
	}
	return nil
}

// Note is told of what changed nothing.
func (*book) Note(*desk.Deed) {}
