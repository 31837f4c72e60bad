package fronttest

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"testing"

	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

// greet starts a server that says its name and sends back what it is told.
func greet(t *testing.T, name string) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				fmt.Fprintln(c, name)
				_, _ = io.Copy(c, c)
			}()
		}
	}()
	t.Cleanup(func() { _ = l.Close() })
	return l
}

// A front passes on to the server of now, both ways, and resets what is open and
// what comes when there is none.
func TestFront(t *testing.T) {
	f := New(t)
	dial := func() (net.Conn, *bufio.Reader) {
		t.Helper()
		c, err := net.Dial("tcp", f.Addr())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		return c, bufio.NewReader(c)
	}
	line := func(in *bufio.Reader, want string) {
		t.Helper()
		if got, err := in.ReadString('\n'); got != want+"\n" || err != nil {
			t.Fatalf("read %q, %v, want %s", got, err, want)
		}
	}
	over := func(in *bufio.Reader) {
		t.Helper()
		if got, err := in.ReadString('\n'); err == nil {
			t.Fatalf("read %q of a server that is not there", got)
		}
	}
	refused := func() {
		t.Helper()
		c, err := net.Dial("tcp", f.Addr()) // which may see the reset already
		if err != nil {
			return
		}
		defer c.Close()
		over(bufio.NewReader(c))
	}
	refused()
	for _, name := range []string{"first", "second"} {
		f.Use(greet(t, name).Addr().String())
		c, in := dial()
		line(in, name)
		fmt.Fprintln(c, "hello")
		line(in, "hello")
		f.Use("")
		over(in)
		refused()
	}
	// The other end may hang up first.
	f.Use(greet(t, "third").Addr().String())
	c, in := dial()
	line(in, "third")
	_ = c.Close()
}

// An address is one test's, as long as it runs.
func TestFixed(t *testing.T) {
	seen := make(map[string]bool)
	for range 200 {
		addr := Fixed(t)
		if seen[addr] {
			t.Fatalf("%s was given twice", addr)
		}
		seen[addr] = true
		for range 2 { // a server may come again
			l, err := net.Listen("tcp", addr)
			if err != nil {
				t.Fatal(err)
			}
			_ = l.Close()
		}
	}
}
