package commdn_test

import (
	_ "embed"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

//go:embed testdata/vendor.tsv
var vendorTables string

type vendorRow struct{ table, name, value, comment string }

func vendorRows(t *testing.T) (rows []vendorRow) {
	t.Helper()
	for line := range strings.Lines(vendorTables) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := append(strings.Split(strings.TrimSuffix(line, "\n"), "\t"), "")
		if len(cells) < 4 {
			t.Fatalf("%q has %d cells, want 3 or 4", line, len(cells)-1)
		}
		rows = append(rows, vendorRow{cells[0], cells[1], cells[2], cells[3]})
	}
	return rows
}

// enumerations are the constants by the vendor's table and name.
var enumerations = map[string]map[string]fmt.Stringer{
	commdn.KeyMessageType: {
		"CM_ReqLoadCampaign": commdn.ReqLoadCampaign, "CM_ReqUnloadCampaign": commdn.ReqUnloadCampaign,
		"CM_ReqStartDialing": commdn.ReqStartDialing, "CM_ReqStopDialing": commdn.ReqStopDialing,
		"CM_ReqSetDialingMode": commdn.ReqSetDialingMode, "CM_ReqGetCampaignStatus": commdn.ReqGetCampaignStatus,
		"CM_EvCampaignLoaded": commdn.EvCampaignLoaded, "CM_EvCampaignUnloaded": commdn.EvCampaignUnloaded,
		"CM_EvDialingStarted": commdn.EvDialingStarted, "CM_EvDialingStopped": commdn.EvDialingStopped,
		"CM_EvDialingModeChanged": commdn.EvDialingModeChanged, "CM_EvCampaignStatus": commdn.EvCampaignStatus,
		"CM_EvError": commdn.EvError, "CM_ReqForceUnloadCampaign": commdn.ReqForceUnloadCampaign,
		"GSW_CM_ReqForceUnloadCampaign": commdn.ReqForceUnloadCampaign,
		"CM_ReqCancelRecord":            commdn.ReqCancelRecord, "CM_EvRecordCanceled": commdn.EvRecordCanceled,
		"CM_ReqDoNotCall": commdn.ReqDoNotCall, "CM_EvDoNotCallProcessed": commdn.EvDoNotCallProcessed,
	},
	commdn.KeyDialMode: {
		"CFGDMPredict": commdn.DialPredict, "CFGDMProgress": commdn.DialProgress, "CFGDMPreview": commdn.DialPreview,
		"CFGDMProgressAndSeize": commdn.DialProgressAndSeize, "CFGDMPredictAndSeize": commdn.DialPredictAndSeize,
		"CFGDMPushPreview": commdn.DialPushPreview, "CFGDMProgressGVP": commdn.DialProgressGVP, "CFGDMPowerGVP": commdn.DialPowerGVP,
	},
	commdn.KeyOptimizeBy: {
		"CFGOMBusyFactor": commdn.OptimizeBusyFactor, "CFGOMOverdialRate": commdn.OptimizeOverdialRate,
		"CFGOMWaitTime": commdn.OptimizeWaitTime,
	},
	commdn.KeyGroupCampStatus: {
		"CM_GCS_NotLoaded": commdn.StatusNotLoaded, "CM_GCS_WaitingUnload": commdn.StatusWaitingUnload,
		"CM_GCS_UnloadInProgress": commdn.StatusUnloadInProgress, "CM_GCS_InActive": commdn.StatusInActive,
		"CM_GCS_Active": commdn.StatusActive, "CM_GCS_Running": commdn.StatusRunning,
	},
}

// number gives n as a value of the table's Go type, with whether it says of
// itself that the vendor lists it.
func number(t *testing.T, table string, n int32) (v fmt.Stringer, known bool) {
	t.Helper()
	switch table {
	case commdn.KeyMessageType:
		return commdn.MessageType(n), n >= 0 && n <= 33
	case commdn.KeyDialMode:
		return commdn.DialMode(n), commdn.DialMode(n).Known()
	case commdn.KeyOptimizeBy:
		return commdn.OptimizeBy(n), commdn.OptimizeBy(n).Known()
	case commdn.KeyGroupCampStatus:
		return commdn.GroupStatus(n), commdn.GroupStatus(n).Known()
	}
	t.Fatalf("unknown table %s", table)
	return nil, false
}

