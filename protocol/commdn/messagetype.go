package commdn

import "strconv"

// MessageType is the value of GSW_CM_MessageType ("Data Enumeration Values for
// GSW_CM_MessageType").
type MessageType int32

// The message types that this package reads and writes.
const (
	ReqDoNotCall         MessageType = 32 // CM_ReqDoNotCall
	EvError              MessageType = 27 // CM_EvError
	EvDoNotCallProcessed MessageType = 33 // CM_EvDoNotCallProcessed
)

// String gives the vendor's name, or the number where there is none.
func (t MessageType) String() string {
	switch t {
	case ReqDoNotCall:
		return "CM_ReqDoNotCall"
	case EvError:
		return "CM_EvError"
	case EvDoNotCallProcessed:
		return "CM_EvDoNotCallProcessed"
	}
	return strconv.Itoa(int(t))
}
