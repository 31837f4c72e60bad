package live

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"commdn/relay/directory"
	"commdn/relay/internal/dial"
)

// hello is all that the client ever sends.
const hello = "commdn-directory 1\n"

// Bounds of what a bridge sends.
const (
	maxLine   = 4096            // bytes, with its end
	transfer  = 2 * time.Minute // for one directory
	connectIn = 10 * time.Second
)

type kind uint8

const (
	kindAlive kind = iota
	kindDirectory
	kindError
)

// message is a message of a bridge.
type message struct {
	kind     kind
	sequence uint64 // of a directory
	data     []byte // of a directory; the receiver's own
	text     string // of an error
}

// wire is a connection to a bridge. One goroutine reads.
type wire struct {
	nc      net.Conn
	src     *bufio.Reader
	silence time.Duration
	by      time.Time // deadline of the directory in transfer; zero: none
	release func() bool
}

// connect connects and says hello. The end of ctx ends the connection.
func connect(ctx context.Context, o *Options) (*wire, error) {
	within, cancel := context.WithTimeout(ctx, connectIn)
	defer cancel()
	nc, err := dial.Dial(within, o.Address, o.TLS)
	if err != nil {
		return nil, fmt.Errorf("live: %w", err)
	}
	w := &wire{nc: nc, silence: o.Silence}
	w.src = bufio.NewReaderSize(incoming{w}, maxLine)
	w.release = context.AfterFunc(ctx, func() { nc.Close() })
	_ = nc.SetWriteDeadline(time.Now().Add(connectIn))
	if _, err := io.WriteString(nc, hello); err != nil {
		w.close()
		return nil, fmt.Errorf("live: %w", err)
	}
	return w, nil
}

func (w *wire) close() {
	w.release()
	w.nc.Close()
}

// incoming is the source of src: the connection, with its deadlines.
type incoming struct{ *wire }

// Read waits for bytes. Every byte is a sign of life.
func (w incoming) Read(b []byte) (int, error) {
	by := time.Now().Add(w.silence)
	if !w.by.IsZero() && w.by.Before(by) {
		by = w.by
	}
	_ = w.nc.SetReadDeadline(by)
	n, err := w.nc.Read(b)
	if n == 0 && errors.Is(err, os.ErrDeadlineExceeded) {
		if !w.by.IsZero() && !time.Now().Before(w.by) {
			return 0, fmt.Errorf("live: a directory was not complete within %s", transfer)
		}
		return 0, fmt.Errorf("live: no sign of life from the bridge for %s", w.silence)
	}
	return n, err
}

// read returns the next message. After an error the connection is unusable.
func (w *wire) read() (message, error) {
	line, err := w.src.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return message{}, fmt.Errorf("live: the bridge sends a line of more than %d bytes: %s…", maxLine, quote(line))
	case errors.Is(err, io.EOF) && len(line) > 0:
		return message{}, fmt.Errorf("live: the connection ends in the middle of a line: %s", quote(line))
	case errors.Is(err, io.EOF):
		return message{}, fmt.Errorf("live: the bridge closed the connection: %w", err)
	case err != nil:
		return message{}, err
	}
	word, rest, _ := strings.Cut(string(bytes.TrimSuffix(line, []byte("\n"))), " ")
	switch word {
	case "alive":
		return message{kind: kindAlive}, nil
	case "error":
		return message{kind: kindError, text: clean(rest)}, nil
	case "directory":
		return w.directory(rest)
	}
	return message{}, fmt.Errorf("live: the bridge sends %s, which is no message of a directory; is it a bridge's directory.listen?", quote(line))
}

// directory reads "BYTES SEQUENCE", then so many bytes.
func (w *wire) directory(header string) (message, error) {
	length, number, _ := strings.Cut(header, " ")
	n, err := strconv.ParseUint(length, 10, 63)
	sequence, errSequence := strconv.ParseUint(number, 10, 64)
	switch {
	case err != nil || errSequence != nil:
		return message{}, fmt.Errorf("live: the bridge sends %s; it has to be directory BYTES SEQUENCE", quote([]byte("directory "+header)))
	case n > directory.MaxSize:
		return message{}, fmt.Errorf("live: the bridge has a directory of %d bytes; at most %d are possible", n, directory.MaxSize)
	}
	w.by = time.Now().Add(transfer)
	defer func() { w.by = time.Time{} }()
	// The buffer grows with the received bytes, not with the announced size.
	var data bytes.Buffer
	if _, err := io.CopyN(&data, w.src, int64(n)); errors.Is(err, io.EOF) {
		return message{}, fmt.Errorf("live: the connection ends after %d of %d bytes of a directory: %w", data.Len(), n, io.ErrUnexpectedEOF)
	} else if err != nil {
		return message{}, err
	}
	return message{kind: kindDirectory, sequence: sequence, data: data.Bytes()}, nil
}

// parse reads a bridge's directory, which is always an export.
func parse(name string, data []byte) (*directory.Directory, error) {
	d, err := directory.Parse(name, data)
	if err != nil {
		return nil, err
	}
	if d.Export == nil {
		return nil, fmt.Errorf("%s: is no export of Configuration Server; it has no __metadata__ and no CFG… at the top", name)
	}
	return d, nil
}

// source names a bridge's directory in errors.
func source(address string) string { return "bridge " + address }

// quote shows the start of a line.
func quote(line []byte) string {
	const most = 80
	line = bytes.TrimSuffix(line, []byte("\n"))
	return strconv.QuoteToASCII(string(line[:min(most, len(line))]))
}

// clean makes one readable line of text.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(strings.TrimSpace(s), "�"))
}
