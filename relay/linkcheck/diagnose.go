package linkcheck

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"strings"
	"syscall"

	"commdn/relay/tserver"
)

// failure is why a connection was not of use.
type failure struct {
	step     string // that failed; empty: none
	text     string
	hints    []string
	answered bool // it was a T-Server, and it has answered
}

// Requests in T-Library's words, as in tserver.Error.
const (
	registerClient  = "RequestRegisterClient"
	registerAddress = "RequestRegisterAddress"
)

// diagnose says of an error of a driver's Open which step it was that failed.
func diagnose(err error) failure {
	var refused *tserver.Error
	switch {
	case err == nil:
		return failure{answered: true}
	case errors.As(err, &refused):
		return refusal(refused)
	case errors.Is(err, tserver.ErrNoSwitch):
		return failure{StepSwitch, oneLine(err), []string{"T-Server is up and cannot reach its switch, or it is the backup of a pair: give the primary too, and look at T-Server's log"}, true}
	}
	if errors.Is(err, tserver.ErrNoTServer) {
		return failure{step: StepConnect, text: oneLine(err), hints: []string{
			"check again; if it stays, the bridge's log says more: T-Server closed the connection, or the bridge has as many as its tlink.max_clients allows"}}
	}
	text, hints := unreachable(err)
	return failure{step: StepConnect, text: text, hints: hints}
}

// refusal explains an EventError while the link was being opened.
func refusal(e *tserver.Error) failure {
	f := failure{text: "T-Server says " + said(e), answered: true, step: StepCommDN}
	if e.Request == registerClient {
		f.step = StepApplication
	}
	switch {
	case f.step == StepApplication && e.Code == codeOutOfService:
		return failure{step: StepConnect, text: "the bridge answers, and there is no T-Server behind it: it says " + said(e), hints: []string{
			"check that T-Server runs, tserver.host and tserver.port of the bridge, the firewall between the two, and tserver.tls if the port is a secure one"}}
	case f.step == StepApplication && e.Code == codeInternal:
		return failure{step: StepConnect, text: "the bridge answers, and cannot work: it says " + said(e), hints: []string{
			"check that all jars of the Platform SDK are on the bridge's class path, and of one version; the bridge's log says more"}}
	case e.Code == tserver.CodeNoSwitch:
		f.step, f.hints = StepSwitch, []string{"T-Server has no link to its switch, or is the backup of a pair: give the primary too"}
	case e.Code == codeNoLicence || strings.Contains(strings.ToLower(e.Message), "licen"):
		f.hints = []string{"a licence is missing or used up: look at the licence server, and at T-Server's licence section"}
	case f.step == StepApplication:
		f.hints = []string{"check the name of the application in Configuration Database, that it is enabled, and that the bridge's password is right"}
	case e.Code == tserver.CodeNotConfigured || e.Code == codeNoSuchDN:
		f.hints = []string{"the DN is not on this T-Server's switch: create it there, of the type Communication DN, enable it, and write its number the same way"}
	case e.Code == codeBadDNType:
		f.hints = []string{"the DN is there and of another type: it has to be a Communication DN"}
	default:
		f.hints = []string{"check that the DN is a Communication DN of this T-Server's switch, and that it is enabled"}
	}
	return f
}

// Codes of T-Library that only an explanation needs.
const (
	codeNoLicence    = 40  // no more licences
	codeInternal     = 52  // internal error; of a bridge: its SDK has failed
	codeOutOfService = 58  // out of service; of a bridge: it cannot connect to T-Server
	codeNoSuchDN     = 123 // DN does not exist
	codeBadDNType    = 128 // bad DN type
)

// said gives T-Server's code and words.
func said(e *tserver.Error) string {
	if e.Message == "" {
		return fmt.Sprintf("error %d", e.Code)
	}
	return fmt.Sprintf("error %d: %s", e.Code, e.Message)
}

// unreachable explains why there is no T-Server at an address.
func unreachable(err error) (text string, hints []string) {
	var dns *net.DNSError
	var op *net.OpError
	dialing := errors.As(err, &op) && op.Op == "dial"
	switch {
	case errors.As(err, &dns):
		return "the name cannot be resolved: " + oneLine(err), []string{"check the address in the link's servers, and this machine's name server"}
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused", []string{"nothing listens there: start T-Server's bridge, or correct the port in the link's servers"}
	case errors.Is(err, fs.ErrNotExist):
		return "there is no such socket", []string{"start the bridge, or correct the path in the link's servers"}
	case dialing:
		return oneLine(err), []string{"check the address, the route and the firewall between this machine and the bridge"}
	case isTLS(err):
		return "TLS: " + oneLine(err), []string{"check the link's tls: ca_file has to be that of the server's certificate, cert_file one that the server trusts, server_name a name in its certificate; and that the server expects TLS"}
	case errors.Is(err, context.DeadlineExceeded):
		return "connected, then silence: " + oneLine(err), []string{"something accepts connections there and does not answer: check that the address is a bridge's, that the bridge reaches T-Server, and that T-Server is not frozen"}
	case errors.Is(err, io.EOF), errors.Is(err, syscall.ECONNRESET):
		return "connected, and closed by the other side: " + oneLine(err), []string{"the address may be another program's, or expects TLS with a client certificate: give the link's tls; the bridge's log says more"}
	case errors.Is(err, context.Canceled):
		return "interrupted", nil
	}
	return "what answers there does not speak tlink: " + oneLine(err), []string{"check the address and the port; a server that expects TLS answers so too when the link has no tls"}
}

func isTLS(err error) bool {
	var verify *tls.CertificateVerificationError
	var record tls.RecordHeaderError
	var alert tls.AlertError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	return errors.As(err, &verify) || errors.As(err, &record) || errors.As(err, &alert) || errors.As(err, &unknown) || errors.As(err, &host) ||
		strings.Contains(err.Error(), "TLS handshake") || strings.Contains(err.Error(), "remote error: tls:")
}
