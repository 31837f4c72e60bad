package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net"
	"regexp"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/relay"
	"commdn/relay/sim"
	"commdn/relay/sim/scenario"
	"commdn/relay/web"
)

func TestDnc(t *testing.T) {
	t.Parallel()
	url, r := installation(t, nil, []string{"--ocs", "201"})
	for name, c := range map[string]struct {
		args           []string
		code           int
		stdout, stderr string
	}{
		"phone": {[]string{"5550104477"}, 0, "OCS 201: on the Do Not Call list\n", ""},
		"all of it, as JSON": {
			[]string{"5550104477", "--customer-id", "K-81723", "--chain", "RecordOnly", "--ocs", "201", "-o", "json"}, 0,
			`{"row":0,"phone":"5550104477","customer_id":"K-81723","chain":"RecordOnly","campaign":"",` + fine + `,"answers":[{"ocs":201,"phone":"5550104477","ok":true,"incomplete":false,"code":0,"name":"","message":""}]}` + "\n", "",
		},
		"customer": {
			[]string{"--customer-id", "K-81723", "-o", "json"}, 0,
			`{"row":0,"phone":"","customer_id":"K-81723","chain":"AllChain","campaign":"",` + fine + `,"answers":[{"ocs":201,"phone":"","ok":true,"incomplete":false,"code":0,"name":"","message":""}]}` + "\n", "",
		},
		"OCS refuses": {
			[]string{refusedPhone}, exitInvalid, "",
			"OCS 201 refused: CM_ERROR_INVALID_PARAMETER (10): a parameter of the request is invalid\n",
		},
		"OCS refuses, as JSON": {
			[]string{refusedPhone, "-o", "json"}, exitInvalid,
			`{"row":0,"phone":"` + refusedPhone + `","customer_id":"","chain":"AllChain","campaign":"","ok":false,"state":"refused",` +
				`"error":"OCS 201 refused: CM_ERROR_INVALID_PARAMETER (10): a parameter of the request is invalid",` +
				`"code":10,"name":"CM_ERROR_INVALID_PARAMETER","message":"a parameter of the request is invalid","retryable":false,` +
				`"answers":[{"ocs":201,"phone":"","ok":false,"incomplete":false,"code":10,"name":"CM_ERROR_INVALID_PARAMETER","message":"a parameter of the request is invalid"}]}` + "\n",
			"OCS 201 refused: CM_ERROR_INVALID_PARAMETER (10): a parameter of the request is invalid\n",
		},
		"relay refuses": {
			[]string{"5550104477", "--ocs", "999"}, exitInvalid, "",
			"relay: no OCS with DBID 999 is known here; known: 201\n",
		},
	} {
		t.Run(name, func(t *testing.T) {
			code, stdout, stderr := invoke(t, "", append([]string{"dnc", "--relay", url}, c.args...)...)
			if code != c.code || timeless(t, stdout) != c.stdout || stderr != c.stderr {
				t.Errorf("exit %d\nstdout: %sstderr: %s", code, stdout, stderr)
			}
		})
	}
	for _, secret := range []string{"5550104477", refusedPhone, "K-81723"} {
		if text := r.log.String(); strings.Contains(text, secret) {
			t.Errorf("the relay's log gives %s away:\n%s", secret, text)
		}
	}
}

// fine is what a result says that has come to a good end.
const fine = `"ok":true,"state":"done","error":"","code":0,"name":"","message":"","retryable":false`

// timeless takes the time out of a result, which has to be one of now.
func timeless(t *testing.T, stdout string) string {
	t.Helper()
	return regexp.MustCompile(`,"time":"([^"]*)"`).ReplaceAllStringFunc(stdout, func(found string) string {
		when, err := time.Parse(`,"time":"`+time.RFC3339Nano+`"`, found)
		if err != nil || time.Since(when).Abs() > time.Hour {
			t.Errorf("time %s: %v", found, err)
		}
		return ""
	})
}

