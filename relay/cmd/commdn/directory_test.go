package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"commdn/relay/bridgetest"
)

func TestDirectoryCheck(t *testing.T) {
	t.Parallel()
	file, wrong := written(t, "directory.yaml", known), written(t, "wrong.yaml", "groups: [{dbid: 0, name: x}]\n")
	for args, want := range map[string]struct {
		code     int
		out, err string
	}{
		file:                          {0, "  serves  commdn (101)  a third-party-server in its Connections\n  on      CommDN_1", ""},
		file + " --application 101":   {0, "info:    CommDN_1 is taken", ""},
		file + " --application comdn": {exitInvalid, "error:   application \"comdn\" is not in the directory; did you mean commdn?\n", ""},
		file + " --comm-dn CommDN_2":  {exitInvalid, "error:   there is no CommDN \"CommDN_2\"", ""},
		file + " --ocs 202":           {exitInvalid, "error:   there is no application 202, which should be an OCS", ""},
		file + ".none":                {exitInvalid, "", "no such file"},
		wrong:                         {exitInvalid, "", "groups[0].dbid"},
		file + " --timeout never":     {exitUsage, "", "--timeout"},
		"unix:/nowhere/x":             {exitNoAnswer, "", "no such file"},
		"127.0.0.1:1":                 {exitNoAnswer, "", "connection refused"},
		"127.0.0.1:1 --ca-file " + file + " --cert-file " + file + " --key-file " + file: {exitInvalid, "", "holds no certificate in PEM"},
		"127.0.0.1:1 --ca-file " + file: {exitInvalid, "", "TLS needs the CA, the certificate and the key"},
		file + " --comm-dn":             {exitUsage, "", "--comm-dn"},
		"":                              {exitUsage, "", "expected \"<file>\""},
		"../../directory/testdata/export.json --application commdn": {0, "an export of Configuration Server", ""},
	} {
		code, stdout, stderr := invoke(t, "", append([]string{"directory", "check"}, strings.Fields(args)...)...)
		if code != want.code || !strings.Contains(stdout, want.out) || !strings.Contains(stderr, want.err) || want.err == "" && stderr != "" {
			t.Errorf("%s: exit %d\n%s%s", args, code, stdout, stderr)
		}
	}
}

// An export that Windows has written is refused with what to do, and read with it.
func TestDirectoryCheckEncoding(t *testing.T) {
	t.Parallel()
	file := written(t, "directory.yaml", strings.Replace(known, "Renewals", "Fr\xfchling", 1))
	code, stdout, stderr := invoke(t, "", "directory", "check", file)
	if code != exitInvalid || stdout != "" || !strings.HasPrefix(stderr, file+":8: is not UTF-8 text: ") || !strings.Contains(stderr, "--encoding") {
		t.Errorf("not said: exit %d, %s%s", code, stdout, stderr)
	}
	if code, stdout, stderr := invoke(t, "", "directory", "check", file, "--encoding", "windows-1252"); code != 0 || stderr != "" {
		t.Errorf("said: exit %d, %s%s", code, stdout, stderr)
	}
	if code, _, stderr := invoke(t, "", "directory", "check", file, "--encoding", "cp-1252"); code != exitUsage || !strings.HasPrefix(stderr, `commdn: --encoding: "cp-1252" is no encoding`) {
		t.Errorf("no encoding: exit %d, %s", code, stderr)
	}
}

// What a bridge sends is checked as a file is; what it says of Configuration
// Server in place of a directory is told.
func TestDirectoryCheckBridge(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../directory/testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, says string
		code       int
		out, err   string
	}{
		{"good", fmt.Sprintf("directory %d 1\n%s", len(data), data), 0, "  serves  ", ""},
		{"Configuration Server is down", "error CFGLoginIncorrect: wrong password\n", exitNoAnswer, "", "cannot read Configuration Server: CFGLoginIncorrect: wrong password"},
		{"no bridge", "HTTP/1.1 400 Bad Request\r\n", exitNoAnswer, "", "is it a bridge's directory.listen?"},
		{"silent", "", exitNoAnswer, "", "has sent no directory in time: nothing within 500ms"},
	} {
		t.Run(test.name, func(t *testing.T) {
			timeout := patience.String()
			if test.says == "" {
				timeout = "500ms"
			}
			l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
			if err != nil {
				t.Fatal(err)
			}
			var wg sync.WaitGroup
			wg.Go(func() {
				nc, err := l.Accept()
				if err != nil {
					return
				}
				defer nc.Close()
				in := bufio.NewReader(nc)
				_, _ = in.ReadString('\n')
				_, _ = io.WriteString(nc, test.says)
				_, _ = in.ReadByte()
			})
			defer wg.Wait()
			defer l.Close()
			code, stdout, stderr := invoke(t, "", "directory", "check", "unix:"+l.Addr().String(), "--application", "commdn", "--timeout", timeout)
			if code != test.code || !strings.Contains(stdout, test.out) || !strings.Contains(stderr, test.err) {
				t.Errorf("exit %d\n%s%s", code, stdout, stderr)
			}
		})
	}
}

