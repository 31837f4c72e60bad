//go:build !js

package commdn

// The messages about campaigns embed a CampaignGroup. Without a String of their
// own, theirs would be its, and %v or %+v would print 12/7. A browser prints no
// message, and does not download this.

// String gives the masked trace.
func (m *CampaignEvent) String() string { return m.Trace(false) }

// String gives the masked trace.
func (m *LoadCampaign) String() string { return m.Trace(false) }

// String gives the masked trace.
func (m *UnloadCampaign) String() string { return m.Trace(false) }

// String gives the masked trace.
func (m *ForceUnloadCampaign) String() string { return m.Trace(false) }

// String gives the masked trace.
func (m *StartDialing) String() string { return m.Trace(false) }

// String gives the masked trace.
func (m *StopDialing) String() string { return m.Trace(false) }

// String gives the masked trace.
func (m *SetDialingMode) String() string { return m.Trace(false) }

// String gives the masked trace.
func (m *GetCampaignStatus) String() string { return m.Trace(false) }
