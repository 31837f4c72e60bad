package numbers

import (
	"errors"
	"strings"
	"testing"

	"commdn/protocol/number"
)

// Lists of several tenants hold a number in the forms of all of them.
func TestSites(t *testing.T) {
	t.Parallel()
	spain, portugal := site(t, Rules{Region: "ES", Send: []string{National}}), site(t, Rules{Region: "PT", Send: []string{National, E164}})
	lisbon, digits := site(t, Rules{Region: "PT", Send: []string{National}}), site(t, Rules{})
	refuse := site(t, Rules{Extension: Refuse})
	for _, c := range []struct {
		sites       Sites
		given, want string
		foreign     bool
	}{
		{Sites{spain, portugal}, "+34 600 111 222", "600111222 +34600111222", false},
		{Sites{spain, portugal}, "+351 912 345 678", "912345678 +351912345678", false},
		{Sites{spain, spain, digits}, "600111222", "600111222", false}, // once
		{Sites{spain, lisbon}, "+34600111222", "600111222", false},
		{Sites{lisbon}, "+34600111222", "", true},
		{Sites{spain, lisbon}, "+33612345678", "", true},
		{Sites{digits, spain}, "12345", "", false}, // of no country: a mistake
		{Sites{digits, refuse}, "600111222 x12", "", false},
	} {
		forms, err := c.sites.Forms(c.given)
		var texts []string
		for _, f := range forms {
			texts = append(texts, f.Text)
		}
		unfit, is := errors.AsType[*FormError](err)
		if got := strings.Join(texts, " "); got != c.want || (err != nil) != (c.want == "") || err != nil && (!is || unfit.Foreign != c.foreign) {
			t.Errorf("%q: %q, %v; want %q, foreign %v", c.given, got, err, c.want, c.foreign)
		}
	}
	if _, err := (Sites{spain, lisbon}).Forms("undefined"); err == nil {
		t.Error("undefined is a number")
	} else if _, is := errors.AsType[*number.Error](err); !is {
		t.Errorf("undefined: %v", err)
	}
}

// Letters are digits where every site has them so.
func TestSitesVanity(t *testing.T) {
	t.Parallel()
	letters, digits := site(t, Rules{Vanity: true}), site(t, Rules{})
	for _, c := range []struct {
		sites Sites
		want  bool
	}{{nil, false}, {Sites{digits}, false}, {Sites{letters}, true}, {Sites{letters, letters}, true}, {Sites{letters, digits}, false}} {
		_, err := c.sites.Forms("1-800-FLOWERS")
		if got := c.sites.Vanity(); got != c.want || len(c.sites) > 0 && (err == nil) != c.want {
			t.Errorf("%d sites: %v, and a number is read: %v", len(c.sites), got, err)
		}
	}
}
