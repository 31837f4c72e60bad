package commdn

// Keys of the user data ("User Event Attributes for User Data").
const (
	KeyMessageType     = "GSW_CM_MessageType"
	KeyDialMode        = "GSW_CM_AttrDialMode"
	KeyOptimizeBy      = "GSW_CM_AttrOptimizeBy"
	KeyOptimizeGoal    = "GSW_CM_AttrOptimizeGoal"
	KeyGroupCampStatus = "GSW_CM_AttrGroupCampStatus"
	KeyCampaignID      = "GSW_CM_AttrCampaignID"
	KeyGroupID         = "GSW_CM_AttrGroupID"
	KeyError           = "GSW_CM_AttrError"
	KeyErrorMessage    = "GSW_CM_AttrErrorMessage"
	KeyOriginAppID     = "GSW_CM_AttrOriginAppID"
	KeyTargetAppID     = "GSW_CM_AttrTargetAppID"
	KeyProperties      = "GSW_CM_AttrProperties"
	KeyAutoCompletion  = "GSW_AUTO_COMPLETION"
)

// Keys inside GSW_CM_AttrProperties, each of a nested list ("User Event
// Attribute for GSW_CM_AttrProperties").
const (
	KeyCampaignSchedule = "campaign_schedule"
	KeyCancelRecord     = "cancel_record"
	KeyDialingPriority  = "dialing_priority"
	KeyDoNotCall        = "do_not_call"
)

// Keys inside do_not_call and cancel_record; the last two of cancel_record only.
const (
	KeyPhone        = "GSW_PHONE"
	KeyCustomerID   = "GSW_CUSTOMER_ID"
	KeyChain        = "GSW_CHAIN_ATTR"
	KeyCampaignName = "GSW_CAMPAIGN_NAME"
	KeyMessage      = "GSW_MESSAGE"
)

// Keys inside campaign_schedule. Items have the prefix and their number, which
// counts from 1.
const (
	KeyDescription    = "Description"
	KeyStartTime      = "startTime"
	KeyItems          = "nItems"
	KeyScheduleItem   = "scheduleItem-"
	KeyStopAtTime     = "stopAtTime"
	KeyStopAtContacts = "stopAtContacts"
	KeyStopAtDials    = "stopAtDials"
	KeySleep          = "sleepBeforeNextStart"
	KeyItemCampaign   = "campaignDBID"
	KeyItemDialMode   = "dialMode"
	KeyItemOptMethod  = "optMethod"
	KeyItemOptValue   = "optMethodValue"
	KeyItemStatus     = "status"
)

// Keys inside dialing_priority, each of a nested list, and the two inside each
// of those.
const (
	KeyGeneral             = "General"
	KeyCampaignRescheduled = "CampaignRescheduled"
	KeyCampaignCallBack    = "CampaignCallBack"
	KeyPriority            = "priority"
	KeyRecords             = "n_records"
)
