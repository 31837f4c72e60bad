package lang

import (
	"slices"
	"strings"
	"testing"

	"commdn/components/lang/langtest"
)

// three is an Intl of a language with more than two plural forms.
type three struct{ langtest.Plain }

func (three) Plural(n int) string { return [...]string{"zero", "one", "few"}[min(n, 2)] }

func (three) Number(n int) string { return "#" + langtest.Plain{}.Number(n) }

// with makes a Language of these texts, with the keys 0, 1 …
func with(intl Intl, texts ...string) *Language { return &Language{Intl: intl, texts: texts} }

func TestText(t *testing.T) {
	l := with(langtest.Plain{}, "plain", "{who} in {campaign}", "{n} {n}", "open {who", "{}|{ who }", "}")
	for _, c := range []struct {
		key  Key
		args []string
		want string
	}{
		{0, nil, "plain"},
		{0, []string{"who", "5551234567"}, "plain"},
		{1, []string{"campaign", "Spring", "who", "555"}, "555 in Spring"},
		{1, []string{"who", "{campaign}", "campaign", "{who}"}, "{campaign} in {who}"},
		{1, []string{"who", "<b>", "odd"}, "<b> in "},
		{2, []string{"n", "7"}, "7 7"},
		{3, []string{"who", "555"}, "open 555"},
		{4, []string{"who", "555"}, "|"},
		{5, []string{"who", "555"}, "}"},
	} {
		if got := l.Text(c.key, c.args...); got != c.want {
			t.Errorf("text %d with %q is %q, want %q", c.key, c.args, got, c.want)
		}
	}
}

func TestCount(t *testing.T) {
	l := with(three{}, "zero: none | one: {n} row of {who} | other: {n} rows of {who}", "other: {n} 件", "one: {n} row")
	args := []string{"who", "Ann | one: x", "and", "more"}[:2]
	for _, c := range []struct {
		key  Key
		n    int
		want string
	}{
		{0, 0, "none"},
		{0, 1, "#1 row of Ann | one: x"},
		{0, 5, "#5 rows of Ann | one: x"}, // no form for few
		{1, 1, "#1 件"},
		{2, 2, ""},
	} {
		if got := l.Count(c.key, c.n, args...); got != c.want {
			t.Errorf("count %d of %d is %q, want %q", c.key, c.n, got, c.want)
		}
	}
}

func TestMissingTextIsEnglish(t *testing.T) {
	l := with(langtest.Plain{}, make([]string, len(english))...)
	if got := l.Text(CommonBack); got != english[CommonBack] || got == "" {
		t.Errorf("a missing text is %q", got)
	}
}

// TestAgent: an agent's program has the shared texts, and nothing for those of others.
func TestAgent(t *testing.T) {
	l, all := Agent("de", langtest.Plain{}), New("de", langtest.Plain{})
	if l.Text(CommonBack) != all.Text(CommonBack) || l.Text(CampaignsFilter) != "" || all.Text(CampaignsFilter) == "" {
		t.Errorf("%q and %q, of all %q and %q", l.Text(CommonBack), l.Text(CampaignsFilter), all.Text(CommonBack), all.Text(CampaignsFilter))
	}
}

func TestFind(t *testing.T) {
	if tables[0].code != "en" {
		t.Fatalf("the first table is %s, not English", tables[0].code)
	}
	for _, table := range tables {
		code := table.code
		for _, tag := range []string{code, strings.ToLower(code), strings.ToUpper(code)} {
			if got := Find(tag); got != code {
				t.Errorf("%s finds %s", tag, got)
			}
		}
		base, _, _ := strings.Cut(code, "-")
		for _, tag := range []string{base, base + "-XX", base + "-Latn-XX"} {
			if got := Find(tag); !strings.HasPrefix(got, base) {
				t.Errorf("%s finds %s", tag, got)
			}
		}
		l := New(code, langtest.Plain{})
		if l.Code != code || l.Text(CommonBack) == "" {
			t.Errorf("%s gives %s, which says %q", code, l.Code, l.Text(CommonBack))
		}
	}
	for _, tag := range []string{"", "-", "tlh", "x-klingon", "<script>", strings.Repeat("🙂", 10_000)} {
		if got := Find(tag); got != "en" {
			t.Errorf("%.20q finds %s", tag, got)
		}
	}
}

// TestTables compares every table with the English one: it has all texts, the same
// placeholders, and plural forms where English has them.
func TestTables(t *testing.T) {
	all := New("en", langtest.Plain{}).texts
	if len(english) >= len(all) || CommonBack >= Key(len(english)) || CampaignsFilter < Key(len(english)) {
		t.Fatalf("%d texts are shared, of %d", len(english), len(all))
	}
	for _, table := range tables {
		texts := New(table.code, langtest.Plain{}).texts
		if len(texts) != len(all) {
			t.Fatalf("%s has %d texts, English %d", table.code, len(texts), len(all))
		}
		for k, text := range texts {
			en := all[k]
			if text == "" {
				t.Errorf("%s lacks a text for %q", table.code, en)
				continue
			}
			for _, problem := range problems(table.code, text, en) {
				t.Errorf("%s: %q for %q: %s", table.code, text, en, problem)
			}
		}
	}
}

