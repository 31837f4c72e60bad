package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/minio/highwayhash"
	"github.com/nats-io/nats-server/v2/server"
)

// The form of a block of messages of JetStream, version 2.15: records of length
// (4 bytes, little-endian, the high bit says that there are headers), sequence (8),
// time (8), length of the subject (2), subject, length of the headers (4) and headers
// where there are some, message, and a checksum.
const (
	blockHeader = 22
	blockSum    = 8
	headersSize = 4 // of the length of the headers
	withHeaders = 1 << 31
	mostRecord  = 32 << 20

	// Bits of the sequence: a message that was overwritten, and the note that one is gone.
	erasedRecord = 1 << 63
	tombstone    = 1 << 62
)

// verify reads every block of messages in a folder before JetStream does: JetStream
// cuts a block off at the first record that it cannot read, and so would lose what
// stands behind it without a word. A record that was cut off at the end of a block
// is what a crash leaves; nobody was told that it is kept. It gives the last sequence
// of each stream that the blocks tell of.
func verify(folder string, log *slog.Logger) (ends, error) {
	all, err := blocks(folder)
	if err != nil {
		return nil, err
	}
	found := make(ends)
	for _, name := range all {
		data, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		stream := streamOf(name)
		sum, err := sumOf(name)
		if err != nil {
			return nil, err
		}
		at, last, whole := walk(data, sum)
		found[stream] = max(found[stream], last)
		switch {
		case whole:
		case torn(data, at, sum):
			log.Warn("the last record of a block was cut off, as a crash does; it was not accepted", "file", name, "offset", at, "bytes", len(data)-at)
		default:
			return nil, fmt.Errorf("%s is damaged at byte %d of %d; nothing was changed. Look at the disk, restore the folder from a copy, or move it away and start with an empty one: what it held is then not sent", name, at, len(data))
		}
	}
	return found, nil
}

// streamOf gives the stream that a block is of.
func streamOf(block string) string { return filepath.Base(filepath.Dir(filepath.Dir(block))) }

// sumOf gives the checksum that the records of a block have.
func sumOf(block string) (hash.Hash64, error) {
	key := sha256.Sum256([]byte(streamOf(block) + "-" + strings.TrimSuffix(filepath.Base(block), ".blk")))
	return highwayhash.NewDigest64(key[:])
}

// blocks gives the files with messages.
func blocks(folder string) ([]string, error) {
	return filepath.Glob(filepath.Join(folder, server.JetStreamStoreDir, "*", "streams", "*", "msgs", "*.blk"))
}

// walk gives where the first record begins that is not right, and the last sequence in
// front of it; whole: all are.
func walk(data []byte, sum hash.Hash64) (at int, last uint64, whole bool) {
	for at < len(data) {
		n := recordLength(data[at:], sum)
		if n == 0 {
			return at, last, false
		}
		last = max(last, binary.LittleEndian.Uint64(data[at+4:])&^(erasedRecord|tombstone))
		at += n
	}
	return at, last, true
}

// recordLength gives the length of the record that data begins with; 0: it is not right.
func recordLength(data []byte, sum hash.Hash64) int {
	if len(data) < blockHeader+blockSum {
		return 0
	}
	length := binary.LittleEndian.Uint32(data)
	headers := length&withHeaders != 0
	length &^= withHeaders
	subject := int(binary.LittleEndian.Uint16(data[20:]))
	before := blockHeader + subject
	if headers {
		before += headersSize
	}
	if length > mostRecord || int(length) > len(data) || int(length) < before+blockSum {
		return 0
	}
	sum.Reset()
	_, _ = sum.Write(data[4:20])
	_, _ = sum.Write(data[blockHeader : blockHeader+subject])
	_, _ = sum.Write(data[before : length-blockSum])
	if !bytes.Equal(sum.Sum(nil), data[length-blockSum:length]) {
		return 0
	}
	rest := data[blockHeader+subject : length-blockSum]
	fits := subjectFits(data[blockHeader:blockHeader+subject], rest)
	switch {
	case headers:
		fits = headersFit(rest)
	case binary.LittleEndian.Uint64(data[4:])&(erasedRecord|tombstone) != 0:
		fits = subject == 0
	}
	if !fits {
		return 0
	}
	return int(length)
}

// headersFit says whether the length of the headers, which the checksum leaves out, is
// that of the headers that stand there.
func headersFit(data []byte) bool {
	n := binary.LittleEndian.Uint32(data)
	data = data[headersSize:]
	return uint64(n) <= uint64(len(data)) && bytes.HasPrefix(data, []byte("NATS/1.0")) && bytes.HasSuffix(data[:n], []byte("\r\n\r\n"))
}

// subjectFits says whether a subject ends where it should. The checksum does not: of a
// record without headers it covers subject and message in one piece.
func subjectFits(subject, message []byte) bool {
	const inside = "abcdefghijklmnopqrstuvwxyz0123456789.-"
	if len(bytes.Trim(subject, inside)) > 0 || !bytes.HasPrefix(subject, []byte("commdn.")) {
		return false
	}
	for _, prefix := range []string{subjectDone, subjectDead, subjectTry, subjectWindow} {
		if name, ok := bytes.CutPrefix(subject, []byte(prefix)); ok {
			return len(name) == idLength
		}
	}
	return len(message) == 0 || strings.IndexByte(inside, message[0]) < 0 // it begins with { or a magic number
}

// torn says whether what begins at a byte is the beginning of a record that was not
// written to its end: nothing but zeros, or too short, and no record behind it.
func torn(data []byte, at int, sum hash.Hash64) bool {
	rest := data[at:]
	if len(bytes.Trim(rest, "\x00")) == 0 {
		return true
	}
	if len(rest) >= 4 {
		if length := binary.LittleEndian.Uint32(rest) &^ withHeaders; length >= blockHeader && int(length) <= len(rest) {
			return false // it is all there, and wrong
		}
	}
	for i := 1; i < len(rest); i++ {
		if recordLength(rest[i:], sum) > 0 {
			return false
		}
	}
	return true
}
