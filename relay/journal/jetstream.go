package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"commdn/relay/internal/insist"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// jetStreams are the streams in NATS JetStream: in a folder of this process, or on a
// cluster.
type jetStreams struct {
	data    *folder // nil: a cluster has the data
	conn    *nats.Conn
	js      jetstream.JetStream
	streams map[string]jetstream.Stream

	log   *slog.Logger
	done  context.Context // ends with end
	end   context.CancelFunc
	notes sync.WaitGroup // of what notes where the streams end
}

func openJetStreams(ctx context.Context, o Options) (*jetStreams, error) {
	s := &jetStreams{streams: make(map[string]jetstream.Stream), log: o.Log}
	s.done, s.end = context.WithCancel(context.Background())
	err := s.connect(o)
	if err == nil {
		err = s.make(ctx, o)
	}
	if err != nil {
		s.Close()
		return nil, err
	}
	if s.data != nil {
		noted := s.noteEnds(nil)
		s.notes.Go(func() { s.note(noted) })
	}
	return s, nil
}

func (s *jetStreams) connect(o Options) (err error) {
	if o.Folder != "" {
		if s.data, err = openFolder(o.Folder, o.Log); err != nil {
			return err
		}
		s.conn, err = nats.Connect("", nats.InProcessServer(s.data.server), nats.MaxReconnects(-1))
	} else {
		s.conn, err = o.NATS.connect(o.Log)
	}
	if err != nil {
		return err
	}
	s.js, err = jetstream.New(s.conn)
	return err
}

// make makes the streams, or takes those that are there.
func (s *jetStreams) make(ctx context.Context, o Options) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for _, c := range Layout(o.Keep) {
		conf := jetstream.StreamConfig{
			Name: c.Name, Subjects: c.Subjects, MaxAge: c.Keep, Duplicates: c.Window,
			Storage: jetstream.FileStorage, Replicas: max(o.NATS.Replicas, 1), AllowDirect: true,
		}
		if c.Queue {
			conf.Retention, conf.MaxMsgs, conf.Discard = jetstream.WorkQueuePolicy, mostWork, jetstream.DiscardNew
		}
		if c.Latest {
			conf.MaxMsgsPerSubject = 1
		}
		if s.data == nil { // fences stay, whatever the age of outcomes may be
			switch c.Name {
			case streamDone:
				conf.Subjects, conf.AllowMsgTTL = append(conf.Subjects, fenceDone+"*.*"), true
			case streamState:
				conf.Subjects, conf.AllowMsgTTL = append(conf.Subjects, fenceState+"*.*"), true
			}
		}
		made, err := insist.Until(ctx, func(ctx context.Context) (jetstream.Stream, error) { return s.js.CreateOrUpdateStream(ctx, conf) })
		if err != nil {
			return fmt.Errorf("stream %s: %w", conf.Name, err)
		}
		s.streams[conf.Name] = made
	}
	if s.data != nil {
		return s.data.made()
	}
	return nil
}

func (s *jetStreams) Publish(ctx context.Context, subject, id string, data []byte) (duplicate bool, err error) {
	var o []jetstream.PublishOpt
	if id != "" {
		o = append(o, jetstream.WithMsgID(id), jetstream.WithRetryAttempts(0))
	}
	ack, err := s.js.Publish(ctx, subject, data, o...)
	var no *jetstream.APIError
	switch {
	case errors.As(err, &no): // only JetStream's own "no" is one
		return false, fmt.Errorf("%w: %w", ErrRefused, err)
	case err != nil:
		return false, err
	}
	return ack.Duplicate, nil
}

