package commdn

// The messages about campaigns embed a CampaignGroup. Without a String of their
// own, theirs would be its, and %v or %+v would print 12/7. Trace says more; it is
// not what String gives, as a browser would link it.

// String gives type, campaign group and status: CM_EvCampaignStatus 12/7 CM_GCS_Running.
func (m *CampaignEvent) String() string {
	s := brief(m.Event, m.CampaignGroup)
	if m.HasStatus {
		s += " " + m.Status.String()
	}
	return s
}

// String gives type and campaign group: CM_ReqLoadCampaign 12/7.
func (m *LoadCampaign) String() string { return brief(ReqLoadCampaign, m.CampaignGroup) }

// String gives type and campaign group.
func (m *UnloadCampaign) String() string { return brief(ReqUnloadCampaign, m.CampaignGroup) }

// String gives type and campaign group.
func (m *ForceUnloadCampaign) String() string { return brief(ReqForceUnloadCampaign, m.CampaignGroup) }

// String gives type and campaign group.
func (m *StartDialing) String() string { return brief(ReqStartDialing, m.CampaignGroup) }

// String gives type and campaign group.
func (m *StopDialing) String() string { return brief(ReqStopDialing, m.CampaignGroup) }

// String gives type and campaign group.
func (m *SetDialingMode) String() string { return brief(ReqSetDialingMode, m.CampaignGroup) }

// String gives type and campaign group.
func (m *GetCampaignStatus) String() string { return brief(ReqGetCampaignStatus, m.CampaignGroup) }

func brief(t MessageType, c CampaignGroup) string { return t.String() + " " + c.String() }
