package commdn

import "strconv"

// MessageType is the value of GSW_CM_MessageType ("Data Enumeration Values for
// GSW_CM_MessageType").
type MessageType int32

// The message types of the API. The vendor lists 0-6, 13-18, 25, 26 and 28 as
// not applicable: they have a name here, but no constant.
const (
	ReqLoadCampaign        MessageType = 7  // CM_ReqLoadCampaign
	ReqUnloadCampaign      MessageType = 8  // CM_ReqUnloadCampaign
	ReqStartDialing        MessageType = 9  // CM_ReqStartDialing
	ReqStopDialing         MessageType = 10 // CM_ReqStopDialing
	ReqSetDialingMode      MessageType = 11 // CM_ReqSetDialingMode
	ReqGetCampaignStatus   MessageType = 12 // CM_ReqGetCampaignStatus
	EvCampaignLoaded       MessageType = 19 // CM_EvCampaignLoaded
	EvCampaignUnloaded     MessageType = 20 // CM_EvCampaignUnloaded
	EvDialingStarted       MessageType = 21 // CM_EvDialingStarted
	EvDialingStopped       MessageType = 22 // CM_EvDialingStopped
	EvDialingModeChanged   MessageType = 23 // CM_EvDialingModeChanged
	EvCampaignStatus       MessageType = 24 // CM_EvCampaignStatus
	EvError                MessageType = 27 // CM_EvError
	ReqForceUnloadCampaign MessageType = 29 // CM_ReqForceUnloadCampaign, also GSW_CM_ReqForceUnloadCampaign
	ReqCancelRecord        MessageType = 30 // CM_ReqCancelRecord
	EvRecordCanceled       MessageType = 31 // CM_EvRecordCanceled
	ReqDoNotCall           MessageType = 32 // CM_ReqDoNotCall
	EvDoNotCallProcessed   MessageType = 33 // CM_EvDoNotCallProcessed
)

// messageTypes is indexed by the number.
var messageTypes = [...]string{
	"MSGCFG_NONE", "MSGCFG_UNKNOWN", "MSGCFG_ERROR", "MSGCFG_CLIENTREGISTER", "MSGCFG_DISCONNECTED",
	"CM_UnknownMessage", "CM_ReqRegisterClient",
	"CM_ReqLoadCampaign", "CM_ReqUnloadCampaign", "CM_ReqStartDialing", "CM_ReqStopDialing",
	"CM_ReqSetDialingMode", "CM_ReqGetCampaignStatus",
	"CM_ReqCampaignRegistered", "CM_ReqCampaignUnregistered",
	"CM_EvServerConnected", "CM_EvServerDisconnected", "CM_EvClientDisconnected", "CM_EvClientRegistered",
	"CM_EvCampaignLoaded", "CM_EvCampaignUnloaded", "CM_EvDialingStarted", "CM_EvDialingStopped",
	"CM_EvDialingModeChanged", "CM_EvCampaignStatus",
	"CM_EvCampaignRegistered", "CM_EvCampaignUnregistered",
	"CM_EvError",
	"GSW_CM_ReqCommDNGetCampaignData", "CM_ReqForceUnloadCampaign",
	"CM_ReqCancelRecord", "CM_EvRecordCanceled", "CM_ReqDoNotCall", "CM_EvDoNotCallProcessed",
}

// named says whether the vendor has a name for t; not every one of them is
// applicable.
func (t MessageType) named() bool { return t >= 0 && int(t) < len(messageTypes) }

// applicable says whether t is used on the CommDN.
func (t MessageType) applicable() bool {
	switch {
	case t >= ReqLoadCampaign && t <= ReqGetCampaignStatus, t >= EvCampaignLoaded && t <= EvCampaignStatus,
		t == EvError, t >= ReqForceUnloadCampaign && t <= EvDoNotCallProcessed:
		return true
	}
	return false
}

// IsRequest says whether t is a request to OCS.
func (t MessageType) IsRequest() bool {
	return t >= ReqLoadCampaign && t <= ReqGetCampaignStatus || t == ReqForceUnloadCampaign || t.AboutPerson()
}

// Requests gives the types of all requests, by number.
func Requests() []MessageType {
	var all []MessageType
	for t := range MessageType(len(messageTypes)) {
		if t.IsRequest() {
			all = append(all, t)
		}
	}
	return all
}

// AboutPerson says whether t is a request about a phone or a customer, not
// about a campaign. Such a request can go to every OCS on the CommDN.
func (t MessageType) AboutPerson() bool { return t == ReqDoNotCall || t == ReqCancelRecord }

// String gives the vendor's name, or the number where there is none. Of the
// two names of 29 it gives CM_ReqForceUnloadCampaign.
func (t MessageType) String() string {
	if t.named() {
		return messageTypes[t]
	}
	return strconv.Itoa(int(t))
}
