package client

import (
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
	req, err := commdn.DecodeRequest(frame.ReadPreview(f.Body).Data)
	if err != nil {
		t.Fatal(err)
	}
	person, _ := commdn.PersonOf(req)
	return f.Number, person.Phone
}

func (p *peer) forms(t *testing.T, number uint32, texts ...string) {
	t.Helper()
	p.send(t, frame.Frame{Kind: frame.KindForms, Number: number, Body: frame.Forms{Texts: texts}.Body()})
	synctest.Wait()
}

// Questions for forms are told apart, and answered once.
func TestPreview(t *testing.T) {
	connected(t, Options{}, func(t *testing.T, _ *relay, c *Client, p *peer) {
		told := map[string][]string{}
		ask := func(phone string) func() {
			return c.Preview(dnc(phone), func(f frame.Forms) { told[phone] = append(told[phone], f.Texts...) })
		}
		stop := ask("6")
		second, _ := p.previewed(t)
		stop()
		ask("5")
		first, phone := p.previewed(t)
		if phone != "5" {
			t.Errorf("asked for %s", phone)
		}
		stop() // of another one
		p.forms(t, second, "66")
		p.forms(t, first+100, "77")
		p.forms(t, first, "5", "+5")
		p.forms(t, first, "again")
		if len(told) != 1 || !slices.Equal(told["5"], []string{"5", "+5"}) {
			t.Errorf("told %v", told)
		}
		p.quiet(t)
	})
}

// A question that finds no connection, or loses it, is asked on the next one. One that
// was given up is not.
func TestPreviewWithoutConnection(t *testing.T) {
	bubble(t, Options{}, func(t *testing.T, r *relay, c *Client) {
		var told frame.Forms
		c.Preview(dnc("6"), func(frame.Forms) { t.Error("told of one that was given up") })()
		c.Preview(dnc("7"), func(frame.Forms) { t.Error("told of one whose place another one took") })
		c.Preview(dnc("5"), func(f frame.Forms) { told = f })
		p := r.accept(t)
		p.previewed(t)
		p.quiet(t)
		p.drop(frame.CloseGoingAway)
		p = r.accept(t)
		n, phone := p.previewed(t)
		p.send(t, frame.Frame{Kind: frame.KindForms, Number: n, Body: frame.Forms{Refusal: "no"}.Body()})
		synctest.Wait()
		if phone != "5" || told.Refusal != "no" {
			t.Errorf("asked for %s, told %+v", phone, told)
		}
		p.quiet(t)
	})
}
