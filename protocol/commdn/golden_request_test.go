package commdn_test

import "commdn/protocol/commdn"

var there = commdn.Address{Origin: 101, Target: 7}

// goldenRequests are the requests about campaigns.
var goldenRequests = []goldenMessage{
	{
		name: "load",
		msg: &commdn.LoadCampaign{
			Address: there, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
		},
		packed: "\x00\x08" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x50" + // integer 80
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07", // integer 7
	},
	{
		name: "load with auto-completion and all priorities",
		msg: &commdn.LoadCampaign{
			Address: there, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing:        commdn.Dialing{Mode: commdn.DialPowerGVP, OptimizeBy: commdn.OptimizeWaitTime, Goal: 120},
			AutoCompletion: commdn.AutoCompletionOn,
			Priority: &commdn.DialingPriority{
				General: &commdn.Priority{Priority: 1, Records: 50}, CampaignRescheduled: &commdn.Priority{Priority: 2, Records: 30}, CampaignCallBack: &commdn.Priority{Priority: 3, Records: 20},
			},
		},
		packed: "\x00\x0a" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x0b" + // integer 11
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x03" + // integer 3
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x78" + // integer 120
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\xcb" + "\x00\xc9" + // list, 201 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x10dialing_priority" + "\x00\xb2" + "\x00\xb0" + // list, 176 bytes
			"\x00\x03" + // pairs
			"\x03" + "\x00\x07General" + "\x00\x27" + "\x00\x25" + // list, 37 bytes
			"\x00\x02" + // pairs
			"\x01" + "\x00\x08priority" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x09n_records" + "\x00\x04" + "\x00\x00\x00\x32" + // integer 50
			"\x03" + "\x00\x13CampaignRescheduled" + "\x00\x27" + "\x00\x25" + // list, 37 bytes
			"\x00\x02" + // pairs
			"\x01" + "\x00\x08priority" + "\x00\x04" + "\x00\x00\x00\x02" + // integer 2
			"\x01" + "\x00\x09n_records" + "\x00\x04" + "\x00\x00\x00\x1e" + // integer 30
			"\x03" + "\x00\x10CampaignCallBack" + "\x00\x27" + "\x00\x25" + // list, 37 bytes
			"\x00\x02" + // pairs
			"\x01" + "\x00\x08priority" + "\x00\x04" + "\x00\x00\x00\x03" + // integer 3
			"\x01" + "\x00\x09n_records" + "\x00\x04" + "\x00\x00\x00\x14" + // integer 20
			"\x01" + "\x00\x13GSW_AUTO_COMPLETION" + "\x00\x04" + "\x00\x00\x00\x01", // integer 1
	},
	{
		name: "load a sequence",
		msg: &commdn.LoadCampaign{
			Address: there, CampaignGroup: commdn.CampaignGroup{Group: 9},
			Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
			Sequence: &commdn.Sequence{Description: "Morning", Start: 1767225600, Items: []commdn.SequenceItem{
				{
					StopAtTime: 1 << 31, StopAtContacts: 200, StopAtDials: 1000, SleepBeforeNextStart: 15, Campaign: 12,
					Dialing: commdn.Dialing{Mode: commdn.DialPredict, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80},
				},
				{Campaign: 13, Dialing: commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeWaitTime, Goal: 30}},
			}},
			Priority: &commdn.DialingPriority{General: &commdn.Priority{Priority: 1, Records: 50}},
		},
		packed: "\x00\x09" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x50" + // integer 80
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x01\xe6" + "\x01\xe4" + // list, 484 bytes
			"\x00\x02" + // pairs
			"\x03" + "\x00\x11campaign_schedule" + "\x01\x80" + "\x01\x7e" + // list, 382 bytes
			"\x00\x05" + // pairs
			"\x00" + "\x00\x0bDescription" + "\x00\x07" + "Morning" +
			"\x01" + "\x00\x09startTime" + "\x00\x04" + "\x69\x55\xb9\x00" + // integer 1767225600
			"\x01" + "\x00\x06nItems" + "\x00\x04" + "\x00\x00\x00\x02" + // integer 2
			"\x03" + "\x00\x0escheduleItem-1" + "\x00\xae" + "\x00\xac" + // list, 172 bytes
			"\x00\x08" + // pairs
			"\x01" + "\x00\x0astopAtTime" + "\x00\x04" + "\x80\x00\x00\x00" + // integer -2147483648
			"\x01" + "\x00\x0estopAtContacts" + "\x00\x04" + "\x00\x00\x00\xc8" + // integer 200
			"\x01" + "\x00\x0bstopAtDials" + "\x00\x04" + "\x00\x00\x03\xe8" + // integer 1000
			"\x01" + "\x00\x14sleepBeforeNextStart" + "\x00\x04" + "\x00\x00\x00\x0f" + // integer 15
			"\x01" + "\x00\x0ccampaignDBID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x08dialMode" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x09optMethod" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x0eoptMethodValue" + "\x00\x04" + "\x00\x00\x00\x50" + // integer 80
			"\x03" + "\x00\x0escheduleItem-2" + "\x00\x70" + "\x00\x6e" + // list, 110 bytes
			"\x00\x05" + // pairs
			"\x01" + "\x00\x14sleepBeforeNextStart" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x0ccampaignDBID" + "\x00\x04" + "\x00\x00\x00\x0d" + // integer 13
			"\x01" + "\x00\x08dialMode" + "\x00\x04" + "\x00\x00\x00\x02" + // integer 2
			"\x01" + "\x00\x09optMethod" + "\x00\x04" + "\x00\x00\x00\x03" + // integer 3
			"\x01" + "\x00\x0eoptMethodValue" + "\x00\x04" + "\x00\x00\x00\x1e" + // integer 30
			"\x03" + "\x00\x10dialing_priority" + "\x00\x37" + "\x00\x35" + // list, 53 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x07General" + "\x00\x27" + "\x00\x25" + // list, 37 bytes
			"\x00\x02" + // pairs
			"\x01" + "\x00\x08priority" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x09n_records" + "\x00\x04" + "\x00\x00\x00\x32", // integer 50
	},
	{
		name: "unload",
		msg: &commdn.UnloadCampaign{
			Address: there, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
		},
		packed: "\x00\x05" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x08" + // integer 8
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07", // integer 7
	},
	{
		name: "start",
		msg: &commdn.StartDialing{
			Address: there, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing:        commdn.Dialing{Mode: commdn.DialProgress, OptimizeBy: commdn.OptimizeOverdialRate, Goal: 5},
			AutoCompletion: commdn.AutoCompletionOff,
		},
		packed: "\x00\x09" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x02" + // integer 2
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x02" + // integer 2
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x05" + // integer 5
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x01" + "\x00\x13GSW_AUTO_COMPLETION" + "\x00\x04" + "\x00\x00\x00\x00", // integer 0
	},
	{
		name: "stop",
		msg: &commdn.StopDialing{
			Address: there, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
		},
		packed: "\x00\x05" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x0a" + // integer 10
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07", // integer 7
	},
	{
		name: "stop a sequence",
		msg: &commdn.StopDialing{
			Address: there, CampaignGroup: commdn.CampaignGroup{Group: 9},
			Sequence: &commdn.Sequence{Start: 1767225600, Items: []commdn.SequenceItem{
				{Campaign: 12, Dialing: commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}},
			}},
		},
		packed: "\x00\x06" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x0a" + // integer 10
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\xd2" + "\x00\xd0" + // list, 208 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x11campaign_schedule" + "\x00\xb8" + "\x00\xb6" + // list, 182 bytes
			"\x00\x04" + // pairs
			"\x00" + "\x00\x0bDescription" + "\x00\x00" + // empty
			"\x01" + "\x00\x09startTime" + "\x00\x04" + "\x69\x55\xb9\x00" + // integer 1767225600
			"\x01" + "\x00\x06nItems" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x03" + "\x00\x0escheduleItem-1" + "\x00\x70" + "\x00\x6e" + // list, 110 bytes
			"\x00\x05" + // pairs
			"\x01" + "\x00\x14sleepBeforeNextStart" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x0ccampaignDBID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x08dialMode" + "\x00\x04" + "\x00\x00\x00\x03" + // integer 3
			"\x01" + "\x00\x09optMethod" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x0eoptMethodValue" + "\x00\x04" + "\x00\x00\x00\x50", // integer 80
	},
	{
		name: "set dialing mode",
		msg: &commdn.SetDialingMode{
			Address: there, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
			Dialing:  commdn.Dialing{Mode: commdn.DialPushPreview, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 0},
			Priority: &commdn.DialingPriority{CampaignCallBack: &commdn.Priority{Priority: 3, Records: 20}},
		},
		packed: "\x00\x09" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x0b" + // integer 11
			"\x01" + "\x00\x13GSW_CM_AttrDialMode" + "\x00\x04" + "\x00\x00\x00\x08" + // integer 8
			"\x01" + "\x00\x15GSW_CM_AttrOptimizeBy" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x17GSW_CM_AttrOptimizeGoal" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\x59" + "\x00\x57" + // list, 87 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x10dialing_priority" + "\x00\x40" + "\x00\x3e" + // list, 62 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x10CampaignCallBack" + "\x00\x27" + "\x00\x25" + // list, 37 bytes
			"\x00\x02" + // pairs
			"\x01" + "\x00\x08priority" + "\x00\x04" + "\x00\x00\x00\x03" + // integer 3
			"\x01" + "\x00\x09n_records" + "\x00\x04" + "\x00\x00\x00\x14", // integer 20
	},
	{
		name: "get status",
		msg: &commdn.GetCampaignStatus{
			Address: there, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
		},
		packed: "\x00\x05" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07", // integer 7
	},
	{
		name: "get the status of a sequence",
		msg: &commdn.GetCampaignStatus{
			Address: there, CampaignGroup: commdn.CampaignGroup{Group: 9},
			Sequence: &commdn.Sequence{Start: 1767225600, Items: []commdn.SequenceItem{
				{Campaign: 12, Dialing: commdn.Dialing{Mode: commdn.DialPreview, OptimizeBy: commdn.OptimizeBusyFactor, Goal: 80}},
			}},
		},
		packed: "\x00\x06" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07" + // integer 7
			"\x03" + "\x00\x15GSW_CM_AttrProperties" + "\x00\xd2" + "\x00\xd0" + // list, 208 bytes
			"\x00\x01" + // pairs
			"\x03" + "\x00\x11campaign_schedule" + "\x00\xb8" + "\x00\xb6" + // list, 182 bytes
			"\x00\x04" + // pairs
			"\x00" + "\x00\x0bDescription" + "\x00\x00" + // empty
			"\x01" + "\x00\x09startTime" + "\x00\x04" + "\x69\x55\xb9\x00" + // integer 1767225600
			"\x01" + "\x00\x06nItems" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x03" + "\x00\x0escheduleItem-1" + "\x00\x70" + "\x00\x6e" + // list, 110 bytes
			"\x00\x05" + // pairs
			"\x01" + "\x00\x14sleepBeforeNextStart" + "\x00\x04" + "\x00\x00\x00\x00" + // integer 0
			"\x01" + "\x00\x0ccampaignDBID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x08dialMode" + "\x00\x04" + "\x00\x00\x00\x03" + // integer 3
			"\x01" + "\x00\x09optMethod" + "\x00\x04" + "\x00\x00\x00\x01" + // integer 1
			"\x01" + "\x00\x0eoptMethodValue" + "\x00\x04" + "\x00\x00\x00\x50", // integer 80
	},
	{
		name: "force unload",
		msg: &commdn.ForceUnloadCampaign{
			Address: there, CampaignGroup: commdn.CampaignGroup{Campaign: 12, Group: 9},
		},
		packed: "\x00\x05" + // pairs
			"\x01" + "\x00\x12GSW_CM_MessageType" + "\x00\x04" + "\x00\x00\x00\x1d" + // integer 29
			"\x01" + "\x00\x15GSW_CM_AttrCampaignID" + "\x00\x04" + "\x00\x00\x00\x0c" + // integer 12
			"\x01" + "\x00\x12GSW_CM_AttrGroupID" + "\x00\x04" + "\x00\x00\x00\x09" + // integer 9
			"\x01" + "\x00\x16GSW_CM_AttrOriginAppID" + "\x00\x04" + "\x00\x00\x00\x65" + // integer 101
			"\x01" + "\x00\x16GSW_CM_AttrTargetAppID" + "\x00\x04" + "\x00\x00\x00\x07", // integer 7
	},
}