// The same through a real bridge, over TCP.
func TestDirectoryCheckRealBridge(t *testing.T) {
	t.Parallel()
	if !bridgetest.Available(t) {
		return
	}
	export, err := filepath.Abs("../../directory/testdata/export.json")
	if err != nil {
		t.Fatal(err)
	}
	address := bridgetest.Start(t, bridgetest.Options{Export: export}).Directory
	code, stdout, stderr := invoke(t, "", "directory", "check", address, "--application", "commdn")
	if code != 0 || !strings.HasPrefix(stdout, "bridge "+address+": an export of Configuration Server") || !strings.Contains(stdout, "  serves  ") {
		t.Errorf("exit %d\n%s%s", code, stdout, stderr)
	}
}

// A pair is one OCS, which the configuration may name by its primary alone, as a pair, or
// not at all.
func TestDirectoryCheckPair(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	pair := strings.Replace(known, "{dbid: 201, ", "{dbid: 201, backup: 202, ", 1)
	pair = strings.Replace(pair, "comm_dns:", "  - {dbid: 202, name: OCS_1_B, type: ocs, connections: [101]}\ncomm_dns:", 1)
	c.write("directory.yaml", pair)
	file := c.config(c.signedIn(""))
	config := mustRead(t, file)
	for _, ocs := range []string{"", " ocs: [201],", " ocs: [{dbid: 201, backup: 202}],"} {
		c.write("relay.yaml", strings.Replace(config, "name: madrid,", "name: madrid,"+ocs, 1))
		code, stdout, stderr := invoke(t, "", "directory", "check", c.path("directory.yaml"), "--config", file)
		if code != 0 || stderr != "" || strings.Contains(stdout, "warning") || !strings.Contains(stdout, "OCS_1 (201) with its backup OCS_1_B (202) answers on CommDN_1: one of the two at a time") {
			t.Errorf("%q: exit %d\n%s%s", ocs, code, stdout, stderr)
		}
		code, stdout, stderr = invoke(t, "", "relay", "--config", file, "--check")
		if code != 0 || !strings.Contains(stdout, "    ocs:\n      - {dbid: 201, backup: 202}\n") {
			t.Errorf("%q: exit %d\n%s%s", ocs, code, stdout, stderr)
		}
	}
}

// Where the CommDN of this relay is excluded, the check with its configuration
// fails, though another CommDN would do.
func TestDirectoryCheckConfig(t *testing.T) {
	t.Parallel()
	c := newCentre(t)
	const two = "comm_dns: [{number: CommDN_1}, {number: CommDN_2, outbound_contact_server: true}]"
	excluded := strings.Replace(known, "comm_dns: [{number: CommDN_1}]", two, 1)
	file := c.config(c.signedIn(""))
	link := "name: madrid, application: commdn, comm_dn: CommDN_1,"
	c.write("relay.yaml", strings.Replace(mustRead(t, file), "name: madrid,", link, 1))
	for _, x := range []struct {
		name, directory string
		args            []string
		code            int
		want            string
	}{
		{"all is well", known, []string{"--config", file}, 0, "OCS_1"},
		{"excluded", excluded, []string{"--config", file}, exitInvalid, "error:   no OCS of the link works with CommDN_1: every request would be met with silence"},
		{"any CommDN will do", excluded, nil, 0, "CommDN_2 is taken"},
		{"both", known, []string{"--config", file, "--comm-dn", "CommDN_2"}, exitUsage, "leave the other flags away"},
		{"no configuration", known, []string{"--config", file + ".none"}, exitInvalid, "no such file"},
	} {
		c.write("directory.yaml", x.directory)
		code, stdout, stderr := invoke(t, "", append([]string{"directory", "check", c.path("directory.yaml")}, x.args...)...)
		if code != x.code || !strings.Contains(stdout+stderr, x.want) {
			t.Errorf("%s: exit %d, want %d %q: %s%s", x.name, code, x.code, x.want, stdout, stderr)
		}
	}
}
