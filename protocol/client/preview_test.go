package client

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

// previewed takes the next frame, a preview, and gives its number and phone.
func (p *peer) previewed(t *testing.T) (number uint32, phone string) {
	t.Helper()
	f := p.recv(t)
	if f.Kind != frame.KindPreview {
		t.Fatalf("frame is %v, want a preview", f.Kind)
	}
	req, err := commdn.DecodeRequest(frame.ReadRequest(f.Body).Data)
	if err != nil {
		t.Fatal(err)
	}
	person, _ := commdn.PersonOf(req)
	return f.Number, person.Phone
}

func (p *peer) forms(t *testing.T, number uint32, f frame.Forms) {
	t.Helper()
	p.send(t, frame.Frame{Kind: frame.KindForms, Number: number, Body: f.Body()})
	synctest.Wait()
}

type formsTold struct {
	forms frame.Forms
	err   error
}

func preview(ctx context.Context, c *Client, phone string) <-chan formsTold {
	done := make(chan formsTold, 1)
	go func() {
		f, err := c.Preview(ctx, dnc(phone))
		done <- formsTold{f, err}
	}()
	synctest.Wait()
	return done
}

// Questions for forms are told apart, and answered once.
func TestPreview(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, _ *relay, c *Client, p *peer) {
		ctx, giveUp := context.WithCancel(t.Context())
		first, second, third := preview(t.Context(), c, "5"), preview(t.Context(), c, "6"), preview(ctx, c, "7")
		one, phone := p.previewed(t)
		two, _ := p.previewed(t)
		three, _ := p.previewed(t)
		giveUp()
		if got := <-third; !errors.Is(got.err, context.Canceled) {
			t.Errorf("given up: %+v", got)
		}
		p.forms(t, three, frame.Forms{Texts: []string{"7"}})
		p.forms(t, two, frame.Forms{Refusal: "no"})
		p.forms(t, one, frame.Forms{Texts: []string{"5", "+5"}})
		p.forms(t, one, frame.Forms{Texts: []string{"again"}})
		if got := <-first; phone != "5" || got.err != nil || !slices.Equal(got.forms.Texts, []string{"5", "+5"}) {
			t.Errorf("%s: %+v", phone, got)
		}
		if got := <-second; got.err != nil || got.forms.Refusal != "no" {
			t.Errorf("refused: %+v", got)
		}
		p.quiet(t)
		if _, err := c.Preview(t.Context(), &commdn.DoNotCall{}); err == nil {
			t.Error("asks about nobody")
		}
	})
}

// A question that finds no connection, or loses it, is asked on the next one.
func TestPreviewWithoutConnection(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		done := preview(t.Context(), c, "5")
		p := r.accept(t)
		n, _ := p.previewed(t)
		p.drop(frame.CloseGoingAway)
		p = r.accept(t)
		// Hello resumes it under its key; the relay has kept nothing.
		p.refuse(t, n, frame.RefusedUnknownKey)
		n, _ = p.previewed(t)
		p.forms(t, n, frame.Forms{Texts: []string{"5"}})
		if got := <-done; got.err != nil || len(got.forms.Texts) != 1 {
			t.Errorf("told %+v", got)
		}
		p.quiet(t)
	})
}
