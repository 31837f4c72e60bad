package audit

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"commdn/relay/journal"
)

// markerFile, in the data folder, says which chain was begun there, and where it ended at
// some earlier moment. Blocks that are cut off the end leave a chain that is right.
const markerFile = "AUDIT"

// marker is what the file says: the chain, and on a second line sequence and hash of an
// entry.
type marker struct {
	chain string // 32 hexadecimal digits; empty: none was begun, or there is no folder
	seq   uint64 // 0: no end was noted
	hash  string
}

func (l *Log) markerFile() string { return filepath.Join(l.o.Share.Folder, markerFile) }

func (l *Log) marker() (m marker, err error) {
	if l.o.Share.Folder == "" {
		return m, nil
	}
	text, err := os.ReadFile(l.markerFile())
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return m, err
	}
	switch parts := strings.Fields(string(text)); {
	case len(parts) == 3:
		m.hash = parts[2]
		if m.seq, err = strconv.ParseUint(parts[1], 10, 64); err != nil {
			break
		}
		fallthrough
	case len(parts) == 1: // the chain alone
		m.chain = parts[0]
	}
	if m.chain == "" {
		return m, fmt.Errorf("%s cannot be read; restore it from a copy", l.markerFile())
	}
	return m, nil
}

// mark notes where the chain ends. It must be on disk so far.
func (l *Log) mark(h head) error {
	if l.o.Share.Folder == "" {
		return nil
	}
	if err := journal.Replace(l.markerFile(), fmt.Appendf(nil, "%x\n%d %x\n", h.chain, h.seq, h.hash)); err != nil {
		return err
	}
	l.mu.Lock()
	l.marked = h.seq
	l.mu.Unlock()
	return nil
}

// markSoon notes where the chain ends, unless the note says so already.
func (l *Log) markSoon() {
	l.mu.Lock()
	h, marked := l.head, l.marked
	l.mu.Unlock()
	if h.seq == marked {
		return
	}
	if err := l.mark(h); err != nil {
		l.log.Warn("the audit cannot note where its chain ends", "error", err)
	}
}

// missing says what a chain with that end lacks; empty: nothing.
func (m marker) missing(h head) string {
	switch {
	case m.seq > h.seq:
		return fmt.Sprintf("%d entries behind entry %d were removed by hand: the file %s has noted entry %d", m.seq-h.seq, h.seq, markerFile, m.seq)
	case m.seq == h.seq && m.hash != hex.EncodeToString(h.hash[:]):
		return fmt.Sprintf("entry %d is not the one that the file %s has noted: it, or one before it, was changed", h.seq, markerFile)
	}
	return ""
}

// block compares a block of the chain with the note.
func (m marker) block(v *verifier, b *block) {
	for i := range b.records {
		if h := (head{seq: b.records[i].seq, hash: b.hash(&b.records[i])}); h.seq == m.seq {
			if why := m.missing(h); why != "" {
				v.problem(h.seq, v.at, "%s", why)
			}
		}
	}
}

// end compares the end of the chain with the note.
func (m marker) end(v *verifier) {
	if v.any && v.r.Last < m.seq {
		v.problem(v.r.Last+1, v.at, "is missing%s: the file %s has noted them", through(v.r.Last+1, m.seq), markerFile)
	}
}

// told gives the text of an entry about the chain.
func (r *record) told() string {
	e, err := r.read()
	if err != nil {
		return "it cannot be read"
	}
	return e.Text
}
