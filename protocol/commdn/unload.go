package commdn

import "commdn/protocol/tkvlist"

// UnloadCampaign asks OCS to unload a campaign group or a sequence:
// CM_ReqUnloadCampaign. The vendor's table names no Properties for it; a
// sequence is taken all the same, since nothing else unloads one.
type UnloadCampaign struct {
	Address
	CampaignGroup
	Sequence *Sequence // with campaign 0, and only then
}

// Type is CM_ReqUnloadCampaign.
func (*UnloadCampaign) Type() MessageType { return ReqUnloadCampaign }

// Repeatable is false: campaign control is never replayed.
func (*UnloadCampaign) Repeatable() bool { return false }

// AnsweredBy is true for CM_EvCampaignUnloaded, an event of the same campaign
// group that is on its way to unloading or there, and CM_EvError.
func (m *UnloadCampaign) AnsweredBy(by Message) bool {
	return m.answeredBy(by, EvCampaignUnloaded, 1<<StatusNotLoaded|1<<StatusWaitingUnload|1<<StatusUnloadInProgress)
}

// UserData gives the request as OCS expects it.
func (m *UnloadCampaign) UserData() tkvlist.List { return (*plain)(m).userData(ReqUnloadCampaign) }

// Validate gives a *FieldError when campaign and sequence are both there or
// both missing, or when the group or part of the sequence is wrong.
func (m *UnloadCampaign) Validate() error { return (*plain)(m).validate(ReqUnloadCampaign) }

// Trace gives one line, for example CM_ReqUnloadCampaign 101→7 campaign 12/9.
func (m *UnloadCampaign) Trace(bool) string { return (*plain)(m).trace(ReqUnloadCampaign) }

// ForceUnloadCampaign asks OCS to unload without waiting for calls and records
// under way: CM_ReqForceUnloadCampaign.
type ForceUnloadCampaign struct {
	Address
	CampaignGroup
	Sequence *Sequence // with campaign 0, and only then
}

// Type is CM_ReqForceUnloadCampaign.
func (*ForceUnloadCampaign) Type() MessageType { return ReqForceUnloadCampaign }

// Repeatable is false: campaign control is never replayed.
func (*ForceUnloadCampaign) Repeatable() bool { return false }

// AnsweredBy is true for CM_EvCampaignUnloaded, an event of the same campaign
// group that is not loaded, and CM_EvError. The vendor names no response.
func (m *ForceUnloadCampaign) AnsweredBy(by Message) bool {
	return m.answeredBy(by, EvCampaignUnloaded, 1<<StatusNotLoaded)
}

// UserData gives the request as OCS expects it.
func (m *ForceUnloadCampaign) UserData() tkvlist.List {
	return (*plain)(m).userData(ReqForceUnloadCampaign)
}

// Validate is that of UnloadCampaign.
func (m *ForceUnloadCampaign) Validate() error { return (*plain)(m).validate(ReqForceUnloadCampaign) }

// Trace gives one line, as that of UnloadCampaign.
func (m *ForceUnloadCampaign) Trace(bool) string { return (*plain)(m).trace(ReqForceUnloadCampaign) }
