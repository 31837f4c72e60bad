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
	site := mustRules(t, numbers.Rules{Region: "ES", Send: []string{numbers.National, numbers.E164, "00{country}{national}"}})
	r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Links[0].Numbers = numbers.Sites{site} })
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
// goes as its digits.
func TestOneForm(t *testing.T) {
	t.Parallel()
	for _, rules := range []numbers.Sites{nil, {mustRules(t, numbers.Rules{Send: []string{numbers.Digits, "{national}"}, Region: "ES"})}} {
		r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Links[0].Numbers = rules })
		c := r.session()
		c.request(1, dnc("600 111 222"))
		c.message(c.settled(), frame.KindOutcome, 1)
		if l := r.sim.DNC(); len(l) != 1 || l[0].Phone != "600111222" {
			t.Errorf("%+v", l)
		}
		c.request(2, dnc("undefined"))
		c.refused(2, frame.RefusedInvalid, commdn.KeyPhone)
	}
}

// Letters are digits where the rules of the link say so, and clients are told whether
// they do.
func TestVanity(t *testing.T) {
	t.Parallel()
	for _, on := range []bool{false, true} {
		site := mustRules(t, numbers.Rules{Vanity: on})
		r := newRig(t, installation(connectedOCS(201)), func(o *Options) { o.Links[0].Numbers = numbers.Sites{site} })
		c := r.session()
		if got := c.welcome.Limits.Vanity; got != on {
			t.Errorf("told %t, want %t", got, on)
		}
		c.request(1, dnc("1-800-FLOWERS"))
		if !on {
			c.refused(1, frame.RefusedInvalid, commdn.KeyPhone)
			continue
		}
		c.message(c.settled(), frame.KindOutcome, 1)
		if l := r.sim.DNC(); len(l) != 1 || l[0].Phone != "18003569377" {
			t.Errorf("on the list: %+v", l)
		}
	}
}

func mustRules(t *testing.T, r numbers.Rules) *numbers.Site {
	t.Helper()
	site, err := numbers.New(r)
	if err != nil {
		t.Fatal(err)
	}
	return site
}
