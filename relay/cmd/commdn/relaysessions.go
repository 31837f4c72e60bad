package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"commdn/relay"
	"commdn/relay/daemon"
	"commdn/relay/internal/maskhash"
)

type relaySessionsCmd struct {
	adminFlags
	End       string `help:"End this session. Its client does not come back by itself." placeholder:"NAME" xor:"end"`
	EndPerson string `help:"End all sessions of a person, by subject or by name." placeholder:"WHO" xor:"end"`
}

// Run lists the sessions, or those that it has ended.
func (c *relaySessionsCmd) Run(e *env) error {
	var all []relay.Session
	read := func(body io.Reader) error { return json.NewDecoder(body).Decode(&all) }
	var err error
	if c.End == "" && c.EndPerson == "" {
		err = c.send(e.ctx, http.MethodGet, "/sessions", nil, 10*time.Second, read)
	} else {
		var whose []byte
		if whose, err = json.Marshal(daemon.Whose{Session: c.End, Person: c.EndPerson}); err == nil {
			err = c.send(e.ctx, http.MethodPost, "/sessions/end", bytes.NewReader(whose), 10*time.Second, read)
		}
	}
	if err != nil {
		return err
	}
	if c.Output == formatJSON {
		return writeJSON(e.stdout, all)
	}
	t := tabwriter.NewWriter(e.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "SESSION\tPERSON\tSUBJECT\tROLES\tADDRESS\tSINCE\tREQUESTS")
	for _, s := range all {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\t%d\n", s.Name, cell(s.Person), cell(s.Subject), strings.Join(s.Roles, ","), s.Address, moment(s.Since), s.Requests)
	}
	return t.Flush()
}

// cell shows what somebody else has named: quoted where it could spoil the table.
func cell(s string) string {
	if s == "" {
		return "-"
	}
	if quoted := fmt.Sprintf("%q", s); quoted != `"`+s+`"` {
		return quoted
	}
	return s
}

type relayBundleCmd struct {
	Socket string `help:"The relay's admin socket, admin_socket in its configuration." env:"COMMDN_ADMIN_SOCKET" placeholder:"PATH" complete:"file"`
	File   string `arg:"" optional:"" help:"File to write, which must not be there yet; - is the standard output. Without it: commdn-TIME.tar.gz here." complete:"file"`
}

// Help is what commdn relay bundle --help says further.
func (relayBundleCmd) Help() string {
	return `The file has: versions, the configuration in use without secrets, the status with how each OCS answers, metrics, goroutines, and the last lines of the log. Numbers are masked there; people and addresses are not.`
}

// Run writes the bundle. A file that could not be written to its end is removed.
func (c *relayBundleCmd) Run(e *env) (err error) {
	name := c.File
	if name == "" {
		name = "commdn-" + time.Now().UTC().Format("20060102T150405Z") + ".tar.gz"
	}
	out := e.stdout
	if name != "-" {
		f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return fmt.Errorf("commdn: relay: %w", err)
		}
		defer f.Close()
		out = f
	}
	admin := adminFlags{Socket: c.Socket}
	err = admin.send(e.ctx, http.MethodGet, "/bundle", nil, time.Minute, func(body io.Reader) error {
		_, err := io.Copy(out, body)
		return err
	})
	if name == "-" {
		return err
	}
	if f := out.(*os.File); err == nil {
		if err = f.Close(); err == nil {
			fmt.Fprintln(e.stdout, name)
			return nil
		}
	}
	return errors.Join(err, os.Remove(name))
}

type logCmd struct {
	Hash logHashCmd `cmd:"" help:"Print the hash that a relay's log has by a masked number."`
}

type logHashCmd struct {
	Number  string `arg:"" help:"Phone or customer id, exactly as it was sent; - reads it from the standard input."`
	KeyFile string `help:"log.hash_key_file of the relay." placeholder:"FILE" complete:"file"`
	Socket  string `help:"Admin socket of a running relay, where there is no key file: it makes a key at each start." env:"COMMDN_ADMIN_SOCKET" placeholder:"PATH" complete:"file"`
}

// Help is what commdn log hash --help says further.
func (logHashCmd) Help() string {
	return `Example: journalctl -u commdn-relay | grep "$(commdn log hash 5551234567 --key-file /etc/commdn/log.key)"`
}

// Run prints the hash.
func (c *logHashCmd) Run(e *env) error {
	number := c.Number
	if number == "-" {
		text, err := io.ReadAll(io.LimitReader(e.stdin, 4<<10))
		if err != nil {
			return err
		}
		number = strings.TrimRight(string(text), "\r\n")
	}
	if number == "" {
		return &exitError{exitUsage, errors.New("commdn: log hash: the number is empty")}
	}
	var hash string
	switch {
	case c.KeyFile != "":
		key, err := maskhash.ReadKey(c.KeyFile)
		if err != nil {
			return fmt.Errorf("commdn: log hash: %w", err)
		}
		hash = key.Of(number)
	case c.Socket != "":
		admin := adminFlags{Socket: c.Socket}
		err := admin.send(e.ctx, http.MethodPost, "/hash", strings.NewReader(number), 10*time.Second, func(body io.Reader) error {
			return json.NewDecoder(body).Decode(&hash)
		})
		if err != nil {
			return err
		}
	default:
		return &exitError{exitUsage, errors.New("commdn: log hash: give --key-file FILE, log.hash_key_file of the relay, or --socket PATH, its admin_socket")}
	}
	_, err := fmt.Fprintln(e.stdout, hash)
	return err
}
