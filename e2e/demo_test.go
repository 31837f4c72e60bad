// Package e2e drives the built binary with headless Chromium, as a person
// would: with mouse and keyboard.
package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"
	"time"

	"commdn/relay/fronttest"
	"commdn/relay/habits/habitstest"
)

// demo is a running `commdn demo`, or another relay for pages.
type demo struct {
	*process
	addr  string           // HOST:PORT for the pages
	front *fronttest.Front // nil unless it can restart
	at    string           // where it listens behind front
	args  []string
}

// startDemo runs the binary with the test's own arguments and args. It listens on a port
// from the system, and prints its URL.
func startDemo(t testing.TB, args ...string) *demo {
	t.Helper()
	d := &demo{process: start(t, demoArgs(args)...)}
	d.addr = d.says(demoURL)
	return d
}

// restartable is startDemo for tests that kill and restart the demo: the address stays
// the same.
func restartable(t testing.TB, args ...string) *demo {
	t.Helper()
	f := fronttest.New(t)
	d := &demo{process: &process{t: t}, addr: f.Addr(), front: f, args: args}
	d.start()
	return d
}

func demoArgs(more []string) []string {
	return append([]string{"demo", "--listen", "127.0.0.1:0", "--as", habitstest.Name()}, more...)
}

const demoURL = `http://([^/]+)/`

// start restarts a killed demo from restartable.
func (d *demo) start() {
	d.t.Helper()
	if d.front == nil {
		d.t.Fatal("only a demo of restartable can be started again")
	}
	d.process = start(d.t, demoArgs(d.args)...)
	d.at = d.says(demoURL)
	d.front.Use(d.at)
}

// kill ends the process without a chance to say goodbye.
func (d *demo) kill() {
	d.process.kill()
	if d.front != nil {
		d.front.Use("")
	}
}

func (d *demo) url() string { return "http://" + d.addr + "/" }

// entry is one entry of /sim/api/dnc.
type entry struct {
	Phone      string    `json:"phone"`
	CustomerID string    `json:"customer_id"`
	Time       time.Time `json:"time"`
}

// onlyChain reports whether the list has the demo's first customer and nothing else: the
// number that was clicked, and the other one of its chain.
func onlyChain(l []entry) bool {
	return len(l) == 2 && l[0].Phone == "5551234567" && l[0].CustomerID == "C-1042" && l[1].Phone == "5551234568"
}

// list returns the simulated Do Not Call list.
func (d *demo) list() []entry {
	d.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.url()+"sim/api/dnc", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		d.t.Fatal(err)
	}
	var entries []entry
	err = json.NewDecoder(resp.Body).Decode(&entries)
	if err := errors.Join(err, resp.Body.Close()); err != nil {
		d.t.Fatal(err)
	}
	return entries
}

// on counts the entries of a phone in the list.
func (d *demo) on(phone string) int {
	d.t.Helper()
	n := 0
	for _, e := range d.list() {
		if e.Phone == phone {
			n++
		}
	}
	return n
}
