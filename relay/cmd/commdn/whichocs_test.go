package main

import (
	"fmt"
	"strings"
	"testing"
)

// Where it is not clear which OCS is meant, and where a backup is named, the refusal says
// what to write.
func TestWhichOCS(t *testing.T) {
	t.Parallel()
	sim := serving(t, "sim", "--listen", "127.0.0.1:0", "--backup-listen", "127.0.0.1:0", "--http", "off", "--scenario", "two-ocs")
	r := serving(t, "relay", "--config", written(t, "relay.yaml", fmt.Sprintf(
		"listen: 127.0.0.1:0\nlinks: [{name: madrid, servers: ['%s'], comm_dn: CommDN_1, application: commdn, app_dbid: 101, ocs: [{dbid: 201, backup: 203}, 202]}]\n", sim.word(4))))
	r.log.wait(t, "T-Server link is up")
	url := strings.Replace(r.word(2), "http://", "ws://", 1) + "/ws"
	for args, want := range map[string]string{
		"campaign status 1001/501":           "say which OCS: 201 or 202 (on the command line with --ocs)",
		"campaign stop 1001/501":             "say which OCS: 201 or 202 (on the command line with --ocs)",
		"campaign status 1001/501 --ocs 203": "OCS 203 is the backup of 201: ask OCS 201, and whichever of the two is active answers",
		"dnc 5551 --ocs 203":                 "OCS 203 is the backup of 201: ask OCS 201",
		"campaign status 1001/501 --ocs 201": "",
	} {
		code, stdout, stderr := invoke(t, "", with(url, append(strings.Fields(args), "-o", "json")...)...)
		got := object(t, stdout)
		if want == "" && code != 0 || want != "" && (code != exitInvalid || got["state"] != "refused" || got["retryable"] != false || !strings.Contains(stderr, want)) {
			t.Errorf("%s: exit %d\n%s%s", args, code, stdout, stderr)
		}
	}
}