// TestProblems shows what TestTables finds.
func TestProblems(t *testing.T) {
	const plural = "one: {n} row | other: {n} rows"
	for _, c := range []struct {
		code, text, en string
		want           int
	}{
		{"de", "{who} in {campaign}", "{campaign} of {who}", 0},
		{"de", "{who}", "{campaign} of {who}", 1},
		{"de", "{who} {wer}", "{who}", 1},
		{"de", "{who", "{who}", 2},
		{"de", "wer}", "who", 1},
		{"de", "a  b", "a b", 1},
		{"de", " a", "a", 1},
		{"de", "a\tb", "a b", 1},
		{"de", "a...", "a…", 1},
		{"de", "one: {n} Zeile | other: {n} Zeilen", plural, 0},
		{"ja", "other: {n} 件", plural, 0},
		{"ja", "one: {n} 件 | other: {n} 件", plural, 1},
		{"fr", "one: {n} ligne | many: {n} de lignes | other: {n} lignes", plural, 0},
		{"de", "{n} Zeilen", plural, 1},
		{"de", "one: {n} Zeile", plural, 1},
		{"de", "one: eine Zeile | other: {n} Zeilen", plural, 0},
		{"de", "one: {n} Zeile | other: Zeilen", plural, 1},
		{"de", "one: {n} Zeile | one: {n} Zeile | other: {n} Zeilen", plural, 1},
		{"de", "one: {n} Zeile | other: ", plural, 3},
		{"de", "one: {n} | other: {n}", "{n} rows", 1},
	} {
		if got := problems(c.code, c.text, c.en); len(got) != c.want {
			t.Errorf("%s %q for %q: %q, want %d", c.code, c.text, c.en, got, c.want)
		}
	}
}

// categories are the plural categories of whole numbers, by CLDR.
var categories = map[string][]string{
	"en": {"one", "other"}, "de": {"one", "other"}, "ja": {"other"},
	"es": {"one", "many", "other"}, "fr": {"one", "many", "other"}, "pt-BR": {"one", "many", "other"},
}

func problems(code, text, en string) []string {
	var found []string
	say := func(problem string) { found = append(found, problem) }
	if strings.TrimSpace(text) != text || strings.Contains(text, "  ") {
		say("has needless blanks")
	}
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		say("holds a control character")
	}
	if strings.Contains(text, "...") {
		say("has three dots instead of …")
	}
	forms, enForms := plurals(text), plurals(en)
	if (forms == nil) != (enForms == nil) {
		return append(found, "has plural forms in one of both languages only")
	}
	if forms == nil {
		if got, want := placeholders(text), placeholders(en); !slices.Equal(got, want) {
			say("has the placeholders " + strings.Join(got, " ") + " instead of " + strings.Join(want, " "))
		}
		if strings.Count(text, "{") != strings.Count(text, "}") {
			say("has an open brace")
		}
		return found
	}
	allowed, known := categories[code]
	if !known {
		say("is in a language whose plurals this test does not know")
	}
	want := placeholders(enForms["other"])
	for category, form := range forms {
		if known && !slices.Contains(allowed, category) {
			say("has a form for " + category + ", which the language has not")
		}
		if form == "" {
			say("has an empty form for " + category)
		}
		got := placeholders(form)
		if category == "other" && !slices.Equal(got, want) {
			say("has the placeholders " + strings.Join(got, " ") + " instead of " + strings.Join(want, " ") + " in other")
		}
		for _, name := range got {
			if !slices.Contains(want, name) {
				say("has the unknown placeholder " + name)
			}
		}
	}
	if _, ok := forms["other"]; !ok {
		say("has no form for other")
	}
	if len(forms) != strings.Count(text, "|")+1 {
		say("has a form twice")
	}
	return found
}

// plurals returns the forms of a text by category, or nil.
func plurals(text string) map[string]string {
	forms := map[string]string{}
	for form := range strings.SplitSeq(text, "|") {
		category, rest, found := strings.Cut(form, ":")
		category = strings.TrimSpace(category)
		if !found || !slices.Contains([]string{"zero", "one", "two", "few", "many", "other"}, category) {
			return nil
		}
		forms[category] = strings.TrimSpace(rest)
	}
	return forms
}

// placeholders returns the names in braces, sorted, each once.
func placeholders(text string) []string {
	var names []string
	for {
		_, rest, found := strings.Cut(text, "{")
		if !found {
			slices.Sort(names)
			return slices.Compact(names)
		}
		var name string
		name, text, found = strings.Cut(rest, "}")
		if found {
			names = append(names, name)
		}
	}
}
