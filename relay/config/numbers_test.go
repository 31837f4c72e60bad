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

// Tenants of a link may have rules of their own; a number goes in the forms of all.
func TestTenantNumbers(t *testing.T) {
	t.Parallel()
	link := func(rest string) string {
		return "links:\n  - name: a\n    servers: ['127.0.0.1:7000']\n    comm_dn: C\n    application: A\n    app_dbid: 1\n    tenants: [Retail, Outlet]\n    numbers: {region: ES, send: [national]}\n    tenant_numbers: " + rest + "\n"
	}
	for rest, want := range map[string]string{
		"[]": "600111222",
		"[{tenant: Outlet, region: ES, send: [e164]}]":                   "600111222 +34600111222",
		"[{tenant: Outlet, region: PT, send: [national]}]":               "600111222",
		"[{tenant: Outlet, region: ES, send: [e164]}, {tenant: Retail}]": "+34600111222", // the link's own are nobody's
		"[{tenant: Outlat}]":                   `links[0].tenant_numbers[0].tenant: "Outlat" is not in the link's tenants; write it there as here`,
		"[{region: ES}]":                       `links[0].tenant_numbers[0]: tenant is missing`,
		"[{tenant: Outlet}, {tenant: Outlet}]": `links[0].tenant_numbers[1].tenant: "Outlet" is there twice`,
		"[{tenant: Outlet, send: [national]}]": `links[0].tenant_numbers[0].send[0]: "national" is for numbers of one country; set region`,
		"[{tenant: Outlet, sent: [national]}]": `sent`,
	} {
		c, err := Parse("relay.yaml", []byte(link(rest)), nil)
		if err == nil {
			err = c.Check()
		}
		if err != nil {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s\ngot  %v\nwant %s", rest, err, want)
			}
			continue
		}
		sites, err := c.Links[0].Sites()
		if err != nil {
			t.Fatal(err)
		}
		forms, err := sites.Forms("+34 600 111 222")
		var got []string
		for _, f := range forms {
			got = append(got, f.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, %v; want %s", rest, got, err, want)
		}
	}
}
