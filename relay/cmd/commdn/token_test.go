//lint:file-ignore SA1019 nhooyr.io/websocket is deprecated for its new import path only

package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"nhooyr.io/websocket"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// admission says of a token in hello or refresh how long its identity lives, or
// how the connection is closed.
type admission func(kind frame.Kind, token string) (lives time.Duration, closed *frame.CloseError)

// doorkeeper is a relay that is interested in tokens only. It acknowledges
// every do-not-call.
type doorkeeper struct {
	url    string
	frames chan frame.Frame // every hello and refresh, in order
	admit  admission
}

func newDoorkeeper(t *testing.T, admit admission) *doorkeeper {
	t.Helper()
	d := &doorkeeper{frames: make(chan frame.Frame, 100), admit: admit}
	srv := httptest.NewServer(d)
	t.Cleanup(srv.Close)
	d.url = strings.Replace(srv.URL, "http://", "ws://", 1) + "/ws"
	return d
}

func (d *doorkeeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ws, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{frame.Subprotocol}})
	if err != nil {
		return
	}
	defer ws.CloseNow()
	ws.SetReadLimit(frame.MaxLen)
	send := func(f frame.Frame) {
		if message, err := f.Append(nil); err == nil {
			_ = ws.Write(r.Context(), websocket.MessageBinary, message)
		}
	}
	for {
		_, message, err := ws.Read(r.Context())
		if err != nil {
			return
		}
		f, err := frame.Decode(message)
		if err != nil {
			return
		}
		switch f.Kind {
		case frame.KindHello, frame.KindRefresh:
			d.frames <- f
			token, _ := f.Body.Text("token")
			lives, closed := d.admit(f.Kind, token)
			if closed != nil {
				_ = ws.Close(websocket.StatusCode(closed.Code), closed.Reason)
				return
			}
			if f.Kind == frame.KindHello {
				send(frame.Frame{Kind: frame.KindWelcome, Body: frame.Welcome{Limits: frame.Limits{PingSeconds: 15}}.Body()})
			}
			send(frame.Frame{Kind: frame.KindIdentity, Body: frame.Identity{Name: "jdoe", Expires: time.Now().Add(lives).Unix()}.Body()})
		case frame.KindRequest:
			req, err := commdn.DecodeRequest(frame.ReadRequest(f.Body).Data)
			if err != nil {
				return
			}
			done := &commdn.DoNotCallProcessed{Address: commdn.Address{Origin: 201}, Phone: req.(*commdn.DoNotCall).Phone}
			send(frame.Frame{Kind: frame.KindOutcome, Number: f.Number, Body: frame.Answer{Data: done.UserData()}.Body()})
		}
	}
}

// next gives the next token that came, and what it came in.
func (d *doorkeeper) next(t *testing.T) (frame.Kind, string, bool) {
	t.Helper()
	select {
	case f := <-d.frames:
		token, there := f.Body.Text("token")
		return f.Kind, token, there
	case <-time.After(patience):
		t.Fatal("no token came")
		return 0, "", false
	}
}

func everybody(frame.Kind, string) (time.Duration, *frame.CloseError) { return time.Hour, nil }

const secret = "eyJhbGciOiJFUzI1NiJ9.secret.signature"

// tokenFile writes a file with a mode whatever the umask is.
func tokenFile(t *testing.T, content string, mode os.FileMode) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(name, mode); err != nil {
		t.Fatal(err)
	}
	return name
}

func TestTokenSources(t *testing.T) {
	for name, c := range map[string]struct {
		variable string
		file     string // content
		mode     os.FileMode
		want     string
		warning  string
	}{
		"none":                  {},
		"variable":              {variable: secret + "\n", want: secret},
		"file":                  {file: secret + "\n", mode: 0o600, want: secret},
		"file of another world": {file: secret + "\r\n", mode: 0o400, want: secret},
		"byte order mark":       {file: "\ufeff" + secret + "\r\n", mode: 0o600, want: secret},
		"the same, variable":    {variable: "\ufeff" + secret, want: secret},
		"file before variable":  {variable: "other", file: secret, mode: 0o600, want: secret},
		"blanks inside":         {file: " a b \n\n", mode: 0o600, want: " a b "},
		"readable by others":    {file: secret, mode: 0o604, want: secret, warning: "can be read or changed by others (mode 0604); chmod 600 it\n"},
		"writable by the group": {file: secret, mode: 0o620, want: secret, warning: "can be read or changed by others (mode 0620); chmod 600 it\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(tokenVariable, c.variable)
			d := newDoorkeeper(t, everybody)
			args := []string{"dnc", "5550104477", "--relay", d.url}
			if c.file != "" {
				args = append(args, "--token-file", tokenFile(t, c.file, c.mode))
			}
			code, stdout, stderr := invoke(t, "", args...)
			if code != 0 || stdout != "OCS 201: on the Do Not Call list\n" || !strings.HasSuffix(stderr, c.warning) || c.warning == "" && stderr != "" {
				t.Errorf("exit %d\nstdout: %sstderr: %s", code, stdout, stderr)
			}
			if strings.Contains(stderr, secret) {
				t.Errorf("the token is printed: %s", stderr)
			}
			if kind, token, there := d.next(t); kind != frame.KindHello || token != c.want || there != (c.want != "") {
				t.Errorf("%v with the token %q, there %v; want %q", kind, token, there, c.want)
			}
		})
	}
}

