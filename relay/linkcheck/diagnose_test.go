package linkcheck

import (
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"commdn/relay/tserver"
)

func TestDiagnose(t *testing.T) {
	t.Parallel()
	dial := func(err error) error { return fmt.Errorf("tlink: %w", &net.OpError{Op: "dial", Net: "tcp", Err: err}) }
	for name, test := range map[string]struct {
		err      error
		step     string
		answered bool
		words    string // in text or hints
	}{
		"none":                {nil, "", true, ""},
		"refused":             {dial(syscall.ECONNREFUSED), StepConnect, false, "refused start"},
		"no route":            {dial(syscall.EHOSTUNREACH), StepConnect, false, "route firewall"},
		"dial takes too long": {dial(context.DeadlineExceeded), StepConnect, false, "firewall"},
		"no such name":        {dial(&net.DNSError{Err: "no such host", Name: "tserver", IsNotFound: true}), StepConnect, false, "resolved name server"},
		"no such socket":      {dial(syscall.ENOENT), StepConnect, false, "socket path"},
		"certificate":         {fmt.Errorf("TLS handshake with a:1: %w", x509.UnknownAuthorityError{}), StepConnect, false, "TLS ca_file"},
		"certificate wanted":  {errors.New("remote error: tls: certificate required"), StepConnect, false, "TLS cert_file"},
		"silence":             {fmt.Errorf("tlink: x: %w", context.DeadlineExceeded), StepConnect, false, "silence frozen"},
		"closed":              {fmt.Errorf("tlink: T-Server closed the connection: %w", io.EOF), StepConnect, false, "closed TLS"},
		"garbage":             {errors.New("tlink: frame of 5 bytes"), StepConnect, false, "does not speak tlink"},
		"no switch":           {fmt.Errorf("x: %w", tserver.ErrNoSwitch), StepSwitch, true, "primary"},
		"no switch, silence":  {fmt.Errorf("x: %w: %w", context.DeadlineExceeded, tserver.ErrNoSwitch), StepSwitch, true, "primary"},
		"switch refused":      {&tserver.Error{Request: registerAddress, Code: 54}, StepSwitch, true, "error 54 primary"},
		"application":         {&tserver.Error{Request: registerClient, Code: 50, Message: "Unknown"}, StepApplication, true, "error 50: Unknown enabled"},
		"bridge, no T-Server": {&tserver.Error{Request: registerClient, Code: 58, Message: "cannot be connected"}, StepConnect, false, "bridge 58: cannot tserver.host firewall"},
		"bridge, bad SDK":     {&tserver.Error{Request: registerClient, Code: 52, Message: "the SDK failed"}, StepConnect, false, "bridge 52: jars"},
		"bridge is full":      {fmt.Errorf("tlink: x: %w: 16 connections", tserver.ErrNoTServer), StepConnect, false, "bridge ends 16 tlink.max_clients"},
		"DN out of service":   {&tserver.Error{Request: registerAddress, Code: 58}, StepCommDN, true, "error 58 enabled"},
		"licence by code":     {&tserver.Error{Request: registerAddress, Code: 40}, StepCommDN, true, "error 40 licence"},
		"licence by text":     {&tserver.Error{Request: registerAddress, Code: 52, Message: "License check failed"}, StepCommDN, true, "licence"},
		"DN not configured":   {&tserver.Error{Request: registerAddress, Code: 59}, StepCommDN, true, "not on this T-Server's switch"},
		"DN not there":        {&tserver.Error{Request: registerAddress, Code: 123}, StepCommDN, true, "not on this T-Server's switch"},
		"DN type":             {&tserver.Error{Request: registerAddress, Code: 128}, StepCommDN, true, "another type"},
		"another code":        {&tserver.Error{Request: registerAddress, Code: 165, Message: "Access restricted"}, StepCommDN, true, "165: Access restricted enabled"},
	} {
		f := diagnose(test.err)
		text := f.text + "\n" + strings.Join(f.hints, "\n")
		if f.step != test.step || f.answered != test.answered || test.step != "" && len(f.hints) == 0 {
			t.Errorf("%s: %+v", name, f)
		}
		for _, w := range strings.Fields(test.words) {
			if !strings.Contains(text, w) {
				t.Errorf("%s: no %q in %s", name, w, text)
			}
		}
	}
}
