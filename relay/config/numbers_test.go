package config

import (
	"strings"
	"testing"
)

func TestNumbers(t *testing.T) {
	t.Parallel()
	link := func(rules string) string {
		return "links:\n  - name: a\n    servers: ['127.0.0.1:7000']\n    comm_dn: C\n    application: A\n    app_dbid: 1\n    numbers: " + rules + "\n"
	}
	for rules, want := range map[string]string{
		"{}": "",
		"{region: ES, send: [national, e164, '00{country}{national}'], vanity: true, extension: refuse}": "",
		"{region: Spain}":            `relay.yaml:7:15: links[0].numbers.region: is "Spain", which is no region; give the two capital letters of a country, ES for one`,
		"{send: [national]}":         `relay.yaml:7:22: links[0].numbers.send[0]: "national" is for numbers of one country; set region`,
		"{send: [digits, e614]}":     `links[0].numbers.send[1]: "e614" is no form; give digits, as-given, national, e164 or a template like 00{country}{national}; did you mean e164?`,
		"{extension: cut}":           `links[0].numbers.extension: is "cut"; give drop or refuse`,
		"{region: XX, extension: x}": `links[0].numbers.extension: is "x"; give drop or refuse`,
	} {
		c, err := Parse("relay.yaml", []byte(link(rules)), nil)
		if err == nil {
			err = c.Check()
		}
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s\ngot  %v\nwant %s", rules, err, want)
		}
	}
	c, err := Parse("relay.yaml", []byte(link("{region: ES}")), nil)
	if err != nil {
		t.Fatal(err)
	}
	if n := c.Links[0].Numbers; n.Region != "ES" || len(n.Send) != 1 || n.Send[0] != "digits" || n.Extension != "drop" {
		t.Errorf("defaults: %+v", n)
	}
}
