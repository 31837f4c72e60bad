package seqfile

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The template is a sequence as it stands, and with every key taken in it is
// another; no key is left out of it.
func TestTemplate(t *testing.T) {
	t.Parallel()
	f, err := Parse("new.yaml", []byte(Template))
	if err != nil || f.Group != "Sales" || !f.Start.IsZero() || len(f.Items) != 2 {
		t.Fatalf("%+v, %v", f, err)
	}
	if slices.ContainsFunc(f.Items, func(i Item) bool { return !i.StopAtTime.IsZero() || i.StopAtDials+i.StopAtContacts+i.WaitMinutes > 0 }) {
		t.Errorf("what may be left out is given: %+v", f.Items)
	}
	all := regexp.MustCompile(`(?m)^( *)#([a-z_]+:)`).ReplaceAllString(strings.Replace(Template, "\nstart: now\n", "\n", 1), "$1$2")
	f, err = Parse("all.yaml", []byte(all))
	if err != nil || f.Start.IsZero() || !f.Items[0].StopAtTime.After(f.Start) || f.Items[0].StopAtContacts != 500 || f.Items[0].StopAtDials != 2000 || f.Items[1].WaitMinutes != 10 {
		t.Errorf("%+v, %v\n%s", f, err, all)
	}
	for _, key := range slices.Concat(sequenceKeys, itemKeys) {
		if !regexp.MustCompile(`(?m)^[ -]*` + key + `:`).MatchString(all) {
			t.Errorf("the template does not explain %s", key)
		}
	}
}
