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
// time (8), length of the subject (2), subject, headers, message, and a checksum.
const (
	blockHeader = 22
	blockSum    = 8
	withHeaders = 1 << 31
	mostRecord  = 32 << 20
)

// verify reads every block of messages in a folder before JetStream does: JetStream
// cuts a block off at the first record that it cannot read, and so would lose what
// stands behind it without a word. A record that was cut off at the end of a block
// is what a crash leaves; nobody was told that it is kept.
func verify(folder string, log *slog.Logger) error {
	all, err := blocks(folder)
	if err != nil {
		return err
	}
	for _, name := range all {
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		stream := filepath.Base(filepath.Dir(filepath.Dir(name)))
		key := sha256.Sum256([]byte(stream + "-" + strings.TrimSuffix(filepath.Base(name), ".blk")))
		sum, err := highwayhash.NewDigest64(key[:])
		if err != nil {
			return err
		}
		at, whole := walk(data, sum)
		switch {
		case whole:
		case torn(data, at, sum):
			log.Warn("the last record of a block was cut off, as a crash does; it was not accepted", "file", name, "offset", at, "bytes", len(data)-at)
		default:
			return fmt.Errorf("%s is damaged at byte %d of %d; nothing was changed. Look at the disk, restore the folder from a copy, or move it away and start with an empty one: what it held is then not sent", name, at, len(data))
		}
	}
	return nil
}

// blocks gives the files with messages.
func blocks(folder string) ([]string, error) {
	return filepath.Glob(filepath.Join(folder, server.JetStreamStoreDir, "*", "streams", "*", "msgs", "*.blk"))
}

// walk gives where the first record begins that is not right; whole: all are.
func walk(data []byte, sum hash.Hash64) (at int, whole bool) {
	for at < len(data) {
		n := recordLength(data[at:], sum)
		if n == 0 {
			return at, false
		}
		at += n
	}
	return at, true
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
		before += 4 // their length, which has no part in the checksum
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
	return int(length)
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
