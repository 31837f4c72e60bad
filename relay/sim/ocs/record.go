package ocs

import "strconv"

// RecordStatus says where a record is. Names are those of the vendor's record
// statuses.
type RecordStatus uint8

// The statuses of a record.
const (
	RecordReady        RecordStatus = iota // to be dialed
	RecordRetrieved                        // being dialed, or with an agent
	RecordUpdated                          // done, see its CallResult
	RecordCanceled                         // by CM_ReqCancelRecord
	RecordChainUpdated                     // another record of its chain has reached the customer
	recordStatuses
)

// RecordStatuses is how many statuses there are.
const RecordStatuses = int(recordStatuses)

// String gives the name of the status in kebab-case.
func (s RecordStatus) String() string {
	names := [RecordStatuses]string{"ready", "retrieved", "updated", "canceled", "chain-updated"}
	if int(s) < len(names) {
		return names[s]
	}
	return strconv.Itoa(int(s))
}

// CallResult is what became of a record. Values are those of the vendor's call
// results.
type CallResult uint8

// The results that occur here.
const (
	ResultBusy             CallResult = 6
	ResultNoAnswer         CallResult = 7
	ResultAnsweringMachine CallResult = 9
	ResultInvalidNumber    CallResult = 11
	ResultFax              CallResult = 17
	ResultAbandoned        CallResult = 21 // answered, and no agent was free
	ResultDropped          CallResult = 26 // the campaign was unloaded by force
	ResultUnknown          CallResult = 28 // not dialed yet
	ResultAnswer           CallResult = 33
	ResultDoNotCall        CallResult = 51
	ResultCancelRecord     CallResult = 52
)

var resultNames = map[CallResult]string{
	ResultBusy: "busy", ResultNoAnswer: "no-answer", ResultAnsweringMachine: "answering-machine",
	ResultInvalidNumber: "invalid-number", ResultFax: "fax", ResultAbandoned: "abandoned",
	ResultDropped: "dropped", ResultUnknown: "unknown", ResultAnswer: "answer",
	ResultDoNotCall: "do-not-call", ResultCancelRecord: "cancel-record",
}

// String gives the name of the result in kebab-case.
func (r CallResult) String() string {
	if name, ok := resultNames[r]; ok {
		return name
	}
	return strconv.Itoa(int(r))
}
