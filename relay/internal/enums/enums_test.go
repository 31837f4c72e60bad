package enums

import (
	"strings"
	"testing"

	"commdn/protocol/commdn"
)

func TestDialMode(t *testing.T) {
	for s, want := range map[string]commdn.DialMode{
		"CFGDMPredict": commdn.DialPredict, "Predict": commdn.DialPredict, "predict": commdn.DialPredict, "1": commdn.DialPredict,
		"predict-and-seize": commdn.DialPredictAndSeize, "PREDICT_AND_SEIZE": commdn.DialPredictAndSeize, "cfgdmpredictandseize": commdn.DialPredictAndSeize,
		"power-gvp": commdn.DialPowerGVP, "11": commdn.DialPowerGVP, "push-preview": commdn.DialPushPreview,
	} {
		if got, err := DialMode(s); err != nil || got != want {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for s, want := range map[string]string{
		"predikt": "did you mean predict?", "": "is no dialing mode; there are predict, progress, preview,",
		"6": "power-gvp", "0": "is no dialing mode", "01": "is no dialing mode", "busy-factor": "is no dialing mode",
	} {
		if _, err := DialMode(s); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestErrorCodeAndRequest(t *testing.T) {
	for s, want := range map[string]commdn.ErrorCode{
		"CM_ERROR_LICENSE_VIOLATION": 15, "license-violation": 15, "15": 15, "INVALID_PARAMETER": 10, "server-connected": 1,
	} {
		if got, err := ErrorCode(s); err != nil || got != want || !IsErrorCode(got) {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for s, want := range map[string]commdn.MessageType{
		"CM_ReqDoNotCall": commdn.ReqDoNotCall, "do-not-call": commdn.ReqDoNotCall, "32": commdn.ReqDoNotCall,
		"ForceUnloadCampaign": commdn.ReqForceUnloadCampaign, "get-campaign-status": commdn.ReqGetCampaignStatus,
	} {
		if got, err := Request(s); err != nil || got != want || !got.IsRequest() {
			t.Errorf("%q: %v, %v", s, got, err)
		}
	}
	for _, s := range []string{"0", "CM_ERROR_NO", "16"} {
		if _, err := ErrorCode(s); err == nil || !strings.Contains(err.Error(), "is no error; there are server-connected,") {
			t.Errorf("%q: %v", s, err)
		}
	}
	for _, s := range []string{"33", "CM_EvError", "CM_ReqRegisterClient"} {
		if _, err := Request(s); err == nil || !strings.Contains(err.Error(), "is no request; there are load-campaign,") {
			t.Errorf("%q: %v", s, err)
		}
	}
	if IsErrorCode(commdn.ErrorNo) || IsErrorCode(16) || commdn.EvError.IsRequest() || commdn.MessageType(0).IsRequest() {
		t.Error("an error or a request that is none")
	}
}

// Every name that is offered is taken, and means something else than the rest.
func TestNames(t *testing.T) {
	check := func(names []string, parse func(string) (int32, error)) {
		seen := map[int32]string{}
		for _, name := range names {
			v, err := parse(name)
			if err != nil || seen[v] != "" {
				t.Errorf("%s: %d like %q, %v", name, v, seen[v], err)
			}
			seen[v] = name
		}
	}
	check(DialModes(), func(s string) (int32, error) { v, err := DialMode(s); return int32(v), err })
	check(OptimizeBys(), func(s string) (int32, error) { v, err := OptimizeBy(s); return int32(v), err })
	check(Statuses(), func(s string) (int32, error) { v, err := Status(s); return int32(v), err })
	check(ErrorCodes(), func(s string) (int32, error) { v, err := ErrorCode(s); return int32(v), err })
	check(Requests(), func(s string) (int32, error) { v, err := Request(s); return int32(v), err })
	if got := strings.Join(Statuses(), " "); got != "not-loaded waiting-unload unload-in-progress in-active active running" {
		t.Errorf("states: %s", got)
	}
	if got := strings.Join(DialModes(), " "); got != "predict progress preview progress-and-seize predict-and-seize push-preview progress-gvp power-gvp" {
		t.Errorf("modes: %s", got)
	}
}
