package ocs_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"commdn/relay/habits"
	"commdn/relay/habits/habitstest"
)

// behaviour names the tests that look at what OCS does, and at what it says only
// as far as simtest.Line reads it.
var behaviour = []string{
	"TestWaitingUnload", "TestUnloadedAtEnd", "TestUnloadedAtEndOfTheCalls", "TestForceUnloadDropsCalls", "TestResults", "TestSeed",
	"TestTransitions", "TestUnloading", "TestLicence", "TestCampaignSilence", "TestCanceledIsNotDialed",
	"TestSeveralCommDNs", "TestConsole", "TestConsoleAndSequence", "TestForbid", "TestTenants",
	"TestDialer", "TestFastDialing", "TestStopAndGoOn", "TestAutoCompletion", "TestDoNotCallIsNotDialed", "TestDoNotCallAmongMany",
	"TestDoNotCallDuringThePreview", "TestDialingSideBySide", "TestListOfTwoGroups", "TestToldDuringADelay", "TestFaultSilence",
	"TestTreatment", "TestChainInTurn", "TestChainWithTreatment", "TestChainReached", "TestGeneratedChains", "TestChainTurn",
	"TestCancelWhileItRings", "TestCancelBeforeTheNextAttempt", "TestCheckOut", "TestCheckOutOfAChain", "TestCheckOutBeforeTheNextAttempt", "TestSeveralLists",
	"TestCallsNeedAgents", "TestAbandoned", "TestPreviewsWaitForAgents", "TestGoalChangesThePace",
	"TestSequenceRunsThrough", "TestSequenceAutoCompletion", "TestSequenceTimes", "TestSequenceStopAndGoOn", "TestSequenceWithACampaignTwice",
	"TestSequenceSetDialing", "TestSequenceUnload", "TestSequenceLicence", "TestCampaignOfASequence", "TestAutoCompletionInASequence",
	"TestTwoSequences", "TestSequenceAndCampaignLoadedMeanwhile",
}

// Habits change what OCS says and nothing of what it does: these tests hold for a
// strange one too.
func TestStrange(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0], "-test.v", "-test.run=^("+strings.Join(behaviour, "|")+")$")
	cmd.Env = append(os.Environ(), habitstest.Variable+"="+habits.Strange)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range behaviour {
		if !strings.Contains(string(out), "\n--- PASS: "+name+" ") {
			t.Errorf("%s did not run", name)
		}
	}
}