func TestDncTwoOCS(t *testing.T) {
	t.Parallel()
	url, _ := installation(t, []string{"--scenario", "two-ocs"}, []string{"--ocs", "201,202"})
	code, stdout, stderr := invoke(t, "", "dnc", "5550104477", "--relay", url)
	for _, want := range []string{"OCS 201: on the Do Not Call list\n", "OCS 202: on the Do Not Call list\n"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("exit %d\nstdout: %sstderr: %s", code, stdout, stderr)
		}
	}
}

// What one OCS answers is printed while another one is silent, and once.
func TestDncOneSilent(t *testing.T) {
	t.Parallel()
	sim := serving(t, "sim", "--listen", "127.0.0.1:0", "--backup-listen", "127.0.0.1:0", "--http", "off", "--scenario", written(t, "two.yaml", `
applications:
  - {dbid: 201, name: OCS_1, type: ocs, connections: [101]}
  - {dbid: 202, name: OCS_2, type: ocs}
  - {dbid: 203, name: OCS_3, type: ocs, connections: [101]}
  - {dbid: 101, name: commdn, type: third-party-server}
comm_dns: [{number: CommDN_1}]
faults: [{do: refuse, ocs: 203, error: invalid-parameter}]
`))
	r := serving(t, "relay", "--config", written(t, "relay.yaml", fmt.Sprintf(
		"listen: 127.0.0.1:0\nlinks: [{name: madrid, servers: ['%s'], comm_dn: CommDN_1, application: commdn, app_dbid: 101, ocs: [201, 202, 203]}]\nlimits: {answer_timeout: 1m}\ndrain_timeout: 100ms\n", sim.word(4))))
	r.log.wait(t, "T-Server link is up")
	url := strings.Replace(r.word(2), "http://", "ws://", 1) + "/ws"
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out, errs := &safeBuffer{}, &safeBuffer{}
	code := make(chan int, 1)
	go func() {
		code <- run(&env{ctx: ctx, stdin: strings.NewReader(""), stdout: out, stderr: errs}, with(url, "dnc", "5550104477", "--timeout", "10m"))
	}()
	out.wait(t, "OCS 201: on the Do Not Call list\n")
	out.wait(t, "OCS 203: not taken: CM_ERROR_INVALID_PARAMETER (10)")
	cancel() // 202 stays silent
	if got := <-code; got != exitUnknown || strings.Count(out.String(), "\n") != 2 || !strings.HasSuffix(errs.String(), "not known to be done: interrupted\n") {
		t.Errorf("exit %d\n%s%s", got, out, errs)
	}
}

func TestDncLinkDown(t *testing.T) {
	t.Parallel()
	r := serving(t, "relay", "--listen", "127.0.0.1:0", "--tserver", "127.0.0.1:1")
	r.log.wait(t, "T-Server link is down")
	url := strings.Replace(r.word(2), "http://", "ws://", 1) + "/ws"
	code, stdout, stderr := invoke(t, "", "dnc", "5550104477", "--relay", url)
	if code != exitNoAnswer || stdout != "" || !strings.HasPrefix(stderr, "relay: no link to T-Server since ") {
		t.Errorf("exit %d\nstdout: %sstderr: %s", code, stdout, stderr)
	}
}

