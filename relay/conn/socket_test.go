package conn

import (
	"io"
	"net"
	"testing"
)

// reads gives the sizes of the first reads of a socket that much is sent to.
func reads(t *testing.T, change func(*once)) (sizes []int) {
	t.Helper()
	client, server := net.Pipe()
	t.Cleanup(func() { _ = client.Close() })
	go func() { _, _ = client.Write(make([]byte, 10*readBuffer)) }()
	o := &once{Conn: server}
	change(o)
	for range 5 {
		n, err := o.Read(make([]byte, readBuffer))
		if err != nil {
			t.Fatal(err)
		}
		sizes = append(sizes, n)
	}
	return sizes
}

// A flood is read in small pieces, so that what it has sent costs the relay little
// at a time.
func TestFloodIsReadInSmallPieces(t *testing.T) {
	t.Parallel()
	for _, n := range reads(t, func(*once) {}) {
		if n != readBuffer {
			t.Errorf("a client is read %d bytes at a time, want %d", n, readBuffer)
		}
	}
	for _, n := range reads(t, func(o *once) { o.flood.Store(true) }) {
		if n > 100 {
			t.Errorf("a flood is read %d bytes at a time", n)
		}
	}
}

// A flood is read no further than its bound after it was told to go.
func TestFloodIsCut(t *testing.T) {
	t.Parallel()
	client, server := net.Pipe()
	defer client.Close()
	go func() { _, _ = client.Write(make([]byte, 100)) }()
	o := &once{Conn: server}
	o.flood.Store(true)
	o.closed.Store(true)
	o.after.Store(mostAfterFlood - 10)
	if _, err := o.Read(make([]byte, 100)); err != nil {
		t.Fatal(err)
	}
	if _, err := o.Read(make([]byte, 100)); err != io.EOF {
		t.Errorf("a flood is read on and on: %v", err)
	}
}
