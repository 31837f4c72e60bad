package fronttest

import (
	"math/rand/v2"
	"net"
	"strconv"
	"testing"
)

// Fixed gives a loopback address, as HOST:PORT, for a server that ends and starts again at
// the same one and cannot have a Front, such as the nodes of a cluster, or for which there
// is never a server. No other test gets it until this one ends, and the system gives its
// port to nobody who asks for any.
func Fixed(t testing.TB) string {
	t.Helper()
	for range 1000 {
		addr := net.JoinHostPort("127.0.0.1", strconv.Itoa(firstFixed+rand.IntN(fixed)))
		claim, err := net.ListenPacket("udp", addr) // the same number for UDP: whoever has it, has both
		if err != nil {
			continue
		}
		free, err := net.Listen("tcp", addr)
		if err != nil {
			_ = claim.Close()
			continue
		}
		_ = free.Close()
		t.Cleanup(func() { _ = claim.Close() })
		return addr
	}
	t.Fatal("no port is free")
	return ""
}

// Linux gives ports from 32768 on to who asks for any, others from 49152 on.
const firstFixed, fixed = 20_000, 12_000