func TestTokenFileCannotBeUsed(t *testing.T) {
	t.Parallel()
	d := newDoorkeeper(t, everybody)
	for name, want := range map[string]string{
		filepath.Join(t.TempDir(), "none"):                         "no such file or directory",
		t.TempDir():                                                "is a directory",
		tokenFile(t, "\n", 0o600):                                  "is empty; put the token into it",
		tokenFile(t, "\ufeff\r\n", 0o600):                          "is empty; put the token into it",
		tokenFile(t, "\xff\xfea\x00", 0o600):                       "is UTF-16 text; write it again as plain text",
		tokenFile(t, strings.Repeat("x", frame.MaxToken+1), 0o600): "longer than 15,000 bytes",
	} {
		code, stdout, stderr := invoke(t, "", "dnc", "5550104477", "--relay", d.url, "--token-file", name)
		if code != exitNoAnswer || stdout != "" || !strings.Contains(stderr, "not connected to the relay at "+d.url+": client: no token: ") || !strings.Contains(stderr, want) {
			t.Errorf("exit %d\nstdout: %sstderr: %s\nwant: %s", code, stdout, stderr, want)
		}
	}
	if len(d.frames) != 0 {
		t.Error("a relay was dialed without a token")
	}
}

func TestTokenRefused(t *testing.T) {
	t.Parallel()
	d := newDoorkeeper(t, func(frame.Kind, string) (time.Duration, *frame.CloseError) {
		return 0, &frame.CloseError{Code: frame.CloseTokenRefused, Reason: "the audience is another one"}
	})
	code, stdout, stderr := invoke(t, "", "dnc", "5550104477", "--relay", d.url, "--token-file", tokenFile(t, secret, 0o600))
	if code != exitNoAnswer || stdout != "" || !strings.Contains(stderr, "token refused (4507): the audience is another one") || strings.Contains(stderr, secret) {
		t.Errorf("exit %d\nstdout: %sstderr: %s", code, stdout, stderr)
	}
	_, stdout, _ = invoke(t, "", "campaign", "list", "--relay", d.url, "--token-file", tokenFile(t, secret, 0o600), "-o", "json")
	if got := object(t, stdout); got["state"] != "not-sent" || got["retryable"] != false {
		t.Errorf("as JSON: %v", got)
	}
}

// TestTokenFileIsReadAgain: for a refresh, and for each connection.
func TestTokenFileIsReadAgain(t *testing.T) {
	t.Parallel()
	expire := make(chan struct{})
	d := newDoorkeeper(t, func(kind frame.Kind, token string) (time.Duration, *frame.CloseError) {
		switch token {
		case "one":
			return 5 * time.Second, nil // to be renewed at once
		case "two":
			<-expire
			return 0, &frame.CloseError{Code: frame.CloseTokenExpired}
		}
		return time.Hour, nil
	})
	expect := func(kind frame.Kind, token string) {
		t.Helper()
		if k, got, _ := d.next(t); k != kind || got != token {
			t.Fatalf("%v with the token %q, want %v with %q", k, got, kind, token)
		}
	}
	name := tokenFile(t, "one\n", 0o600)
	put := func(token string) {
		t.Helper()
		if err := os.WriteFile(name+".new", []byte(token+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename(name+".new", name); err != nil {
			t.Fatal(err)
		}
	}
	s, err := relayFlags{Relay: d.url, TokenFile: name, Timeout: patience, stderr: io.Discard}.open(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	expect(frame.KindHello, "one")
	put("two")
	expect(frame.KindRefresh, "two")
	put("three")
	close(expire)
	expect(frame.KindHello, "three")
	if answers, err := s.ask(t.Context(), &commdn.DoNotCall{Phone: "5550104477"}); err != nil || len(answers) != 1 {
		t.Errorf("answers %v, %v", answers, err)
	}
	if got := s.Status().Identity.Name; got != "jdoe" {
		t.Errorf("the relay takes us for %q", got)
	}
}
