package commdn_test

import "commdn/protocol/commdn"

var back = commdn.Address{Origin: 7, Target: 101}

// goldenEvents are the events of campaigns, and both messages that cancel.
var goldenEvents = []goldenMessage{
	{
		name: "loaded",
		msg: &commdn.CampaignEvent{
			Address: back, Event: commdn.EvCampaignLoaded, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing:        commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
			AutoCompletion: commdn.AutoCompletionOn,
		},
		packed: "\x00\x09" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x13" + // integer 19
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x50" + // integer 80
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x13GSW_AUTO_COMPLETION" + "\x00\x04" + "\x00\x00\x00\x01", // integer 1
	},
	{
		name: "unloaded",
		msg: &commdn.CampaignEvent{
			Address: back, Event: commdn.EvCampaignUnloaded, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
		},
		packed: "\x00\x05" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x14" + // integer 20
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65", // integer 101
	},
	{
		name: "started, with a state",
		msg: &commdn.CampaignEvent{
			Address: back, Event: commdn.EvDialingStarted, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing: commdn.Dialing{Mode: commdn.DialProgressAndSeize, OptimizeBy: commdn.OptimizeWaitTime, Goal: 120},
			Status:  commdn.StatusRunning, HasStatus: true,
		},
		packed: "\x00\x09" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x15" + // integer 21
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x04" + // integer 4
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x03" + // integer 3
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x78" + // integer 120
			"\x01" + "\x00\x1aGSW_CM_AttrGroupCampStatus" + "\x00\x04" + "\x00\x00\x00\x05" + // integer 5
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65", // integer 101
	},
	{
		name: "stopped, with dialing",
		msg: &commdn.CampaignEvent{
			Address: back, Event: commdn.EvDialingStopped, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
			Status:  commdn.StatusActive, HasStatus: true,
		},
		packed: "\x00\x09" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x16" + // integer 22
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x50" + // integer 80
			"\x01" + "\x00\x1aGSW_CM_AttrGroupCampStatus" + "\x00\x04" + "\x00\x00\x00\x04" + // integer 4
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65", // integer 101
	},
	{
		name: "mode changed",
		msg: &commdn.CampaignEvent{
			Address: back, Event: commdn.EvDialingModeChanged, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing: commdn.Dialing{Mode: commdn.DialPredictAndSeize, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 5},
		},
		packed: "\x00\x08" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x17" + // integer 23
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x05" + // integer 5
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x02" + // integer 2
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x05" + // integer 5
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65", // integer 101
	},
	{
		name: "status",
		msg: &commdn.CampaignEvent{
			Address: back, Event: commdn.EvCampaignStatus, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing:   commdn.Dialing{Mode: commdn.DialProgressGVP, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 70},
			HasStatus: true,
		},
		packed: "\x00\x09" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x18" + // integer 24
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x46" + // integer 70
			"\x01" + "\x00\x1aGSW_CM_AttrGroupCampStatus" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65", // integer 101
	},
	{
		name: "status with numbers that the vendor does not list",
		msg: &commdn.CampaignEvent{
			Address: back, Event: commdn.EvCampaignStatus, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing: commdn.Dialing{Mode: 99, OptimizeBy: -1, Goal: 1000},
			Status:  6, HasStatus: true,
		},
		packed: "\x00\x09" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x18" + // integer 24
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x63" + // integer 99
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\xff\xff\xff\xff" + // integer -1
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x03\xe8" + // integer 1000
			"\x01" + "\x00\x1aGSW_CM_AttrGroupCampStatus" + "\x00\x04" + "\x00\x00\x00\x06" + // integer 6
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65", // integer 101
	},
	{
		name: "status of a sequence",
		msg: &commdn.CampaignEvent{
			Address: back, Event: commdn.EvCampaignStatus, CampaignGroup: commdn.CampaignGroup{Group: 9},
			Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
			Sequence: &commdn.Sequence{Description: "Morning", Start: 1767225600, Items: []commdn.SequenceItem{
				{Campaign: 12, Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}, Status: commdn.StatusRunning, HasStatus: true},
				{SleepBeforeNextStart: 15, Campaign: 13, Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeWaitTime, Goal: 30}, Status: commdn.StatusActive, HasStatus: true},
			}},
		},
		packed: "\x00\x09" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x18" + // integer 24
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x50" + // integer 80
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x01\x7a" + "\x01\x78" + // list, 376 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x11campaign_schedule" + "\x01\x60" + "\x01\x5e" + // list, 350 bytes
			"\x00\x05" + // pairs
			"\x00" + "\x00\x0bDescription" + "\x00\x07" + "Morning" +
			"\x01" + "\x00\x09startTime" + "\x00\x04" + "\x69\x55\xb9\x00" + // integer 1767225600
			"\x01" + "\x00\x06nItems" + "\x00\x04" + "\x00\x00\x00\x02" + // integer 2
			"\x03" + "\x00\x0escheduleItem-1" + "\x00\x7f" + "\x00\x7d" + // list, 125 bytes
			"\x00\x06" + // pairs
			"\x01" + "\x00\x14sleepBeforeNextStart" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x0ccampaignDBID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x08dialMode" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x09optMethod" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x0eoptMethodValue" + "\x00\x04" + "\x00\x00\x00\x50" + // integer 80
			"\x01" + "\x00\x06status" + "\x00\x04" + "\x00\x00\x00\x05" + // integer 5
			"\x03" + "\x00\x0escheduleItem-2" + "\x00\x7f" + "\x00\x7d" + // list, 125 bytes
			"\x00\x06" + // pairs
			"\x01" + "\x00\x14sleepBeforeNextStart" + "\x00\x04" + "\x00\x00\x00\x0f" + // integer 15
			"\x01" + "\x00\x0ccampaignDBID" + "\x00\x04" + "\x00\x00\x00\x0d" + // integer 13
			"\x01" + "\x00\x08dialMode" + "\x00\x04" + "\x00\x00\x00\x02" + // integer 2
			"\x01" + "\x00\x09optMethod" + "\x00\x04" + "\x00\x00\x00\x03" + // integer 3
			"\x01" + "\x00\x0eoptMethodValue" + "\x00\x04" + "\x00\x00\x00\x1e" + // integer 30
			"\x01" + "\x00\x06status" + "\x00\x04" + "\x00\x00\x00\x04", // integer 4
	},
	{
		name: "fault about a campaign",
		msg: &commdn.Fault{
			Address: back, Code: commdn.ErrorCampaignNotLoaded, Message: "Not loaded", CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
		},
		packed: "\x00\x07" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x1b" + // integer 27
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x10GSW_CM_AttrError" + "\x00\x04" + "\x00\x00\x00\x04" + // integer 4
			"\x00" + "\x00\x17GSW_CM_AttrErrorMessage" + "\x00\x0a" + "Not loaded" +
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65", // integer 101
	},
	{
		name: "cancel",
		msg: &commdn.CancelRecord{
			Address: commdn.Address{Origin: 101}, Phone: "5551234567", CustomerID: "C-42", Campaign: "Spring", Chain: commdn.RecordOnly,
		},
		packed: "\x00\x04" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x1e" + // integer 30
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\x83" + "\x00\x81" + // list, 129 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0dcancel_record" + "\x00\x6d" + "\x00\x6b" + // list, 107 bytes
			"\x00\x04" + // pairs
			"\x00" + "\x00\x09GSW_PHONE" + "\x00\x0a" + "5551234567" +
			"\x00" + "\x00\x11GSW_CAMPAIGN_NAME" + "\x00\x06" + "Spring" +
			"\x00" + "\x00\x0eGSW_CHAIN_ATTR" + "\x00\x0a" + "RecordOnly" +
			"\x00" + "\x00\x0fGSW_CUSTOMER_ID" + "\x00\x04" + "C-42",
	},
	{
		name: "canceled",
		msg: &commdn.RecordCanceled{
			Address: back, Phone: "5551234567",
		},
		packed: "\x00\x04" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x1f" + // integer 31
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\x32" + "\x00\x30" + // list, 48 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0dcancel_record" + "\x00\x1c" + "\x00\x1a" + // list, 26 bytes
			"\x00\x01" + // pairs
			"\x00" + "\x00\x09GSW_PHONE" + "\x00\x0a" + "5551234567",
	},
	{
		name: "canceled in part",
		msg: &commdn.RecordCanceled{
			Address: back, Phone: "5551234567", Campaign: "Spring", Chain: commdn.AllChain, Message: commdn.IncompleteMessage,
		},
		packed: "\x00\x04" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x1f" + // integer 31
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\xa4" + "\x00\xa2" + // list, 162 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x0dcancel_record" + "\x00\x8e" + "\x00\x8c" + // list, 140 bytes
			"\x00\x04" + // pairs
			"\x00" + "\x00\x09GSW_PHONE" + "\x00\x0a" + "5551234567" +
			"\x00" + "\x00\x11GSW_CAMPAIGN_NAME" + "\x00\x06" + "Spring" +
			"\x00" + "\x00\x0eGSW_CHAIN_ATTR" + "\x00\x08" + "AllChain" +
			"\x00" + "\x00\x0bGSW_MESSAGE" + "\x00\x2b" + "Incomplete processing: record(s) on desktop",
	},
}
