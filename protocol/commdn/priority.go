package commdn

import "commdn/protocol/tkvlist"

// DialingPriority says in which order OCS dials records of different types
// (dialing_priority in GSW_CM_AttrProperties). At least one is there.
type DialingPriority struct {
	General             *Priority // General; nil is not written, as below
	CampaignRescheduled *Priority // CampaignRescheduled
	CampaignCallBack    *Priority // CampaignCallBack
}

// Priority is that of one type of records. The vendor gives neither unit nor
// range; 0 or more is taken.
type Priority struct {
	Priority int32 // priority
	Records  int32 // n_records
}

// list gives dialing_priority.
func (p *DialingPriority) list() tkvlist.List {
	l := make(tkvlist.List, 0, 3)
	addPriority(&l, KeyGeneral, p.General)
	addPriority(&l, KeyCampaignRescheduled, p.CampaignRescheduled)
	addPriority(&l, KeyCampaignCallBack, p.CampaignCallBack)
	return l
}

func addPriority(l *tkvlist.List, key string, p *Priority) {
	if p == nil {
		return
	}
	l.Add(key, tkvlist.Nested(tkvlist.List{
		{Key: KeyPriority, Value: tkvlist.Int(p.Priority)},
		{Key: KeyRecords, Value: tkvlist.Int(p.Records)},
	}))
}

// priorities is a DialingPriority with room for all that it points to.
type priorities struct {
	DialingPriority
	each [3]Priority
}

// priority reads dialing_priority.
func (d *decoder) priority(p *priorities, l tkvlist.List) {
	p.General = d.onePriority(&p.each[0], l, KeyGeneral)
	p.CampaignRescheduled = d.onePriority(&p.each[1], l, KeyCampaignRescheduled)
	p.CampaignCallBack = d.onePriority(&p.each[2], l, KeyCampaignCallBack)
}

func (d *decoder) onePriority(p *Priority, l tkvlist.List, key string) *Priority {
	sub, ok := d.inner(l, key)
	if !ok {
		return nil
	}
	d.in = key
	p.Priority, p.Records = d.int(sub, KeyPriority), d.int(sub, KeyRecords)
	d.in = ""
	return p
}

// priority fails for a priority that is empty or negative; nil is none.
func (p *problem) priority(dp *DialingPriority) {
	if dp == nil {
		return
	}
	if *dp == (DialingPriority{}) {
		p.fail(KeyDialingPriority, "is empty; give "+KeyGeneral+", "+KeyCampaignRescheduled+" or "+KeyCampaignCallBack)
	}
	p.onePriority(KeyGeneral, dp.General)
	p.onePriority(KeyCampaignRescheduled, dp.CampaignRescheduled)
	p.onePriority(KeyCampaignCallBack, dp.CampaignCallBack)
}

func (p *problem) onePriority(key string, one *Priority) {
	if one == nil {
		return
	}
	p.in = key
	p.atLeast(0, KeyPriority, int64(one.Priority))
	p.atLeast(0, KeyRecords, int64(one.Records))
	p.in = ""
}
