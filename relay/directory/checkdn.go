package directory

import (
	"slices"

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
	if n := len(r.link.OCS); n > 1 {
		r.say(Info, "%d OCS answer on %s: %s; a request to all of them is answered by each", n, r.link.CommDN, join(r.link.OCS))
	}
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
		r.say(Info, "%s is taken: the only CommDN that %s", fit[0], who)
		r.link.CommDN = fit[0]
		return true
	case 0:
		r.say(Error, "there is no CommDN that %s", who)
		for _, ocs := range r.link.OCS {
			monitors := r.Monitor(ocs)
			for _, dn := range r.CommDNs[:min(few, len(r.CommDNs))] {
				if is, why := monitors(dn); !is {
					r.say(Info, "%s does not monitor %s: %s", ocs, dn, why)
				}
			}
		}
		if len(r.CommDNs) == 0 {
			r.say(Info, "the directory has no CommDN: a DN of the type Communication DN")
		}
		return false
	}
	r.say(Error, "there are %d CommDNs that %s, so that one has to be named: %s", len(fit), who, join(fit))
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
		hint := "there are " + orNone(join(r.CommDNs))
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
		r.say(Warning, "%s is the number of %d DNs; the T-Server of the link decides which one it is", same[0], len(same))
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
