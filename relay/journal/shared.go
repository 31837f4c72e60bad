package journal

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

var _ Fenced = (*jetStreams)(nil)

// A message with this header stays, whatever the age of others may be.
const ttlHeader, never = "Nats-TTL", "never"

func (s *jetStreams) PublishIf(ctx context.Context, subject string, data []byte, fence string, sequence uint64) (uint64, error) {
	m := &nats.Msg{Subject: subject, Data: data}
	if subject == fence {
		m.Header = nats.Header{ttlHeader: {never}}
	}
	ack, err := s.js.PublishMsg(ctx, m, jetstream.WithExpectLastSequenceForSubject(sequence, fence))
	var no *jetstream.APIError
	switch {
	case errors.As(err, &no) && (no.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence || no.ErrorCode == wrongLastSequence):
		return 0, ErrFenced
	case errors.As(err, &no):
		return 0, fmt.Errorf("%w: %w", ErrRefused, err)
	case err != nil:
		return 0, err
	}
	return ack.Sequence, nil
}

// wrongLastSequence is what a cluster answers while another message that looks at the
// same fence is on its way.
const wrongLastSequence = 10164

func (s *jetStreams) ConsumeAlone(ctx context.Context, name string, term uint64, pattern string, most int, take func(Delivery), failed func(error)) (func(), error) {
	if err := s.endEarlier(ctx, name, term); err != nil {
		return nil, err
	}
	c, err := s.streams[streamWork].CreateOrUpdateConsumer(ctx, jetstream.ConsumerConfig{
		Durable: "commdn-" + name + "-" + strconv.FormatUint(term, 10), FilterSubject: pattern,
		AckPolicy: jetstream.AckExplicitPolicy, AckWait: AckWait, MaxAckPending: most, MaxDeliver: -1, DeliverPolicy: jetstream.DeliverAllPolicy,
	})
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
		consuming.Stop()
		select {
		case <-consuming.Closed():
		case <-time.After(farewell): // NATS is away
		}
	}, nil
}

// endEarlier ends what relays of earlier terms are handed out.
func (s *jetStreams) endEarlier(ctx context.Context, name string, term uint64) error {
	names := s.streams[streamWork].ConsumerNames(ctx)
	var earlier []string
	for one := range names.Name() {
		rest, ours := strings.CutPrefix(one, "commdn-"+name)
		if !ours {
			continue
		}
		n, err := strconv.ParseUint(strings.TrimPrefix(rest, "-"), 10, 64)
		if err == nil && n < term || rest == "" { // without a term it is of a version without leases
			earlier = append(earlier, one)
		}
	}
	if err := names.Err(); err != nil {
		return err
	}
	for _, one := range earlier {
		if err := s.streams[streamWork].DeleteConsumer(ctx, one); err != nil && !errors.Is(err, jetstream.ErrConsumerNotFound) {
			return err
		}
	}
	return nil
}

func (s *jetStreams) Follow(ctx context.Context, stream, pattern string, all bool, take func(Message)) (func(), error) {
	conf := jetstream.OrderedConsumerConfig{FilterSubjects: []string{pattern}, DeliverPolicy: jetstream.DeliverLastPerSubjectPolicy}
	if !all {
		st, err := s.State(ctx, stream)
		if err != nil {
			return nil, err
		}
		conf.DeliverPolicy, conf.OptStartSeq = jetstream.DeliverByStartSequencePolicy, st.LastSequence+1
	}
	c, err := s.streams[stream].OrderedConsumer(ctx, conf)
	if err != nil {
		return nil, err
	}
	consuming, err := c.Consume(func(m jetstream.Msg) {
		if meta, err := m.Metadata(); err == nil {
			take(Message{m.Subject(), meta.Sequence.Stream, m.Data()})
		}
	})
	if err != nil {
		return nil, err
	}
	return func() {
		consuming.Stop()
		select {
		case <-consuming.Closed():
		case <-time.After(farewell):
		}
	}, nil
}