func (s *jetStreams) First(ctx context.Context, stream, subject string, data []byte) (there *Message, err error) {
	_, err = s.js.Publish(ctx, subject, data, jetstream.WithExpectLastSequencePerSubject(0), jetstream.WithRetryAttempts(0))
	var no *jetstream.APIError
	switch {
	case errors.As(err, &no) && no.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence:
		if there, err = s.Last(ctx, stream, subject); there == nil && err == nil {
			err = errors.New("the message that was there has just gone")
		}
		return there, err
	case no != nil:
		return nil, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	return nil, err
}

func (s *jetStreams) Last(ctx context.Context, stream, pattern string) (*Message, error) {
	return message(s.streams[stream].GetLastMsgForSubject(ctx, pattern))
}

func (s *jetStreams) Next(ctx context.Context, stream, pattern string, from uint64) (*Message, error) {
	return message(s.streams[stream].GetMsg(ctx, from, jetstream.WithGetMsgSubject(pattern)))
}

func message(m *jetstream.RawStreamMsg, err error) (*Message, error) {
	if missing(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &Message{m.Subject, m.Sequence, m.Data}, nil
}

func missing(err error) bool { return errors.Is(err, jetstream.ErrMsgNotFound) }

func (s *jetStreams) Subjects(ctx context.Context, stream, pattern string) ([]string, error) {
	info, err := s.streams[stream].Info(ctx, jetstream.WithSubjectFilter(pattern))
	if err != nil {
		return nil, err
	}
	all := make([]string, 0, len(info.State.Subjects))
	for subject := range info.State.Subjects {
		all = append(all, subject)
	}
	return all, nil
}

func (s *jetStreams) State(ctx context.Context, stream string) (StreamState, error) {
	info, err := s.streams[stream].Info(ctx)
	if err != nil {
		return StreamState{}, err
	}
	return StreamState{Messages: info.State.Msgs, First: info.State.FirstTime, LastSequence: info.State.LastSeq}, nil
}

func (s *jetStreams) Purge(ctx context.Context, stream, subject string) error {
	return s.streams[stream].Purge(ctx, jetstream.WithPurgeSubject(subject))
}

func (s *jetStreams) Delete(ctx context.Context, stream string, sequence uint64) error {
	err := s.streams[stream].DeleteMsg(ctx, sequence)
	if missing(err) {
		return nil
	}
	return err
}

func (s *jetStreams) Consume(ctx context.Context, name, pattern string, most int, take func(Delivery), failed func(error)) (stop func(), err error) {
	conf := jetstream.ConsumerConfig{
		FilterSubject: pattern, AckPolicy: jetstream.AckExplicitPolicy, AckWait: AckWait,
		MaxAckPending: most, MaxDeliver: -1, DeliverPolicy: jetstream.DeliverAllPolicy,
	}
	if s.data != nil {
		// What this process was handed out dies with it, so that the next one gets it at once.
		conf.MemoryStorage, conf.InactiveThreshold = true, 24*time.Hour
	} else {
		conf.Durable = "commdn-" + name
	}
	c, err := s.streams[streamWork].CreateOrUpdateConsumer(ctx, conf)
	if err != nil {
		return nil, err
	}
	consuming, err := c.Consume(func(m jetstream.Msg) {
		meta, err := m.Metadata()
		if err != nil {
			failed(fmt.Errorf("a message is not one of JetStream: %w", err))
			return
		}
		take(delivery{m, meta})
	}, jetstream.PullMaxMessages(most), jetstream.ConsumeErrHandler(func(_ jetstream.ConsumeContext, err error) { failed(err) }))
	if err != nil {
		return nil, err
	}
	return func() {
		if s.Shared() {
			consuming.Drain() // what has come is given back, so that others need not wait for it
		} else {
			consuming.Stop()
		}
		select {
		case <-consuming.Closed():
		case <-time.After(farewell): // NATS is away
		}
	}, nil
}

func (s *jetStreams) Shared() bool { return s.data == nil }

func (s *jetStreams) Writable() error {
	if s.data == nil {
		return nil
	}
	return s.data.writable()
}

func (s *jetStreams) Close() {
	s.end()
	s.notes.Wait()
	if s.conn != nil {
		_ = s.conn.FlushTimeout(farewell)
		s.conn.Close()
	}
	if s.data != nil {
		s.data.close()
	}
}

type delivery struct {
	m    jetstream.Msg
	meta *jetstream.MsgMetadata
}

func (d delivery) Message() Message {
	return Message{d.m.Subject(), d.meta.Sequence.Stream, d.m.Data()}
}
func (d delivery) Again() bool       { return d.meta.NumDelivered > 1 }
func (d delivery) Ack() error        { return d.m.Ack() }
func (d delivery) GiveBack() error   { return d.m.Nak() }
func (d delivery) InProgress() error { return d.m.InProgress() }
