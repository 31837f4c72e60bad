package audit

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
)

// A block is one message of the stream: entries that were written together.
//
//	magic 4 · chain 16 · mark u64 · count u32, then for each entry
//	sequence u64 · hash of the one before 32 · length u32 · public part · form u8, then
//	  none:   nothing
//	  plain:  salt 16 · length u32 · personal part
//	  erased: commitment 32
//
// The hash of an entry is SHA-256 over
//
//	"commdn audit entry" · chain · mark · sequence · hash of the one before ·
//	length u32 · public part · 0, or 1 · commitment
//
// and the commitment is HMAC-SHA256 of the personal part, keyed with the salt. So the
// personal part and its salt can be taken away, and every hash stays what it was.
// Numbers are big-endian. mark is the last sequence of the journal's work whose waiting
// requests are in the chain.
type block struct {
	chain   [16]byte
	mark    uint64
	records []record
}

type record struct {
	seq      uint64
	before   digest // hash of the entry before
	public   []byte
	form     form
	salt     []byte
	personal []byte // of erased: the commitment
}

type digest [sha256.Size]byte

// form says how the personal part of a record is there.
type form byte

const (
	none   form = 0
	plain  form = 1
	erased form = 2
)

const (
	saltSize = 16
	// Bounds of a block; a message of NATS has 1 MiB at most.
	mostEntries = 1024
	mostBytes   = 512 << 10
)

var magic = []byte("CDA\x01")

// commitment is what stays of the personal part when it is erased.
func (r *record) commitment() []byte {
	if r.form == erased {
		return r.personal
	}
	mac := hmac.New(sha256.New, r.salt)
	_, _ = mac.Write(r.personal)
	return mac.Sum(nil)
}

// hash gives the hash of a record in a block.
func (b *block) hash(r *record) digest {
	at := make([]byte, 0, 256+len(r.public))
	at = append(at, "commdn audit entry"...)
	at = append(at, b.chain[:]...)
	at = binary.BigEndian.AppendUint64(at, b.mark)
	at = binary.BigEndian.AppendUint64(at, r.seq)
	at = append(at, r.before[:]...)
	at = binary.BigEndian.AppendUint32(at, uint32(len(r.public)))
	at = append(at, r.public...)
	if r.form == none {
		at = append(at, 0)
	} else {
		at = append(at, 1)
		at = append(at, r.commitment()...)
	}
	return sha256.Sum256(at)
}

// add appends an entry with its sequence, and gives its hash.
func (b *block) add(e *Entry, seq uint64, before digest) (digest, error) {
	public, personal, err := e.stored()
	if err != nil {
		return digest{}, err
	}
	r := record{seq: seq, before: before, public: public}
	if personal != nil {
		r.form, r.personal, r.salt = plain, personal, make([]byte, saltSize)
		_, _ = rand.Read(r.salt) // never fails
	}
	b.records = append(b.records, r)
	return b.hash(&r), nil
}

// erase takes the personal part of a record away.
func (r *record) erase() {
	r.form, r.personal, r.salt = erased, r.commitment(), nil
}

// encode gives the message of a block.
func (b *block) encode() []byte {
	out := append([]byte(nil), magic...)
	out = append(out, b.chain[:]...)
	out = binary.BigEndian.AppendUint64(out, b.mark)
	out = binary.BigEndian.AppendUint32(out, uint32(len(b.records)))
	for i := range b.records {
		r := &b.records[i]
		out = binary.BigEndian.AppendUint64(out, r.seq)
		out = append(out, r.before[:]...)
		out = binary.BigEndian.AppendUint32(out, uint32(len(r.public)))
		out = append(out, r.public...)
		out = append(out, byte(r.form))
		switch r.form {
		case plain:
			out = append(out, r.salt...)
			out = binary.BigEndian.AppendUint32(out, uint32(len(r.personal)))
			out = append(out, r.personal...)
		case erased:
			out = append(out, r.personal...)
		}
	}
	return out
}

// decode reads the message of a block. The result has parts of data.
func decode(data []byte) (*block, error) {
	s := &source{rest: data}
	if !bytes.Equal(s.take(len(magic)), magic) {
		return nil, errors.New("it is no block of an audit that this commdn can read")
	}
	b := &block{}
	copy(b.chain[:], s.take(len(b.chain)))
	b.mark = s.u64()
	n := s.u32()
	if s.short || n == 0 || n > mostEntries {
		return nil, fmt.Errorf("it says that it has %d entries", n)
	}
	b.records = make([]record, 0, min(int(n), len(s.rest)/45+1))
	for range n {
		r := record{seq: s.u64()}
		copy(r.before[:], s.take(len(r.before)))
		r.public = s.take(int(s.u32()))
		if f := s.take(1); f != nil {
			r.form = form(f[0])
		}
		switch r.form {
		case none:
		case plain:
			r.salt = s.take(saltSize)
			r.personal = s.take(int(s.u32()))
		case erased:
			r.personal = s.take(sha256.Size)
		default:
			return nil, fmt.Errorf("entry %d has a person of the unknown form %d", r.seq, r.form)
		}
		if s.short {
			return nil, fmt.Errorf("it ends within the entry after %d others", len(b.records))
		}
		b.records = append(b.records, r)
	}
	if len(s.rest) > 0 {
		return nil, fmt.Errorf("%d bytes stand behind its last entry", len(s.rest))
	}
	return b, nil
}

// source is read from its beginning. short: more was asked for than there is.
type source struct {
	rest  []byte
	short bool
}

func (s *source) take(n int) []byte {
	if s.short || n < 0 || n > len(s.rest) {
		s.short = true
		return nil
	}
	taken := s.rest[:n:n]
	s.rest = s.rest[n:]
	return taken
}

func (s *source) u64() uint64 {
	if b := s.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

func (s *source) u32() uint32 {
	if b := s.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}
