package relay

import (
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/numbers"
)

// A number goes in every form in which the calling lists behind the link hold it:
// one click is done when all are acknowledged. What can match nothing is refused.
func TestNumbers(t *testing.T) {
	t.Parallel()
	site, err := numbers.New(numbers.Rules{Region: "ES", Send: []string{numbers.National, numbers.E164, "00{country}{national}"}})
	if err != nil {
		t.Fatal(err)
	}
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Links[0].Numbers = site })
	c := r.session()
	c.request(1, dnc("+34 600-111.222"))
	for _, kind := range []frame.Kind{frame.KindAnswer, frame.KindAnswer, frame.KindOutcome} {
		if m := c.message(c.next(), kind, 1); m.Type() != commdn.EvDoNotCallProcessed {
			t.Errorf("answered by %v", m.Type())
		}
	}
	var list []string
	for _, e := range r.sim.DNC() {
		list = append(list, e.Phone)
	}
	slices.Sort(list)
	if got := strings.Join(list, " "); got != "+34600111222 0034600111222 600111222" {
		t.Errorf("on the list: %s", got)
	}
	for _, wrong := range []string{"5.55E+09", "undefined", "6OO111222", "1"} {
		c.request(2, dnc(wrong))
		c.refused(2, frame.RefusedInvalid, commdn.KeyPhone)
	}
	if n := len(r.sim.DNC()); n != 3 {
		t.Errorf("%d numbers on the list", n)
	}
}

// Where the forms come out equal they are sent once, and without rules a number
// goes as it is.
func TestOneForm(t *testing.T) {
	t.Parallel()
	digits, err := numbers.New(numbers.Rules{})
	if err != nil {
		t.Fatal(err)
	}
	for want, site := range map[string]*numbers.Site{"600111222": digits, "600 111 222": nil} {
		r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Links[0].Numbers = site })
		c := r.session()
		c.request(1, dnc("600 111 222"))
		c.message(c.next(), frame.KindOutcome, 1)
		if l := r.sim.DNC(); len(l) != 1 || l[0].Phone != want {
			t.Errorf("%+v, want %s", l, want)
		}
	}
}
