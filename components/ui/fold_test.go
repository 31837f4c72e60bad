package ui

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"":                       "",
		"Autumn OFFERS 12":       "autumn offers 12",
		"Überfällige Rechnungen": "uberfallige rechnungen",
		"Éléments à l’Ouest":     "elements a l’ouest",
		"Cobrança ÀÕÑ":           "cobranca aon",
		"ŁÓDŹ, Øst, Straße":      "lodz, ost, strase",
		"秋のキャンペーン":               "秋のキャンペーン",
		"a\xffb":                 "a\ufffdb",
		"÷×":                     "÷×",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

// inOrder is the order that a reader expects.
var inOrder = []string{
	"", "-", "2nd list", "10th list", "Ärzte", "Autumn", "autumn 2", "Autumn 02b", "Autumn 10", "Autumn 10 000", "Autumn 100",
	"Autumn 18446744073709551616", "Autumn b", "Über", "Winter", "秋", "秋 2", "秋 10",
}

func TestSortKey(t *testing.T) {
	mixed := slices.Clone(inOrder)
	rand.Shuffle(len(mixed), func(i, j int) { mixed[i], mixed[j] = mixed[j], mixed[i] })
	slices.SortFunc(mixed, func(a, b string) int { return strings.Compare(SortKey(a), SortKey(b)) })
	if !slices.Equal(mixed, inOrder) {
		t.Errorf("sorted\n%q\nwant\n%q", mixed, inOrder)
	}
	if SortKey("Group 7") != SortKey("GROUP 007") {
		t.Error("the same number has two keys")
	}
	long := "x " + strings.Repeat("9", 300)
	if SortKey(long) <= SortKey("x 5") {
		t.Error("a long number sorts before a short one")
	}
}
