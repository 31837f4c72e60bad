package commdn

import "commdn/protocol/tkvlist"

// StartDialing asks OCS to dial a loaded campaign group or sequence:
// CM_ReqStartDialing.
type StartDialing struct {
	Address
	CampaignGroup
	Dialing
	AutoCompletion AutoCompletion
	Sequence       *Sequence        // with campaign 0, and only then
	Priority       *DialingPriority // may be nil
}

// Type is CM_ReqStartDialing.
func (*StartDialing) Type() MessageType { return ReqStartDialing }

// Repeatable is false: campaign control is never replayed.
func (*StartDialing) Repeatable() bool { return false }

// AnsweredBy is true for CM_EvDialingStarted, an event of the same campaign
// group that is running, and CM_EvError. A sequence with a time to start at is loaded
// until then: whether an event with that state is an answer, this cannot say.
func (m *StartDialing) AnsweredBy(by Message) bool {
	states := uint8(1 << StatusRunning)
	if m.Sequence != nil && m.Sequence.Start != 0 {
		states |= 1 << StatusActive
	}
	return m.answeredBy(by, EvDialingStarted, states)
}

// UserData gives the request as OCS expects it.
func (m *StartDialing) UserData() tkvlist.List { return (*Control)(m).userData(ReqStartDialing) }

// Validate is that of LoadCampaign.
func (m *StartDialing) Validate() error { return (*Control)(m).validate(ReqStartDialing) }

// Trace gives one line, as that of LoadCampaign.
func (m *StartDialing) Trace(bool) string { return (*Control)(m).trace(ReqStartDialing) }

// StopDialing asks OCS to stop dialing; the campaign group stays loaded:
// CM_ReqStopDialing.
type StopDialing struct {
	Address
	CampaignGroup
	Sequence *Sequence // with campaign 0, and only then
}

// Type is CM_ReqStopDialing.
func (*StopDialing) Type() MessageType { return ReqStopDialing }

// Repeatable is false: campaign control is never replayed.
func (*StopDialing) Repeatable() bool { return false }

// AnsweredBy is true for CM_EvDialingStopped, an event of the same campaign
// group that is active, and CM_EvError.
func (m *StopDialing) AnsweredBy(by Message) bool {
	return m.answeredBy(by, EvDialingStopped, 1<<StatusActive)
}

// UserData gives the request as OCS expects it.
func (m *StopDialing) UserData() tkvlist.List { return (*plain)(m).userData(ReqStopDialing) }

// Validate is that of UnloadCampaign.
func (m *StopDialing) Validate() error { return (*plain)(m).validate(ReqStopDialing) }

// Trace gives one line, as that of UnloadCampaign.
func (m *StopDialing) Trace(bool) string { return (*plain)(m).trace(ReqStopDialing) }

// SetDialingMode asks OCS to dial a running campaign group or sequence in
// another way: CM_ReqSetDialingMode.
type SetDialingMode struct {
	Address
	CampaignGroup
	Dialing
	AutoCompletion AutoCompletion
	Sequence       *Sequence        // with campaign 0, and only then
	Priority       *DialingPriority // may be nil
}

// Type is CM_ReqSetDialingMode.
func (*SetDialingMode) Type() MessageType { return ReqSetDialingMode }

// Repeatable is false: campaign control is never replayed.
func (*SetDialingMode) Repeatable() bool { return false }

// AnsweredBy is true for CM_EvDialingModeChanged, a CM_EvCampaignStatus of the
// same campaign group that runs in this mode, optimized by this, and CM_EvError.
// (OCS refuses the request for one that does not run.) The goal is OCS's to adjust, and
// OCS may leave out how it dials: whether a status with another goal, or without any,
// is an answer or old news, this cannot say.
func (m *SetDialingMode) AnsweredBy(by Message) bool {
	if e, ok := by.(*CampaignEvent); ok && e.Event == EvCampaignStatus &&
		(e.Dialing == (Dialing{}) || e.Mode == m.Mode && e.OptimizeBy == m.OptimizeBy) {
		return m.answeredBy(by, EvDialingModeChanged, 1<<StatusRunning)
	}
	return m.answeredBy(by, EvDialingModeChanged, 0)
}

// UserData gives the request as OCS expects it.
func (m *SetDialingMode) UserData() tkvlist.List { return (*Control)(m).userData(ReqSetDialingMode) }

// Validate is that of LoadCampaign.
func (m *SetDialingMode) Validate() error { return (*Control)(m).validate(ReqSetDialingMode) }

// Trace gives one line, as that of LoadCampaign.
func (m *SetDialingMode) Trace(bool) string { return (*Control)(m).trace(ReqSetDialingMode) }
