package directory

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"commdn/relay/confdb"
)

// Explain writes the content of the directory, which OCS serve which applications on
// which CommDNs and why, and the findings of Check, worst first. ok means that there is
// no Error among them. Explain ignores errors of w.
func (d *Directory) Explain(w io.Writer, use Use) (ok bool) {
	fmt.Fprintf(w, "%s: %s\n", d.File, d.kind())
	fmt.Fprintf(w, "%s\n", d.counts())
	pairs := d.Pairs()
	for _, a := range d.Applications {
		if a.Type == confdb.OutboundContactServer {
			fmt.Fprintln(w)
			d.explainOCS(w, a, pairs)
		}
	}
	found := d.Check(use)
	if len(found) > 0 {
		fmt.Fprintln(w)
	}
	ok = true
	for s := Error; ; s-- {
		for _, f := range found {
			if f.Severity == s {
				fmt.Fprintf(w, "%-8s %s\n", s.String()+":", f.Text)
				ok = ok && s != Error
			}
		}
		if s == Info {
			return ok
		}
	}
}

func (d *Directory) kind() string {
	if d.Export == nil {
		return "a directory in YAML"
	}
	s := "an export of Configuration Server"
	for _, part := range []struct{ word, text string }{{"on", d.Export.Host}, {"of", d.Export.Date}, {"by mutagen", d.Export.Version}} {
		if part.text != "" {
			s += " " + part.word + " " + confdb.Shown(part.text)
		}
	}
	return s
}

func (d *Directory) counts() string {
	ocs, disabled := 0, 0
	for _, a := range d.Applications {
		if a.Type == confdb.OutboundContactServer {
			ocs++
		}
	}
	for _, c := range d.Campaigns {
		if c.Disabled {
			disabled++
		}
	}
	campaigns := count(len(d.Campaigns), "campaign")
	if disabled > 0 {
		campaigns += fmt.Sprintf(" (%d disabled)", disabled)
	}
	parts := []string{
		count(len(d.Tenants), "tenant"), fmt.Sprintf("%s (%d OCS)", count(len(d.Applications), "application"), ocs),
		count(len(d.CommDNs), "CommDN"), campaigns, count(len(d.Groups), "group"), count(len(d.CampaignGroups), "campaign group"),
	}
	if d.Export != nil { // YAML has none
		n := strconv.Itoa(len(d.Switches)) + " switches"
		if len(d.Switches) == 1 {
			n = "1 switch"
		}
		parts = append(parts, n)
	}
	return strings.Join(parts, ", ")
}

func (d *Directory) explainOCS(w io.Writer, ocs Application, pairs confdb.Pairs) {
	fmt.Fprint(w, ocs)
	if ocs.Disabled {
		fmt.Fprintln(w, ", disabled: it answers nobody")
		return
	}
	if primary, is := pairs.Primary[ocs.DBID]; is {
		fmt.Fprintf(w, ", the backup of %s: it serves the same in its place\n", d.ApplicationText(primary))
		return
	}
	if backup := pairs.Backup[ocs.DBID]; backup != 0 {
		fmt.Fprintf(w, ", with its backup %s", d.ApplicationText(backup))
	}
	if len(ocs.Tenants) > 0 {
		words := make([]string, len(ocs.Tenants))
		for i, id := range ocs.Tenants {
			words[i] = d.TenantText(id)
		}
		fmt.Fprint(w, ", for ", strings.Join(words, ", "))
	}
	fmt.Fprintln(w)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	clients := 0
	for _, a := range d.Applications {
		if !confdb.Serves(ocs, a) {
			continue
		}
		clients++
		why := "a third-party-server in its Connections"
		if a.Type == confdb.ThirdPartyApplication {
			why = "a third-party-application that has it in its Connections"
		}
		fmt.Fprintf(t, "  serves\t%s\t%s\n", a, why)
	}
	if clients == 0 {
		fmt.Fprintf(t, "  serves\tno application\tnone is connected to it\n")
	}
	monitors := d.Monitor(ocs)
	for _, dn := range d.CommDNs {
		is, why := monitors(dn)
		word := "not on"
		if is {
			word = "on"
			if deaf := d.Deaf(ocs, dn); deaf != "" {
				why += "; but " + deaf
			}
		}
		fmt.Fprintf(t, "  %s\t%s\t%s\n", word, d.CommDNText(dn), why)
	}
	_ = t.Flush()
}
