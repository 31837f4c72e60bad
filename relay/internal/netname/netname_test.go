package netname_test

import (
	"testing"

	"commdn/relay/internal/netname"
)

func TestLoopback(t *testing.T) {
	for host, want := range map[string]bool{
		"localhost": true, "LOCALHOST": true, "localhost:8080": true,
		"127.0.0.1": true, "127.0.0.1:8080": true, "127.9.8.7": true,
		"::1": true, "[::1]": true, "[::1]:8080": true, "::ffff:127.0.0.1": true,
		"": false, ":8080": false, "0.0.0.0": false, "::": false, "[::]:8080": false,
		"192.0.2.1": false, "::ffff:192.0.2.1": false, "128.0.0.1": false,
		"localhost.example.com": false, "example.com": false, "127.0.0.1.example.com": false,
		"0x7f.1": false, "127.1": false, "2130706433": false,
	} {
		if got := netname.Loopback(host); got != want {
			t.Errorf("%q: %v", host, got)
		}
	}
}
