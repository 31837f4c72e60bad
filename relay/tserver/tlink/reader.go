package tlink

import (
	"bufio"
	"encoding/binary"
	"io"
)

// Reader reads messages from a stream. It is for one goroutine.
type Reader struct {
	src   *bufio.Reader
	frame []byte // reused for every frame
}

// NewReader makes a Reader that buffers what it reads from src.
func NewReader(src io.Reader) *Reader {
	return &Reader{src: bufio.NewReader(src), frame: make([]byte, 4, 512)}
}

// ReadMessage blocks until the next message. It returns io.EOF at the end of the stream,
// io.ErrUnexpectedEOF within a frame, otherwise the stream's error, or a *SyntaxError or
// *LimitError. After an error the position in the stream is lost. It refuses a frame over
// MaxFrame before it allocates memory for it.
func (r *Reader) ReadMessage() (Message, error) {
	if _, err := io.ReadFull(r.src, r.frame[:4]); err != nil {
		return Message{}, err
	}
	length := binary.BigEndian.Uint32(r.frame[:4])
	if err := checkLength(length); err != nil {
		return Message{}, err
	}
	whole := 4 + int(length)
	if whole > cap(r.frame) {
		r.frame = append(make([]byte, 0, whole), r.frame[:4]...)
	}
	frame := r.frame[:whole]
	if _, err := io.ReadFull(r.src, frame[4:]); err != nil {
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		return Message{}, err
	}
	return Decode(frame)
}
