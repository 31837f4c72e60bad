package journal

import (
	"context"
	"errors"
	"time"
)

// The streams. Each entry is a message of work until it has its outcome. done has
// outcomes; state has what was put aside, attempts that began, the sets of links, and how
// windows for undo ended.
const (
	streamWork  = "COMMDN_WORK"
	streamDone  = "COMMDN_DONE"
	streamState = "COMMDN_STATE"

	subjectWork  = "commdn.work."  // ROUTE.ID
	subjectDone  = "commdn.done."  // ID
	subjectDead  = "commdn.dead."  // ID
	subjectTry   = "commdn.try."   // ID
	subjectRoute = "commdn.route." // ROUTE

	subjectWindow = "commdn.window." // ID

	// Fences are in streams that several relays share alone.
	fenceDone  = "commdn.fence.done."  // LINK.SHARD
	fenceState = "commdn.fence.state." // LINK.SHARD
)

// StreamConfig says what a stream is.
type StreamConfig struct {
	Name     string
	Subjects []string      // patterns
	Queue    bool          // a message that is acknowledged is gone; at most mostWork are in it
	Latest   bool          // of each subject only the last message stays
	Keep     time.Duration // after which a message is gone; 0: never
	Window   time.Duration // in which an id that comes twice is a duplicate
}

// Layout gives the streams of a journal that keeps outcomes for so long.
func Layout(keep time.Duration) []StreamConfig {
	return []StreamConfig{
		{Name: streamWork, Subjects: []string{subjectWork + "*.*"}, Queue: true, Window: window},
		{Name: streamDone, Subjects: []string{subjectDone + "*"}, Latest: true, Keep: keep, Window: time.Second},
		{Name: streamState, Subjects: []string{subjectDead + "*", subjectTry + "*", subjectRoute + "*", subjectWindow + "*"}, Latest: true, Window: time.Second},
	}
}

// Streams is what the journal needs of JetStream, which is one; package simulation
// has another, with a disk and a network of its own. Several goroutines may use it. A
// pattern is a subject in which * stands for any one token.
type Streams interface {
	// Publish keeps a message. When it returns without an error, the message is on
	// disk. A message whose id, unless it is empty, has come within the window is not
	// kept again: that is a duplicate. An error that is ErrRefused means that nothing
	// was kept; after any other one nobody knows.
	Publish(ctx context.Context, subject, id string, data []byte) (duplicate bool, err error)
	// First is Publish of a message without an id, unless its stream has one with the
	// subject already: then there is the one that it has, and nothing is kept.
	First(ctx context.Context, stream, subject string, data []byte) (there *Message, err error)
	// Last gives the last message of a stream whose subject fits the pattern; nil:
	// there is none.
	Last(ctx context.Context, stream, pattern string) (*Message, error)
	// Next gives the first such message whose sequence is from or later.
	Next(ctx context.Context, stream, pattern string, from uint64) (*Message, error)
	// Subjects gives those of the messages in a stream.
	Subjects(ctx context.Context, stream, pattern string) ([]string, error)
	// State says how much there is in a stream.
	State(ctx context.Context, stream string) (StreamState, error)
	// Purge takes all messages with a subject out of a stream, Delete the one with a
	// sequence, if it is there.
	Purge(ctx context.Context, stream, subject string) error
	Delete(ctx context.Context, stream string, sequence uint64) error

	// Consume hands out the messages of work that fit the pattern, one call of take
	// at a time: those that are there, and what comes. At most that many are out at
	// once. name is the same for the same pattern, whichever relay asks. failed is
	// told why nothing comes at the moment.
	Consume(ctx context.Context, name, pattern string, most int, take func(Delivery), failed func(error)) (stop func(), err error)
	// Shared says whether other relays have the same streams. What this relay was
	// handed out and does not acknowledge goes to another one then, after AckWait or
	// as soon as it is given back.
	Shared() bool
	// Writable says why nothing new can be kept.
	Writable() error
	Close()
}

// Fenced are streams that several relays share, of which one at a time is handed out a
// set of links, and writes what became of it.
type Fenced interface {
	Streams
	// PublishIf keeps a message where the last message with the subject fence, which is
	// in the same stream, has that sequence; 0: there is none. Else the error is
	// ErrFenced, also where another such message is on its way.
	PublishIf(ctx context.Context, subject string, data []byte, fence string, sequence uint64) (at uint64, err error)
	// ConsumeAlone is Consume in the place of every relay of an earlier term, which are
	// handed out nothing any more, and whose acknowledgements count no more. What they
	// had is handed out again.
	ConsumeAlone(ctx context.Context, name string, term uint64, pattern string, most int, take func(Delivery), failed func(error)) (stop func(), err error)
	// Follow hands out the messages of a stream that come from now on, and of each
	// subject the last one before where all is set, to one call of take at a time. Whoever
	// follows acknowledges nothing.
	Follow(ctx context.Context, stream, pattern string, all bool, take func(Message)) (stop func(), err error)
}

// ErrFenced says that nothing was kept, as the fence is that of another term.
var ErrFenced = errors.New("another relay has the lease")

// Message is a message of a stream.
type Message struct {
	Subject  string
	Sequence uint64
	Data     []byte
}

// Delivery is a message of work that is handed out.
type Delivery interface {
	Message() Message
	Again() bool       // it was handed out before
	Ack() error        // it is done, and goes out of the stream
	GiveBack() error   // it is handed out again at once
	InProgress() error // it is still worked on: AckWait begins anew
}

// StreamState says how much there is in a stream.
type StreamState struct {
	Messages     uint64
	First        time.Time // when the first one came
	LastSequence uint64    // that was ever given
}

// ErrRefused is wrapped by an error of Streams.Publish after which nothing was kept.
var ErrRefused = errors.New("the journal refuses it")
