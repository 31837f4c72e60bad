package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"text/tabwriter"
	"time"

	"commdn/relay/audit"
	"commdn/relay/daemon"
)

// auditTime is how long the relay has to read its whole audit.
const auditTime = 10 * time.Minute

type auditVerifyCmd struct {
	adminFlags
	Checkpoint string `help:"File with a checkpoint that was kept elsewhere." placeholder:"FILE" complete:"file"`
	Key        string `help:"File with the public key of that time, in PEM; without it the relay's present one." placeholder:"FILE" complete:"file"`
}

// Run proves the audit.
func (c *auditVerifyCmd) Run(e *env) error {
	var proof daemon.AuditProof
	if c.Checkpoint != "" {
		data, err := os.ReadFile(c.Checkpoint)
		if err == nil {
			if err = json.Unmarshal(data, &proof.Checkpoint); err != nil {
				err = fmt.Errorf("%s is no checkpoint: %w; commdn audit checkpoint writes one", c.Checkpoint, err)
			}
		}
		if err != nil {
			return fmt.Errorf("commdn: %w", err)
		}
	}
	if c.Key != "" {
		data, err := os.ReadFile(c.Key)
		if err != nil {
			return fmt.Errorf("commdn: %w", err)
		}
		proof.Key = string(data)
	}
	var r audit.Report
	if err := c.post(e, "/audit/verify", proof, &r); err != nil {
		return err
	}
	var failed error
	if n := len(r.Problems) + r.More; n > 0 {
		failed = &exitError{exitInvalid, fmt.Errorf("commdn: the audit was changed: %d problems", n)}
	}
	if c.Output == formatJSON {
		return errors.Join(writeJSON(e.stdout, r), told(failed))
	}
	return errors.Join(writeReport(e.stdout, &r), failed)
}

// post has the relay do something with its audit, and reads what it gives.
func (f *adminFlags) post(e *env, path string, with, v any) error {
	body, err := json.Marshal(with)
	if err != nil {
		return err
	}
	return f.send(e.ctx, http.MethodPost, path, bytes.NewReader(body), auditTime, func(body io.Reader) error { return json.NewDecoder(body).Decode(v) })
}

func writeReport(out io.Writer, r *audit.Report) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(t, "chain\t%s\n", r.Chain)
	fmt.Fprintf(t, "entries\t%d, from %d of %s to %d of %s\n", r.Entries, r.First, moment(r.Since), r.Last, moment(r.Until))
	fmt.Fprintf(t, "last hash\t%s\n", r.Hash)
	for _, row := range []struct {
		name string
		n    uint64
		what string
	}{{"removed", r.Removed, "entries for their age"}, {"erased", r.Erased, "entries without their person"}, {"clock", uint64(r.Back), "times it went back"}} {
		if row.n > 0 {
			fmt.Fprintf(t, "%s\t%d %s\n", row.name, row.n, row.what)
		}
	}
	fmt.Fprintf(t, "compared with\t%s\n", r.Proof)
	for _, p := range r.Problems {
		fmt.Fprintf(t, "problem\t%s\n", p)
	}
	if r.More > 0 {
		fmt.Fprintf(t, "problem\t%d more\n", r.More)
	}
	if len(r.Problems) == 0 {
		fmt.Fprintf(t, "result\tunchanged\n")
	}
	return t.Flush()
}

type auditCheckpointCmd struct {
	Socket string `help:"The relay's admin socket, admin_socket in its configuration." env:"COMMDN_ADMIN_SOCKET" placeholder:"PATH" complete:"file"`
	File   string `arg:"" optional:"" help:"File to write, which must not be there yet. Without it: the standard output." complete:"file"`
}

// Run signs the audit.
func (c *auditCheckpointCmd) Run(e *env) error {
	admin := adminFlags{Socket: c.Socket}
	var s audit.Signed
	if err := admin.post(e, "/audit/checkpoint", struct{}{}, &s); err != nil {
		return err
	}
	if c.File == "" {
		return writeJSON(e.stdout, s)
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fmt.Errorf("commdn: %w", err)
	}
	if err := errors.Join(writeJSON(f, s), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("commdn: %w", err)
	}
	fmt.Fprintf(e.stderr, "entry %d of chain %s, signed with the key %s\n", s.Sequence, s.Chain, s.Key)
	return nil
}

type auditEraseCmd struct {
	adminFlags
	Phone      string `help:"Everything about this number, as it was asked or sent; only digits count." placeholder:"NUMBER" required:"" xor:"person"`
	CustomerID string `help:"Everything about this customer." placeholder:"ID" required:"" xor:"person"`
}

// Run erases a person.
func (c *auditEraseCmd) Run(e *env) error {
	var done daemon.AuditErased
	if err := c.post(e, "/audit/erase", daemon.AuditPerson{Phone: c.Phone, Customer: c.CustomerID}, &done); err != nil {
		return err
	}
	if c.Output == formatJSON {
		return writeJSON(e.stdout, done)
	}
	_, err := fmt.Fprintf(e.stdout, "erased from %d entries\n", done.Entries)
	return err
}
