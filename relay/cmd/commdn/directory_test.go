package main

import (
	"strings"
	"testing"
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
		file + " --comm-dn":           {exitUsage, "", "--comm-dn"},
		"":                            {exitUsage, "", "expected \"<file>\""},
		"../../directory/testdata/export.json --application commdn": {0, "an export of Configuration Server", ""},
	} {
		code, stdout, stderr := invoke(t, "", append([]string{"directory", "check"}, strings.Fields(args)...)...)
		if code != want.code || !strings.Contains(stdout, want.out) || !strings.Contains(stderr, want.err) || want.err == "" && stderr != "" {
			t.Errorf("%s: exit %d\n%s%s", args, code, stdout, stderr)
		}
	}
}
