package daemon

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"net/http"
	"time"

	"commdn/relay"
	"commdn/relay/audit"
	"commdn/relay/auth"
	"commdn/relay/config"
	"commdn/relay/journal"
	"commdn/relay/metrics"
)

// AuditStatus is how the audit is.
type AuditStatus struct {
	Chain    string    `json:"chain,omitempty"` // empty: there is none
	Entries  uint64    `json:"entries"`         // that were ever written
	Last     time.Time `json:"last,omitzero"`
	Failures uint64    `json:"failures"` // entries that could not be written since the start
	Signs    bool      `json:"signs"`    // there is a key for checkpoints
	None     string    `json:"none,omitempty"`
}

func (d *Daemon) auditStatus() AuditStatus {
	if d.audit == nil {
		return AuditStatus{None: noAudit(d.conf.Load())}
	}
	c := d.audit.Counts()
	return AuditStatus{Chain: c.Chain, Entries: c.Last, Last: c.At, Failures: c.Failures, Signs: c.Signs}
}

// noAudit says why there is none.
func noAudit(c *config.Config) string {
	if c.Journal.On() {
		return "the configuration says audit: off"
	}
	return "the journal is in memory"
}

// auditKey reads the key for checkpoints; nil: none is named.
func (s *setup) auditKey() (ed25519.PrivateKey, error) {
	if s.conf.Audit.KeyFile == "" {
		return nil, nil
	}
	key, err := audit.ReadKey(string(s.conf.Audit.KeyFile))
	if err != nil {
		return nil, fmt.Errorf("audit.key_file: %w", err)
	}
	return key, nil
}

// openAudit opens the audit beside the journal, and its door for auditors.
func (d *Daemon) openAudit(c *config.Config, to *relay.Options) error {
	if !c.AuditOn() {
		d.log.Warn("there is no audit: nobody can say later who asked for what", "reason", noAudit(c))
		return nil
	}
	key, err := d.setup.auditKey()
	if err != nil {
		return err
	}
	name, err := d.name()
	if err != nil {
		return err
	}
	d.audit, err = audit.Open(context.Background(), audit.Options{
		Share: d.journal.Share(), Waiting: d.journal.Waiting, Relay: name, Keep: c.Audit.Keep, Key: key, Log: d.log,
	})
	if err != nil {
		return err
	}
	to.Audit = d.audit
	if to.Auth != nil {
		door := audit.Door{Log: d.audit, Auth: to.Auth, Grant: func(id auth.Identity) *auth.Grant { return d.srv.Grant(id) }, Slog: d.log}
		to.Routes = map[string]http.Handler{"POST /audit": door.Handler()}
	}
	counts := d.audit.Counts()
	d.log.Info("audit", "chain", counts.Chain, "entries", counts.Last, "keep", c.Audit.Keep, "signs", counts.Signs)
	return metrics.NewAudit(d.metrics, func() metrics.Audit {
		c := d.audit.Counts()
		return metrics.Audit{Entries: c.Last, Failures: c.Failures}
	})
}

var errNoAudit = errors.New("this relay has no audit")

// AuditProof is what POST /audit/verify takes. All may be missing.
type AuditProof struct {
	Checkpoint *audit.Signed `json:"checkpoint,omitempty"`
	Key        string        `json:"key,omitempty"` // public, in PEM; empty: that of the relay
}

// AuditPerson is what POST /audit/erase takes: one of the two.
type AuditPerson struct {
	Phone    string `json:"phone,omitempty"`
	Customer string `json:"customer_id,omitempty"`
}

// AuditErased is what POST /audit/erase gives.
type AuditErased struct {
	Entries int `json:"entries"`
}

// adminAudit answers POST /audit with an audit.Ask, /audit/verify with an AuditProof,
// /audit/checkpoint, and /audit/erase with an AuditPerson.
func (d *Daemon) adminAudit(mux *http.ServeMux, answer func(http.ResponseWriter, any)) {
	handle := func(pattern string, do func(w http.ResponseWriter, r *http.Request) (any, error)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			var v any
			var err error
			if d.audit != nil {
				v, err = do(w, r)
			} else {
				err = fmt.Errorf("%w: %s", errNoAudit, noAudit(d.conf.Load()))
			}
			switch {
			case err != nil:
				http.Error(w, err.Error(), http.StatusBadRequest)
			case v != nil:
				answer(w, v)
			}
		})
	}
	handle("POST /audit", func(w http.ResponseWriter, r *http.Request) (any, error) {
		d.audit.Serve(w, r, audit.Reader{Door: "admin socket"})
		return nil, nil
	})
	handle("POST /audit/checkpoint", func(_ http.ResponseWriter, r *http.Request) (any, error) { return d.audit.Checkpoint(r.Context()) })
	handle("POST /audit/verify", func(_ http.ResponseWriter, r *http.Request) (any, error) {
		var p AuditProof
		if err := readBody(r, &p); err != nil {
			return nil, err
		}
		key := d.audit.PublicKey()
		if p.Key != "" {
			var err error
			if key, err = audit.ParsePublicKey([]byte(p.Key)); err != nil {
				return nil, err
			}
		}
		return d.audit.Verify(r.Context(), p.Checkpoint, key)
	})
	handle("POST /audit/erase", func(_ http.ResponseWriter, r *http.Request) (any, error) {
		var p AuditPerson
		if err := readBody(r, &p); err != nil {
			return nil, err
		}
		n, err := d.audit.Erase(r.Context(), p.Phone, p.Customer)
		return AuditErased{n}, err
	})
}

// auditJournal writes down what an administrator is about to do with a request in the
// journal.
func (d *Daemon) auditJournal(ctx context.Context, what string, item journal.Item) error {
	if d.audit == nil {
		return nil
	}
	return d.audit.Administered(ctx, map[string]audit.Kind{"retry": audit.Retried, "drop": audit.Dropped}[what], item)
}
