package commdn_test

import (
	_ "embed"
	"strconv"
	"strings"
	"testing"

	"commdn/protocol/commdn"
)

//go:embed testdata/errorcodes.tsv
var errorCodes string

// named are the constants by the number that the vendor's table has to give.
var named = []commdn.ErrorCode{
	commdn.ErrorNo, commdn.ErrorServerConnected, commdn.ErrorRegisterClient,
	commdn.ErrorCampaignNotFound, commdn.ErrorCampaignNotLoaded, commdn.ErrorCampaignAlreadyLoaded,
	commdn.ErrorCampaignNotStarted, commdn.ErrorCampaignAlreadyStarted,
	commdn.ErrorGroupNotFound, commdn.ErrorGroupCampNotFound, commdn.ErrorInvalidParameter,
	commdn.ErrorInvalidCampaignMode, commdn.ErrorInvalidCampaignSchedule, commdn.ErrorCampaignScheduleNotFound,
	commdn.ErrorInvalidCampaignScheduleMode, commdn.ErrorLicenseViolation,
}

func TestErrorCodes(t *testing.T) {
	seen := 0
	for line := range strings.Lines(errorCodes) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		cells := strings.Split(line, "\t")
		if len(cells) != 4 {
			t.Fatalf("%q has %d cells, want 4", line, len(cells))
		}
		n, err := strconv.Atoi(cells[0])
		if err != nil || n != seen {
			t.Fatalf("%q: number %d, %v, want %d", line, n, err, seen)
		}
		seen++
		code := commdn.ErrorCode(n)
		if n >= len(named) || named[n] != code {
			t.Errorf("%s has no constant of value %d", cells[1], n)
		}
		if code.String() != cells[1] {
			t.Errorf("%d is named %s, want %s", n, code, cells[1])
		}
		if code.Text() != cells[3] {
			t.Errorf("%s says %q, want %q", code, code.Text(), cells[3])
		}
		fault := &commdn.Fault{Address: commdn.Address{Origin: 7}, Code: code}
		if code == commdn.ErrorNo { // no number is what it means
			continue
		}
		if want := "OCS 7 refused: " + cells[1] + " (" + cells[0] + "): " + cells[3]; fault.Error() != want {
			t.Errorf("fault says %q, want %q", fault, want)
		}
	}
	if seen != len(named) {
		t.Errorf("%d codes in the table, want %d", seen, len(named))
	}
}

func TestErrorCodeWithoutName(t *testing.T) {
	for _, n := range []commdn.ErrorCode{-1, 18, 1 << 30} {
		number := strconv.Itoa(int(n))
		if n.String() != number || n.Text() != "" {
			t.Errorf("%d: %q %q, want its number and no text", n, n, n.Text())
		}
		fault := &commdn.Fault{Code: n}
		if want := "OCS 0 refused: " + number + " (" + number + ")"; fault.Error() != want {
			t.Errorf("fault says %q, want %q", fault, want)
		}
	}
	fault := &commdn.Fault{Code: commdn.ErrorInvalidParameter, Message: "Invalid phone"}
	if want := "OCS 0 refused: CM_ERROR_INVALID_PARAMETER (10): Invalid phone"; fault.Error() != want {
		t.Errorf("fault says %q, want OCS's own words: %q", fault, want)
	}
}
