package desk

import (
	"context"
	"log/slog"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/internal/loglimit"
	"commdn/relay/metrics"
)

// The log has one line for each request, at its end: who asked for what, from
// where, and what came of it. Phones and customer ids are masked, with a keyed hash
// by them, see package maskhash. A question for a status that the relay knew is
// logged at debug: nobody was asked, and nothing changed.

// answered logs and counts what OCS said.
func (d *Desk) answered(t *Ticket, actor Actor, by commdn.Message) {
	took := time.Since(t.started)
	outcome := d.o.Metrics.Answered(t.req, by, took)
	level, msg := slog.LevelInfo, "answered"
	if outcome == metrics.Fault {
		level, msg = slog.LevelWarn, "refused by OCS"
	}
	d.line(d.o.Log, level, msg, actor, t.source, t.id.Key, t.req,
		slog.String("outcome", outcome), milliseconds(took), slog.String("message", loglimit.Line(commdn.Trace(by, false))))
}

// refused logs and counts a refusal of the relay; log is Options.Limited where a
// client can cause it without limit. req is nil where there is none
// that can be read; took is 0 where nothing was sent.
func (d *Desk) refused(log *slog.Logger, actor Actor, source *Source, key string, req commdn.Request, r *frame.Refusal, took time.Duration) {
	d.o.Metrics.Refused(r.Code)
	d.line(log, slog.LevelWarn, "refused", actor, source, key, req,
		slog.String("outcome", "refused"), slog.String("code", r.Code.String()), milliseconds(took), slog.String("reason", loglimit.Foreign(r.Message)))
}

// tookBack logs and counts a request that was undone.
func (d *Desk) tookBack(t *Ticket, actor Actor) {
	if t.req != nil { // else an earlier version of the relay kept it
		d.o.Metrics.Undone(t.req)
	}
	d.line(d.o.Log, slog.LevelInfo, "undone", actor, t.source, t.id.Key, t.req,
		slog.String("outcome", frame.RefusedUndone.String()), milliseconds(time.Since(t.started)))
}

// known logs and counts an answer that the relay had.
func (d *Desk) known(actor Actor, source *Source, key string, req commdn.Request) {
	d.o.Metrics.Known(req)
	d.line(d.o.Log, slog.LevelDebug, "answered", actor, source, key, req, slog.String("outcome", "known"))
}

// line writes a line about a request.
func (d *Desk) line(log *slog.Logger, level slog.Level, msg string, actor Actor, source *Source, key string, req commdn.Request, more ...slog.Attr) {
	ctx := context.Background()
	if !log.Enabled(ctx, level) {
		return
	}
	all := append(make([]slog.Attr, 0, 20), slog.String("session", actor.Session), slog.String("key", key))
	if req != nil {
		all = append(all, slog.String("request", req.Type().String()))
		all = append(all, d.about(req)...)
	}
	all = append(all, slog.String("subject", actor.Subject), slog.String("person", actor.Name),
		slog.String("door", actor.Door), slog.String("address", source.Address()))
	log.LogAttrs(ctx, level, msg, append(all, more...)...)
}

// about says what a request is about.
func (d *Desk) about(req commdn.Request) (all []slog.Attr) {
	masked := func(name, s string) {
		if s != "" {
			all = append(all, slog.String(name, commdn.Mask(s)), slog.String(name+"_hash", d.o.Hash.Of(s)))
		}
	}
	switch r := req.(type) {
	case *commdn.DoNotCall:
		masked("phone", r.Phone)
		masked("customer", r.CustomerID)
	case *commdn.CancelRecord:
		masked("phone", r.Phone)
		masked("customer", r.CustomerID)
		if r.Campaign != "" {
			all = append(all, slog.String("campaign", loglimit.Foreign(r.Campaign)))
		}
	default:
		all = append(all, slog.String("asked", loglimit.Line(commdn.Trace(req, false))))
	}
	if to := req.Addr().Target; to != 0 {
		all = append(all, slog.Int("ocs", int(to)))
	}
	return all
}

func milliseconds(d time.Duration) slog.Attr {
	return slog.Float64("ms", float64(d.Round(100*time.Microsecond))/float64(time.Millisecond))
}
