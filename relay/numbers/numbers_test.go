package numbers

import (
	"errors"
	"strings"
	"testing"
	"time"

	pn "github.com/nyaruka/phonenumbers"

	"commdn/protocol/number"
)

func site(t testing.TB, r Rules) *Site {
	t.Helper()
	s, err := New(r)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// texts gives what is sent for a text, or what is wrong.
func texts(s *Site, text string) string {
	n, err := s.Read(text)
	if err != nil {
		return "unread: " + err.Error()
	}
	forms, err := s.Forms(n)
	if err != nil {
		return "refused: " + err.Error()
	}
	var all []string
	for _, f := range forms {
		all = append(all, f.Text)
	}
	return strings.Join(all, " | ")
}

func TestForms(t *testing.T) {
	t.Parallel()
	spain := Rules{Region: "ES", Send: []string{National, E164, "00{country}{national}"}}
	britain := Rules{Region: "GB", Send: []string{National, E164, "{national}", "{trunk}{national}", "{country} {national}"}}
	const all = "600111222 | +34600111222 | 0034600111222"
	for _, c := range []struct {
		rules Rules
		given map[string]string
	}{
		{spain, map[string]string{
			"+34 600 111 222": all, "600111222": all, "0034600111222": all, "34600111222": all, "(+34) 600-11-12-22": all, `="600111222"`: all, "+34 ٦٠٠ ١١١ ٢٢٢": all,
			// A number of another country in its national form would be somebody else's.
			"+33 6 12 34 56 78": "+33612345678 | 0033612345678",
			"12345":             "refused: has none of the forms that the rules send (national, e164, 00{country}{national}: too short for a number of ES); check the number, or have digits added to the rules",
			"+34 600 111 222 9": "refused: has none of the forms that the rules send (national, e164, 00{country}{national}: too long for a number of its country); check the number, or have digits added to the rules",
			"+999 600111222":    "refused: has none of the forms that the rules send (national, e164, 00{country}{national}: no country has this code); check the number, or have digits added to the rules",
			"6OO111222":         `unread: has the letter "O" at character 2; give digits alone, 0 for O and 1 for l`,
			"600111222 x12":     all,
		}},
		{britain, map[string]string{
			"+44 (0)20 7946 0958": "02079460958 | +442079460958 | 2079460958 | 44 2079460958",
			"020 7946 0958":       "02079460958 | +442079460958 | 2079460958 | 44 2079460958",
			"0034600111222":       "+34600111222 | 34 600111222",
		}},
		{Rules{Region: "IT", Send: []string{National, E164}}, map[string]string{"06 1234 5678": "0612345678 | +390612345678", "+39 (0)6 1234 5678": "0612345678 | +390612345678"}},
		{Rules{Region: "DE", Send: []string{National, "{trunk}-{national}"}}, map[string]string{"+49 171 1234567": "01711234567 | 0-1711234567", "0171/1234567": "01711234567 | 0-1711234567"}},
		{Rules{Region: "US", Send: []string{National, "{country}{national}", E164}}, map[string]string{"(555) 010-4477": "5550104477 | 15550104477 | +15550104477", "1-555-010-4477": "5550104477 | 15550104477 | +15550104477"}},
		{Rules{}, map[string]string{"+34 600 111 222": "+34600111222", "600 111 222": "600111222", "112": "112", "600 x12": "600"}},
		{Rules{Send: []string{AsGiven, Digits}}, map[string]string{" (600) 111-222": "(600) 111-222 | 600111222", "600111222": "600111222"}},
		{Rules{Send: []string{E164}}, map[string]string{
			"+34600111222": "+34600111222",
			"600111222":    "refused: has none of the forms that the rules send (e164: there is no country code, and no region is set); check the number, or have digits added to the rules",
		}},
		{Rules{Send: []string{E164, Digits}}, map[string]string{"600111222": "600111222", "+34600111222": "+34600111222"}},
		{Rules{Region: "ES", Send: []string{National, "{national}x{extension}"}}, map[string]string{"600111222 ext. 12": "600111222 | 600111222x12", "600111222": "600111222"}},
		{Rules{Region: "ES", Send: []string{"{national}x{extension}"}}, map[string]string{
			"600111222": "refused: has none of the forms that the rules send ({national}x{extension}: the number has no extension); check the number, or have digits added to the rules",
		}},
		{Rules{Extension: Refuse}, map[string]string{"600111222 x12": "refused: has the extension 12, which these rules refuse; give the number without it", "600111222": "600111222"}},
		{Rules{Vanity: true, Region: "US", Send: []string{National}}, map[string]string{"1-800-FLOWERS": "8003569377"}},
	} {
		s := site(t, c.rules)
		for given, want := range c.given {
			if got := texts(s, given); got != want {
				t.Errorf("%+v: %q\ngot  %s\nwant %s", c.rules, given, got, want)
			}
		}
	}
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]Rules{
		`region: is "es", which is no region; give the two capital letters of a country, ES for one; did you mean ES?`:                            {Region: "es"},
		`region: is "XX", which is no region; give the two capital letters of a country, ES for one`:                                              {Region: "XX"},
		`region: is "001", which is no region; give the two capital letters of a country, ES for one`:                                             {Region: "001"},
		`send[0]: "nationl" is no form; give digits, as-given, national, e164 or a template like 00{country}{national}; did you mean national?`:   {Region: "ES", Send: []string{"nationl"}},
		`send[0]: "" is no form; give digits, as-given, national, e164 or a template like 00{country}{national}`:                                  {Send: []string{""}},
		`send[1]: "national" is for numbers of one country; set region`:                                                                           {Send: []string{Digits, National}},
		`send[0]: "0{national}" is for numbers of one country; set region`:                                                                        {Send: []string{"0{national}"}},
		`send[0]: "00{contry}{national}": {contry} is no placeholder; give {country}, {national}, {trunk}, {extension}; did you mean {country}?`:  {Send: []string{"00{contry}{national}"}},
		`send[0]: "00{country}" is the same for every number; put {national} into it`:                                                             {Send: []string{"00{country}"}},
		`send[0]: "{national" does not close a brace`:                                                                                             {Send: []string{"{national"}},
		`send[0]: "00}{national}" closes a brace that is not open`:                                                                                {Send: []string{"00}{national}"}},
		`send[0]: " {country}{national}" begins or ends with a blank, so it would match no record`:                                                {Send: []string{" {country}{national}"}},
		`send[0]: "{country}{trunk}{national}" has {trunk} beside {country}; nobody dials both, so leave one out`:                                 {Send: []string{"{country}{trunk}{national}"}},
		`send[0]: "é{country}{national}" has a character that is not ASCII text`:                                                                  {Send: []string{"é{country}{national}"}},
		`send[0]: has 117 bytes; a template has at most 64`:                                                                                       {Send: []string{strings.Repeat("0", 98) + "{country}{national}"}},
		`send[1]: "digits" is there twice`:                                                                                                        {Send: []string{Digits, Digits}},
		`send: has 9 forms; at most 8 are possible, as each is a request of its own`:                                                              {Send: []string{Digits, AsGiven, E164, "1{country}{national}", "2{country}{national}", "3{country}{national}", "4{country}{national}", "5{country}{national}", "6{country}{national}"}},
		`extension: is "keep"; give drop or refuse`:                                                                                               {Extension: "keep"},
		"region: is \"XX\", which is no region; give the two capital letters of a country, ES for one\nextension: is \"no\"; give drop or refuse": {Region: "XX", Extension: "no"},
	} {
		_, err := New(r)
		if _, is := errors.AsType[*RuleError](err); err == nil || !is || err.Error() != want {
			t.Errorf("%+v\ngot  %v\nwant %s", r, err, want)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	s := site(t, Rules{Region: "ES", Send: []string{National, Digits, "{national}", E164}})
	e := s.Explain("+34 600 111 222")
	want := []Outcome{{National, "600111222", "", ""}, {Digits, "+34600111222", "", ""}, {"{national}", "600111222", National, ""}, {E164, "+34600111222", Digits, ""}}
	if e.Err != nil || e.Region != "ES" || e.Country != 34 || !e.Valid || e.Line != "mobile" || e.Why != "" || len(e.Outcomes) != len(want) {
		t.Fatalf("%+v", e)
	}
	for i, o := range e.Outcomes {
		if o != want[i] {
			t.Errorf("%+v, want %+v", o, want[i])
		}
	}
	if e := s.Explain("+33 612345678"); e.Err != nil || e.Region != "FR" || e.Outcomes[0].Why != "a number of +33, and this form is for +34 alone" {
		t.Errorf("%+v", e)
	}
	if e := s.Explain("112"); e.Err != nil || e.Country != 0 || e.Why != "too short for a number of ES" || e.Outcomes[1].Text != "112" {
		t.Errorf("%+v", e)
	}
	if e := s.Explain("+34 000 000 000"); e.Err != nil || e.Valid || e.Country != 34 || e.Line != "" {
		t.Errorf("possible and unknown: %+v", e)
	}
	e = s.Explain("5.55E+09")
	if _, is := errors.AsType[*number.Error](e.Err); !is || e.Outcomes != nil {
		t.Errorf("%+v", e)
	}
	e = site(t, Rules{Send: []string{E164}}).Explain("600111222")
	if _, is := errors.AsType[*FormError](e.Err); !is || e.Number.Digits != "600111222" || e.Outcomes[0].Why == "" {
		t.Errorf("%+v", e)
	}
}

// Whatever the text and the template, what is sent is a text that can be sent,
// once, and each form by itself means the number that was read.
func FuzzForms(f *testing.F) {
	for _, given := range []string{"+34 600 111 222", "600111222", "0034600111222", "+44 (0)20 7946 0958", "+33 612345678", "112", "600111222 x12", "+999123", "00000000", "+0034600111222", "tel:+1-555-010-4477;ext=3"} {
		f.Add(given, "ES", "00{country}{national}")
		f.Add(given, "GB", "{trunk}{national}x{extension}")
		f.Add(given, "", "{country} {national}")
	}
	f.Fuzz(func(t *testing.T, given, region, template string) {
		rules := Rules{Region: region, Send: []string{Digits, AsGiven, E164, template}}
		if region != "" {
			rules.Send = append(rules.Send, National)
		}
		s, err := New(rules)
		if err != nil {
			return
		}
		n, err := s.Read(given)
		if err != nil {
			return
		}
		forms, err := s.Forms(n)
		if err != nil {
			t.Fatalf("%q: %v, and digits fit all", given, err)
		}
		seen := make(map[string]bool)
		for _, form := range forms {
			if seen[form.Text] || form.Text == "" || form.Rule == "" || strings.TrimSpace(form.Text) != form.Text {
				t.Fatalf("%q, %+v: %+v", given, rules, forms)
			}
			seen[form.Text] = true
			if form.Rule != E164 && form.Rule != National {
				continue
			}
			// The number in this form has the same E.164 form.
			again, err := s.Read(form.Text)
			if err != nil {
				t.Fatalf("%q: %s: %v", given, form.Rule, err)
			}
			made, _ := s.outcomes(again)
			for _, o := range made {
				if o.Rule == E164 && form.Rule == E164 && o.Text != form.Text {
					t.Fatalf("%q: %s again is %s", given, form.Text, o.Text)
				}
			}
		}
	})
}

// The relay may take 20 microseconds for a number. Most of it is the metadata's
// regular expressions.
func BenchmarkForms(b *testing.B) {
	for name, c := range map[string]struct {
		rules Rules
		given string
	}{
		"digits": {Rules{}, "+34 600 111 222"},
		"ES":     {Rules{Region: "ES", Send: []string{National, E164, "00{country}{national}"}}, "+34 600 111 222"},
		"GB":     {Rules{Region: "GB", Send: []string{National, E164, "00{country}{national}", "{trunk} {national}"}}, "+44 (0)20 7946 0958"},
	} {
		b.Run(name, func(b *testing.B) {
			s := site(b, c.rules)
			b.ReportAllocs()
			for b.Loop() {
				n, err := s.Read(c.given)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := s.Forms(n); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// A text that no list has room for is not sent as it is, and its digits are.
func TestLongText(t *testing.T) {
	t.Parallel()
	long := "600" + strings.Repeat(" ", 60) + "111222"
	s := site(t, Rules{Send: []string{AsGiven, Digits}})
	n, err := s.Read(long)
	if err != nil {
		t.Fatal(err)
	}
	if forms, err := s.Forms(n); err != nil || len(forms) != 1 || forms[0].Text != "600111222" {
		t.Errorf("%+v, %v", forms, err)
	}
	if _, err := site(t, Rules{Send: []string{AsGiven}}).Forms(n); err == nil || !strings.Contains(err.Error(), "longer than a calling list has room for") {
		t.Errorf("%v", err)
	}
}

// Of every region's examples, each form means the number that it was made of, or there is
// none.
func TestRegions(t *testing.T) {
	t.Parallel()
	numbers := 0
	for region := range pn.GetSupportedRegions() {
		s := site(t, Rules{Region: region, Send: []string{National, "{national}", E164}})
		for _, line := range []pn.PhoneNumberType{pn.FIXED_LINE, pn.MOBILE, pn.TOLL_FREE, pn.PREMIUM_RATE, pn.SHARED_COST, pn.VOIP, pn.PERSONAL_NUMBER, pn.PAGER, pn.UAN, pn.VOICEMAIL} {
			example := pn.GetExampleNumberForType(region, line)
			if example == nil || pn.IsPossibleNumberWithReason(example) != pn.IS_POSSIBLE {
				continue
			}
			numbers++
			want := pn.Format(example, pn.E164)
			n, err := s.Read(want)
			if err != nil {
				t.Fatal(err)
			}
			forms, err := s.Forms(n)
			if err != nil {
				t.Errorf("%s: %s: %v", region, want, err)
			}
			for _, f := range forms {
				again, err := s.Read(f.Text)
				if err != nil {
					t.Fatal(err)
				}
				if p := s.parse(again); p.phone == nil || "+"+p.country+p.national != want {
					t.Errorf("%s: %s as %s is %s, which means +%s%s %s", region, want, f.Rule, f.Text, p.country, p.national, p.why)
				}
			}
		}
	}
	if numbers < 500 {
		t.Errorf("%d numbers", numbers)
	}
}

// BenchmarkExplain gives how long all that commdn numbers explain says takes, which may
// be 20 microseconds.
func BenchmarkExplain(b *testing.B) {
	s := site(b, Rules{Region: "ES", Send: []string{National, E164, "00{country}{national}"}})
	b.ReportAllocs()
	for b.Loop() {
		if e := s.Explain("+34 600 111 222"); e.Err != nil || !e.Valid {
			b.Fatalf("%+v", e)
		}
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/float64(20*time.Microsecond), "of-20us")
}
