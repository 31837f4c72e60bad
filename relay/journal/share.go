package journal

import (
	"context"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"commdn/relay/desk"
)

// Share is what another room needs to keep streams beside those of the journal.
type Share struct {
	JetStream jetstream.JetStream
	Replicas  int
	Folder    string // empty: a cluster has the data
	// Writable says why nothing new can be kept: what is left of the disk is for
	// outcomes.
	Writable func() error
}

// Share gives the JetStream that has the journal. It ends with the journal. A journal
// that was opened on other streams has none, and JetStream is nil.
func (j *Journal) Share() Share {
	s := Share{Replicas: max(j.o.NATS.Replicas, 1), Folder: j.o.Folder, Writable: j.streams.Writable}
	if on, ok := j.streams.(*jetStreams); ok {
		s.JetStream = on.js
	}
	return s
}

// Waiting is a request without an outcome.
type Waiting struct {
	Sequence uint64 // later requests have larger ones
	ID       string // 32 hexadecimal digits
	Entry    desk.Entry
}

// Waiting gives up to most of the requests without an outcome whose sequence is above
// after, in their order. newest is the sequence that the newest request has had, also one
// that has its outcome by now.
func (j *Journal) Waiting(ctx context.Context, after uint64, most int) (all []Waiting, newest uint64, err error) {
	ctx, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	state, err := j.streams.State(ctx, streamWork)
	if err != nil {
		return nil, 0, fmt.Errorf("journal: %w", err)
	}
	newest = state.LastSequence
	for state.Messages > 0 && after < newest && len(all) < most {
		m, err := j.streams.Next(ctx, streamWork, subjectWork+"*.*", after+1)
		if err != nil {
			return all, newest, fmt.Errorf("journal: %w", err)
		}
		if m == nil || m.Sequence > newest {
			break
		}
		after = m.Sequence
		if item := j.waitingItem(m); !item.Unreadable {
			all = append(all, Waiting{Sequence: m.Sequence, ID: item.ID, Entry: item.Entry})
		}
	}
	return all, newest, nil
}

// ID gives the name that the journal has for a request: 32 hexadecimal digits.
func ID(of desk.ID) string { return id(of) }