func TestDncNoAnswer(t *testing.T) {
	t.Parallel()
	s, err := sim.Start(sim.Options{Scenario: scenario.Shipped("no-connection")})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	l, err := web.Listen("127.0.0.1:0", false)
	if err != nil {
		t.Fatal(err)
	}
	log := &safeBuffer{}
	srv, err := relay.New(relay.Options{
		Links:         []relay.Link{{TServer: link([]string{s.Addr()}, s.CommDN(), "commdn"), AppDBID: 101}},
		AnswerTimeout: 2 * time.Second, Log: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- srv.Serve(ctx, l) }()
	defer func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	log.wait(t, "T-Server link is up")
	url := "ws://" + l.Addr().String() + "/ws"

	code, _, stderr := invoke(t, "", "dnc", "5550104477", "--relay", url)
	if code != exitUnknown || !strings.HasPrefix(stderr, "relay: OCS did not answer within 2s; ") {
		t.Errorf("OCS is silent: exit %d, %s", code, stderr)
	}
	code, _, stderr = invoke(t, "", "dnc", "5550100001", "--relay", url, "--timeout", "1s")
	if want := "sent to the relay at " + url + ", but not known to be done: no answer within 1s\n"; code != exitUnknown || stderr != want {
		t.Errorf("less patient than the relay: exit %d, %s", code, stderr)
	}

	// What may be sent again, and what had better not.
	for args, retryable := range map[string]bool{"dnc 5550100001": true, "campaign status 1001/502 --ocs 201": true, "campaign load 1001/502 --ocs 201 --dial-mode 1 --optimize-by 1 --goal 80": false} {
		code, stdout, _ := invoke(t, "", with(url, append(strings.Fields(args), "--timeout", "1s", "-o", "json")...)...)
		if got := object(t, stdout); code != exitUnknown || got["state"] != "unknown" || got["retryable"] != retryable {
			t.Errorf("%s: exit %d, %v", args, code, got)
		}
	}

	// Ctrl-C while the answer is awaited.
	interrupt, stop := context.WithCancel(t.Context())
	defer stop()
	events, unsubscribe := s.Subscribe(4)
	defer unsubscribe()
	go func() {
		for e := range events { // the relay asks an OCS that does not answer, too
			if m, err := commdn.Decode(e.UserData); err == nil && m.Type() == commdn.ReqDoNotCall {
				stop()
				return
			}
		}
	}()
	var out bytes.Buffer
	code = run(&env{ctx: interrupt, stdin: strings.NewReader(""), stdout: &out, stderr: &out}, []string{"dnc", "5550100002", "--relay", url})
	if want := "sent to the relay at " + url + ", but not known to be done: interrupted\n"; code != exitUnknown || out.String() != want {
		t.Errorf("interrupted: exit %d, %s", code, &out)
	}
}

func TestDncNoRelay(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := invoke(t, "", "dnc", "5550104477", "--relay", "ws://127.0.0.1:1/ws", "-o", "json")
	const why = "not connected to the relay at ws://127.0.0.1:1/ws: dial tcp 127.0.0.1:1: connect: connection refused"
	if code != exitNoAnswer || stderr != why+"\n" {
		t.Errorf("exit %d, %s", code, stderr)
	}
	if want := `{"row":0,"phone":"5550104477","customer_id":"","chain":"AllChain","campaign":"","ok":false,"state":"not-sent","error":"` + why + `","code":0,"name":"","message":"","retryable":true,"answers":[]}` + "\n"; timeless(t, stdout) != want {
		t.Errorf("stdout: %s", stdout)
	}

	// Something takes the connection and never answers.
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	url := "ws://" + l.Addr().String() + "/ws"
	code, _, stderr = invoke(t, "", "dnc", "5550104477", "--relay", url, "--timeout", "100ms")
	if want := "not connected to the relay at " + url + ": no answer within 100ms\n"; code != exitNoAnswer || stderr != want {
		t.Errorf("exit %d, %s", code, stderr)
	}
}

// There is no WebSocket at that address: what to write is said, and another try is of no
// use.
func TestDncOtherServer(t *testing.T) {
	t.Parallel()
	url, _ := installation(t, nil, nil)
	host := strings.TrimSuffix(url, "/ws")
	for _, address := range []string{host + "/healthz", host + "/nothing", strings.Replace(host, "ws://", "http://", 1) + "/nothing"} {
		code, stdout, stderr := invoke(t, "", "dnc", "5550104477", "--relay", address, "-o", "json")
		if code != exitNoAnswer || !strings.Contains(stderr, "the server has no WebSocket at that path (HTTP ") || !strings.HasSuffix(stderr, ": write "+url+"\n") || object(t, stdout)["retryable"] != false {
			t.Errorf("%s: exit %d\n%s%s", address, code, stdout, stderr)
		}
	}
}
