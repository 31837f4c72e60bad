package directory

import (
	"slices"
	"strings"

	"commdn/relay/internal/near"
)

// commDN finds the CommDN: that of the use, or the only one that all OCS of the link use.
func (r *resolver) commDN(use Use) {
	if use.CommDN == "" && !r.onlyCommDN() {
		return
	}
	if use.CommDN != "" && !r.namedCommDN(use) {
		return
	}
	r.servedBy()
	r.heard()
}

// heard warns of every OCS that works with the CommDN, and to which its T-Server does not
// carry the requests. T-Server decides which DN it is where several have the number.
func (r *resolver) heard() {
	for _, ocs := range r.link.OCS {
		monitors := r.Monitor(ocs)
		for _, dn := range r.CommDNs {
			if dn.Number != r.link.CommDN.Number {
				continue
			}
			if is, _ := monitors(dn); !is {
				continue
			}
			if why := r.Deaf(ocs, dn); why != "" {
				r.say(Warning, "%s probably does not hear requests on %s: %s; add that T-Server to them, unless OCS has another one for this switch", ocs, r.CommDNText(dn), why)
			}
		}
	}
}

// commDNs joins at most few CommDNs.
func (d *Directory) commDNs(all []CommDN) string {
	words := make([]string, 0, few)
	for _, dn := range all[:min(few, len(all))] {
		words = append(words, d.CommDNText(dn))
	}
	return strings.Join(words, ", ") + more(len(all))
}

func (r *resolver) onlyCommDN() bool {
	fit := r.CommDNs
	for _, ocs := range r.link.OCS {
		monitors := r.Monitor(ocs)
		fit = slices.DeleteFunc(slices.Clone(fit), func(dn CommDN) bool { is, _ := monitors(dn); return !is })
	}
	who := join(r.link.OCS) + " works with"
	if len(r.link.OCS) > 1 {
		who = "all of " + join(r.link.OCS) + " work with"
	}
	switch len(fit) {
	case 1:
		r.say(Info, "%s is taken: the only CommDN that %s", r.CommDNText(fit[0]), who)
		r.link.CommDN = fit[0]
		return true
	case 0:
		r.say(Error, "there is no CommDN that %s", who)
		for _, ocs := range r.link.OCS {
			monitors := r.Monitor(ocs)
			for _, dn := range r.CommDNs[:min(few, len(r.CommDNs))] {
				if is, why := monitors(dn); !is {
					r.say(Info, "%s does not monitor %s: %s", ocs, r.CommDNText(dn), why)
				}
			}
		}
		if len(r.CommDNs) == 0 {
			r.say(Info, "the directory has no CommDN: a DN of the type Communication DN")
		}
		return false
	}
	r.say(Error, "there are %d CommDNs that %s, so that one has to be named: %s", len(fit), who, r.commDNs(fit))
	return false
}

func (r *resolver) namedCommDN(use Use) bool {
	var same []CommDN
	for _, dn := range r.CommDNs {
		if dn.Number == use.CommDN {
			same = append(same, dn)
		}
	}
	if len(same) == 0 {
		hint := "there are " + orNone(r.commDNs(r.CommDNs))
		numbers := make([]string, len(r.CommDNs))
		for i, dn := range r.CommDNs {
			numbers[i] = dn.Number
		}
		if like := near.Names(use.CommDN, numbers, 1); like != nil {
			hint = "did you mean " + like[0] + "?"
		}
		r.say(Error, "there is no CommDN %q; %s", use.CommDN, hint)
		return false
	}
	if len(same) > 1 {
		r.say(Warning, "%s is the number of %d DNs, %s; the T-Server of the link decides which one it is", same[0], len(same), r.commDNs(same))
	}
	var on []Application
	for _, ocs := range r.link.OCS {
		var is bool
		var why string
		monitors := r.Monitor(ocs)
		for _, dn := range same {
			if is, why = monitors(dn); is {
				r.link.CommDN = dn
				break
			}
		}
		if is {
			on = append(on, ocs)
			continue
		}
		severity := Warning
		if slices.Contains(use.OCS, ocs.DBID) {
			severity = Error
		}
		r.say(severity, "%s does not monitor %s: %s", ocs, same[0], why)
	}
	if len(on) == 0 {
		r.say(Error, "no OCS of the link works with %s: every request would be met with silence", same[0])
		r.link.CommDN = CommDN{}
	}
	r.link.OCS = on
	return len(on) > 0
}
