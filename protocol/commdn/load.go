package commdn

import "commdn/protocol/tkvlist"

// LoadCampaign asks OCS to load a campaign group or a sequence:
// CM_ReqLoadCampaign.
type LoadCampaign struct {
	Address
	CampaignGroup
	Dialing
	AutoCompletion AutoCompletion
	Sequence       *Sequence        // with campaign 0, and only then
	Priority       *DialingPriority // may be nil
}

// Type is CM_ReqLoadCampaign.
func (*LoadCampaign) Type() MessageType { return ReqLoadCampaign }

// Repeatable is false: campaign control is never replayed.
func (*LoadCampaign) Repeatable() bool { return false }

// AnsweredBy is true for CM_EvCampaignLoaded, an event of the same campaign
// group that is inactive, active or running, and CM_EvError.
func (m *LoadCampaign) AnsweredBy(by Message) bool {
	return m.answeredBy(by, EvCampaignLoaded, 1<<StatusInActive|1<<StatusActive|1<<StatusRunning)
}

// UserData gives the request as OCS expects it.
func (m *LoadCampaign) UserData() tkvlist.List { return (*Control)(m).userData(ReqLoadCampaign) }

// Validate gives a *FieldError when campaign and sequence are both there or
// both missing, or when the group, the dialing, or part of sequence or
// priority is not as the vendor says.
func (m *LoadCampaign) Validate() error { return (*Control)(m).validate(ReqLoadCampaign) }

// Trace gives one line, for example
// CM_ReqLoadCampaign 101→7 campaign 12/9 CFGDMPredict CFGOMBusyFactor 80.
func (m *LoadCampaign) Trace(bool) string { return (*Control)(m).trace(ReqLoadCampaign) }
