package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"commdn/relay/directory"
)

// Complete fills in what the links leave to the directory: application, its DBID, the
// CommDN, and the OCS on it with their backups. The findings, those of the directory itself last, name the
// link. If none is an Error, every link is complete; otherwise Incomplete says whether a
// link can still open.
func (c *Config) Complete(d *directory.Directory) []directory.Finding {
	var found []directory.Finding
	for i := range c.Links {
		l := &c.Links[i]
		say := func(s directory.Severity, text string) {
			found = append(found, directory.Finding{Severity: s, Text: fmt.Sprintf("link %s: %s", l.Name, text)})
		}
		use := directory.Use{Application: l.Application, CommDN: l.CommDN, OCS: Servers(l.OCS), Backups: Backups(l.OCS)}
		if use.Application == "" && l.AppDBID != 0 {
			use.Application = strconv.Itoa(int(l.AppDBID))
		}
		link, more := d.Resolve(use)
		for _, f := range more {
			say(f.Severity, f.Text)
		}
		if id := link.Application.DBID; id != 0 && l.AppDBID != 0 && l.AppDBID != id {
			say(directory.Error, fmt.Sprintf("app_dbid is %d, and the DBID of application %s is another; give one of the two", l.AppDBID, link.Application))
			continue
		}
		for _, t := range l.Tenants {
			if _, err := d.FindTenant(t); err != nil {
				say(directory.Error, err.Error())
			}
		}
		if id := link.Application.DBID; id != 0 {
			l.Application, l.AppDBID = link.Application.Name, id
		}
		if slices.ContainsFunc(more, func(f directory.Finding) bool { return f.Severity == directory.Error }) {
			continue
		}
		l.CommDN = link.CommDN.Number
		l.OCS = make([]OCS, len(link.OCS))
		for j, ocs := range link.OCS {
			l.OCS[j] = OCS{ocs.DBID, ocs.Backup}
		}
	}
	return append(found, d.General()...)
}

// Incomplete says what a link needs before it can open; empty: nothing.
func (l *Link) Incomplete() string {
	var lacks []string
	if l.CommDN == "" {
		lacks = append(lacks, "comm_dn")
	}
	if l.Application == "" {
		lacks = append(lacks, "application")
	}
	if l.AppDBID == 0 {
		lacks = append(lacks, "app_dbid")
	}
	return strings.Join(lacks, ", ")
}
