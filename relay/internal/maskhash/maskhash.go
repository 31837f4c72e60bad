// Package maskhash names phones and customer ids in a log without telling them: a
// masked number has a hash by it, made with a secret key, so that the same number
// is the same everywhere and two are not.
package maskhash

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"os"
	"sync"
)

// Bounds of a key file in bytes. Without the lower one somebody who has the log
// could try all keys.
const (
	minKey = 16
	maxKey = 4096
)

// shown is how many bytes of a hash the log has: among a billion numbers two have
// the same one with a chance of 3%.
const shown = 8

// Key is the secret. Its zero value is of no use. Several goroutines may use it.
type Key struct{ hashes *sync.Pool } // of hash.Hash, which know the secret: to make one takes twice as long as to use it

func newKey(secret []byte) Key {
	return Key{&sync.Pool{New: func() any { return hmac.New(sha256.New, secret) }}}
}

// NewKey makes a key that nobody else has.
func NewKey() Key {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails
	return newKey(secret)
}

// ReadKey reads the key of a file: all that is in it but blanks and line ends
// around it. The error never shows it.
func ReadKey(file string) (Key, error) {
	f, err := os.Open(file)
	if err != nil {
		return Key{}, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if err != nil {
		return Key{}, err
	}
	data = bytes.TrimSpace(data)
	if len(data) < minKey || len(data) > maxKey {
		return Key{}, fmt.Errorf("%s holds a key of %d bytes; give %d to %d, for example by: openssl rand -hex 32", file, len(data), minKey, maxKey)
	}
	return newKey(data), nil
}

// Of gives the hash of a phone or customer id as the log has it, 16 hexadecimal
// digits; nothing for an empty one.
func (k Key) Of(s string) string {
	if s == "" {
		return ""
	}
	h := k.hashes.Get().(hash.Hash)
	defer k.hashes.Put(h)
	h.Reset()
	h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil)[:shown])
}
