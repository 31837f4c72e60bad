// Package elements lists the custom elements: which component each draws. What
// a host page can set on them is in ../manifest/elements.yaml; a test holds the
// two together.
package elements

import (
	"commdn/components/activity"
	"commdn/components/campaigns"
	"commdn/components/person"
	"commdn/components/sequence"
	"commdn/components/status"
	"commdn/components/ui"
)

// Kind is one custom element.
type Kind struct {
	Tag string
	New func(ui.Env) ui.Component
}

// Kinds are all of them.
var Kinds = []Kind{
	{"commdn-dnc", person.NewDnc},
	{"commdn-cancel", person.NewCancel},
	{"commdn-campaigns", campaigns.New},
	{"commdn-sequence", sequence.New},
	{"commdn-status", status.New},
	{"commdn-activity", activity.New},
}

// Find gives the kind of a tag; false where there is none.
func Find(tag string) (Kind, bool) {
	for _, k := range Kinds {
		if k.Tag == tag {
			return k, true
		}
	}
	return Kind{}, false
}
