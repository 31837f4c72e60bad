package netname

import "testing"

func TestLoopback(t *testing.T) {
	t.Parallel()
	for host, want := range map[string]bool{
		"localhost": true, "LocalHost": true, "127.0.0.1": true, "127.8.8.8": true, "::1": true, "0:0:0:0:0:0:0:1": true, "::ffff:127.0.0.1": true,
		"localhost.": true, "LOCALHOST.:80": true,
		"": false, "localhost..": false, "localhost.example": false, "127.0.0.1.example": false, "127.0.0.1:80": true, "[::1]": true, "[::1]:80": true, "example.com:80": false,
		"0.0.0.0": false, "::": false, "10.0.0.1": false, "2130706433": false, "0177.0.0.1": false, "::ffff:10.0.0.1": false,
	} {
		if Loopback(host) != want {
			t.Errorf("%q: %v", host, !want)
		}
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]string{
		"a.example": "a.example", "a.example:80": "a.example", "[::1]": "::1", "[::1]:80": "::1", "::1": "::1", "127.0.0.1:1": "127.0.0.1", "": "", ":80": "",
		"Desk.Example.COM": "desk.example.com", "desk.example.com.": "desk.example.com", "DESK.example.com.:8443": "desk.example.com", "a..": "a.", ".": "",
	} {
		if got := Host(header); got != want {
			t.Errorf("%q: %q, want %q", header, got, want)
		}
	}
}

func TestAuthority(t *testing.T) {
	t.Parallel()
	for s, want := range map[string]string{
		"A.example": "a.example", "a.example.": "a.example", "A.example.:80": "a.example:80", "a.example:80.": "a.example:80.",
		"[::1]": "[::1]", "[FE80::1]:80": "[fe80::1]:80", "": "", ":80": ":80",
	} {
		if got := Authority(s); got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestSplitHostPort(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, host string
		port       uint16
		ok         bool
	}{
		{"127.0.0.1:8080", "127.0.0.1", 8080, true}, {"[::1]:65535", "::1", 65535, true}, {":0", "", 0, true}, {"a_b.example.com.:7000", "a_b.example.com.", 7000, true},
		{"", "", 0, false}, {"8080", "", 0, false}, {"a.example", "", 0, false}, {"::1", "", 0, false}, {"a:", "", 0, false}, {"a:-1", "", 0, false},
		{"a:65536", "", 0, false}, {"a:http", "", 0, false}, {"a b:1", "", 0, false}, {"http://a:1", "", 0, false}, {"-a:1", "", 0, false}, {"1.2.3:4", "", 0, false},
	} {
		host, port, err := SplitHostPort(c.text)
		if host != c.host || port != c.port || (err == nil) != c.ok {
			t.Errorf("%q: %q, %d, %v", c.text, host, port, err)
		}
	}
}