func TestVendorNumbers(t *testing.T) {
	listed := map[string]map[int32]bool{}
	constants := 0
	for _, row := range vendorRows(t) {
		n, err := strconv.ParseInt(row.value, 10, 32)
		if err != nil {
			continue // a key
		}
		if listed[row.table] == nil {
			listed[row.table] = map[int32]bool{}
		}
		listed[row.table][int32(n)] = true
		v, known := number(t, row.table, int32(n))
		if v.String() != strings.TrimPrefix(row.name, "GSW_") && v.String() != row.name || !known {
			t.Errorf("%s %d prints as %s, known %v, want %s", row.table, n, v, known, row.name)
		}
		if row.comment == "not applicable" {
			_, err := commdn.Decode(message(commdn.MessageType(n)))
			var refused *commdn.NotApplicableError
			if !errors.As(err, &refused) || int64(refused.Type) != n {
				t.Errorf("%s: error %v, want NotApplicableError", row.name, err)
			} else if unknown := new(commdn.UnknownTypeError); !errors.As(err, &unknown) || unknown.Type != refused.Type {
				t.Errorf("%s: error %v is no UnknownTypeError too", row.name, err)
			} else if want := "commdn: " + row.name + " is not used on the CommDN"; err.Error() != want {
				t.Errorf("error %v, want %s", err, want)
			}
			continue
		}
		constants++
		if c := enumerations[row.table][row.name]; c != v {
			t.Errorf("the constant of %s %s is %#v, want %#v", row.table, row.name, c, v)
		}
		if row.table == commdn.KeyMessageType && !slices.ContainsFunc(golden, func(g goldenMessage) bool { return g.msg.Type() == v }) {
			t.Errorf("no golden message of type %s", row.name)
		}
	}
	for table, numbers := range listed {
		constants -= len(enumerations[table])
		for n := int32(-2); n < 40; n++ {
			v, known := number(t, table, n)
			if known != numbers[n] || !numbers[n] && v.String() != strconv.Itoa(int(n)) {
				t.Errorf("%s %d: known %v as %s, want it listed %v", table, n, known, v, numbers[n])
			}
		}
	}
	if constants != 0 || len(listed) != len(enumerations) {
		t.Errorf("%d constants too few, %d tables, want %d", constants, len(listed), len(enumerations))
	}
}

// keys are the constants in the order of the vendor's tables.
var keys = []string{
	commdn.KeyMessageType, commdn.KeyDialMode, commdn.KeyOptimizeBy, commdn.KeyOptimizeGoal, commdn.KeyGroupCampStatus,
	commdn.KeyCampaignID, commdn.KeyGroupID, commdn.KeyError, commdn.KeyErrorMessage, commdn.KeyOriginAppID,
	commdn.KeyTargetAppID, commdn.KeyProperties, commdn.KeyAutoCompletion,
	commdn.KeyCampaignSchedule, commdn.KeyCancelRecord, commdn.KeyDialingPriority, commdn.KeyDoNotCall,
	commdn.KeyDescription, commdn.KeyStartTime, commdn.KeyItems, commdn.KeyScheduleItem + "<n>",
	commdn.KeyGeneral, commdn.KeyCampaignRescheduled, commdn.KeyCampaignCallBack,
	commdn.KeyStopAtTime, commdn.KeyStopAtContacts, commdn.KeyStopAtDials, commdn.KeySleep, commdn.KeyItemCampaign,
	commdn.KeyItemDialMode, commdn.KeyItemOptMethod, commdn.KeyItemOptValue, commdn.KeyItemStatus,
	commdn.KeyPhone, commdn.KeyCampaignName, commdn.KeyChain, commdn.KeyCustomerID, commdn.KeyMessage,
	commdn.KeyPhone, commdn.KeyCustomerID, commdn.KeyChain,
	commdn.KeyPriority, commdn.KeyRecords, commdn.KeyPriority, commdn.KeyRecords, commdn.KeyPriority, commdn.KeyRecords,
}

// Every key of the vendor's tables has its constant and is written, with the
// type of the table and in the list that the table is of; no other key is.
func TestVendorKeys(t *testing.T) {
	want := map[vendorRow]bool{}
	i := 0
	for _, row := range vendorRows(t) {
		if _, err := strconv.Atoi(row.value); err == nil {
			continue
		}
		if i >= len(keys) || keys[i] != row.name {
			t.Fatalf("%s: constant %d is not %s", row.table, i, row.name)
		}
		i++
		want[row] = true
	}
	if i != len(keys) {
		t.Errorf("%d constants, want %d", len(keys), i)
	}
	got := map[vendorRow]bool{}
	for _, g := range golden {
		collect(got, "user data", g.msg.UserData())
	}
	if !maps.Equal(got, want) {
		for row := range got {
			if !want[row] {
				t.Errorf("written, but not in the tables: %v", row)
			}
		}
		for row := range want {
			if !got[row] {
				t.Errorf("in the tables, but never written: %v", row)
			}
		}
	}
}

func collect(rows map[vendorRow]bool, table string, l tkvlist.List) {
	for _, p := range l {
		key := p.Key
		if strings.HasPrefix(key, commdn.KeyScheduleItem) {
			key = commdn.KeyScheduleItem + "<n>"
		}
		rows[vendorRow{table, key, p.Value.Kind().String(), ""}] = true
		if inner, ok := p.Value.List(); ok {
			collect(rows, key, inner)
		}
	}
}
