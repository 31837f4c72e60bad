package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"commdn/protocol/client"
	"commdn/protocol/commdn"
)

// hold is ask for a request that the relay holds for a window, in which the end of ctx
// takes it back. The window 0 is none. told is that of client.Follow.
func (s *session) hold(ctx context.Context, req commdn.Request, window time.Duration, stderr io.Writer, told func(client.Event)) ([]commdn.Message, error) {
	if window == 0 || ctx.Err() != nil {
		return s.follow(ctx, req, told)
	}
	switch most := s.Status().Undo; {
	case most == 0:
		return nil, &exitError{exitInvalid, fmt.Errorf("the relay at %s holds nothing back, so that nothing was sent; ask without --undo", s.relay)}
	case most < window:
		window = most
	}
	fmt.Fprintf(stderr, "commdn: held for %s; Ctrl-C takes it back\n", window)
	asking, giveUp := context.WithCancelCause(context.WithoutCancel(ctx))
	defer giveUp(nil)
	late := time.AfterFunc(window+s.within, func() { giveUp(fmt.Errorf("no answer within %v", window+s.within)) })
	defer late.Stop()
	stop := context.AfterFunc(ctx, func() {
		if !s.Undo(req) {
			giveUp(errors.New("interrupted, when it was too late to take it back"))
		}
	})
	defer stop()
	answers, err := s.Hold(asking, req, window, told)
	return answers, s.explain(asking, req, err)
}
