package control_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"commdn/relay/internal/leak"
	"commdn/relay/sim"
	"commdn/relay/sim/control"
	"commdn/relay/sim/internal/simtest"
	"commdn/relay/sim/scenario"
)

func TestMain(m *testing.M) { leak.Main(m) }

// installation has two OCS, a backup T-Server, and a clock that stands still.
const installation = `
name: test
description: What the tests of this package work with
seed: 7
clock: {start: 2026-03-02T08:00:00Z, speed: 0}
tserver: {backup: true}
tenants: [{dbid: 1, name: Resources}, {dbid: 2, name: Other}]
applications:
  - {dbid: 201, name: OCS_201, type: ocs, connections: [101], ocs: {licensed: [predict, progress], dial_rate: 10, ring: 2s, talk: 10s}}
  - {dbid: 202, name: OCS_202, type: ocs, connections: [101], tenants: [1]}
  - {dbid: 101, name: relay, type: third-party-server}
comm_dns:
  - {number: CommDN_1}
  - {number: CommDN_2, disabled: true, outbound_contact_server: true}
  - {number: CommDN_3, outbound_contact_server: false}
groups: [{dbid: 501, name: Service, agents: 20}, {dbid: 502, name: Sales}]
calling_lists:
  - {dbid: 601, name: Written, records: [{phone: "5551", customer_id: C-1, chain: 1}, {phone: "5552", customer_id: C-1, chain: 1}, {phone: "5553"}]}
  - {dbid: 602, name: Made, generate: {customers: 1000}}
  - {dbid: 603, name: Elsewhere, generate: {customers: 40}}
campaigns:
  - {dbid: 1001, name: Autumn, calling_lists: [602, 601]}
  - {dbid: 1002, name: Renewals, calling_lists: [603]}
campaign_groups:
  - {campaign: 1001, group: 501, ocs: 201}
  - {campaign: 1002, group: 502, ocs: 202, dialing: {mode: progress, optimize_by: wait-time, goal: 10}}
do_not_call: [{customer_id: C-9}]
faults: [{do: delay, latency: 20ms, jitter: 10ms, percent: 50, request: do-not-call, phone: "5559"}]
`

// rig is a simulation with its API on HTTP.
type rig struct {
	*control.Client
	t   *testing.T
	url string // with a slash at its end
	sim *sim.Sim
}

func start(t *testing.T) *rig {
	t.Helper()
	return startWith(t, installation, func(o control.Options) http.Handler { return control.Handler(o) })
}

func startWith(t *testing.T, text string, handler func(control.Options) http.Handler) *rig {
	t.Helper()
	sc, err := scenario.Parse("test.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, sim: simtest.InProcess(t, sim.Options{Scenario: sc})}
	server := httptest.NewServer(handler(control.Options{Sim: r.sim, Version: "commdn/test"}))
	t.Cleanup(server.Close)
	r.url = server.URL + "/"
	if r.Client, err = control.Dial(r.url); err != nil {
		t.Fatal(err)
	}
	return r
}

// context bounds what a test asks for.
func (r *rig) context() context.Context {
	ctx, cancel := context.WithTimeout(r.t.Context(), simtest.Patience)
	r.t.Cleanup(cancel)
	return ctx
}

// must gives the value of a call that must succeed.
func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// ask makes a plain HTTP request; headers are name, value, name, value.
func (r *rig) ask(method, path, body string, headers ...string) (*http.Response, string) {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.context(), method, r.url+path, strings.NewReader(body))
	if err != nil {
		r.t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			request.Host = headers[i+1]
		}
		request.Header.Set(headers[i], headers[i+1])
	}
	answer, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		r.t.Fatal(err)
	}
	text, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		r.t.Fatal(err)
	}
	return answer, string(text)
}

// refused wants an error of the API with this status and these words in it.
func refused(t *testing.T, err error, status int, words string) *control.Error {
	t.Helper()
	e, ok := errors.AsType[*control.Error](err)
	if !ok || e.Status != status || !strings.Contains(e.Message, words) {
		t.Fatalf("%#v, want %d with %q", err, status, words)
	}
	return e
}
