package tlink

import "strconv"

// ID is the kind of a message: T-Library's own number for it, or one of the framing's
// own.
type ID uint8

// The messages of the framing. README.md says who sends which, and when.
const (
	RequestRegisterClient      ID = 0
	RequestRegisterAddress     ID = 3
	RequestUnregisterAddress   ID = 4
	RequestDistributeUserEvent ID = 48
	EventServerConnected       ID = 50
	EventServerDisconnected    ID = 51
	EventError                 ID = 52
	EventRegistered            ID = 53
	EventUnregistered          ID = 54
	EventServerInfo            ID = 93
	EventLinkDisconnected      ID = 94
	EventLinkConnected         ID = 95
	EventUserEvent             ID = 96
	EventPrimaryChanged        ID = 133
	EventACK                   ID = 138
)

// The framing's own messages, with numbers that T-Library does not use.
const (
	KeepAlive    ID = 254 // the client asks for a sign of life
	KeepAliveAck ID = 255 // the server's answer
)

var names = map[ID]string{
	RequestRegisterClient:      "RequestRegisterClient",
	RequestRegisterAddress:     "RequestRegisterAddress",
	RequestUnregisterAddress:   "RequestUnregisterAddress",
	RequestDistributeUserEvent: "RequestDistributeUserEvent",
	EventServerConnected:       "EventServerConnected",
	EventServerDisconnected:    "EventServerDisconnected",
	EventError:                 "EventError",
	EventRegistered:            "EventRegistered",
	EventUnregistered:          "EventUnregistered",
	EventServerInfo:            "EventServerInfo",
	EventLinkDisconnected:      "EventLinkDisconnected",
	EventLinkConnected:         "EventLinkConnected",
	EventUserEvent:             "EventUserEvent",
	EventPrimaryChanged:        "EventPrimaryChanged",
	EventACK:                   "EventACK",
	KeepAlive:                  "KeepAlive",
	KeepAliveAck:               "KeepAliveAck",
}

// String returns the name, or the number of an unknown ID.
func (id ID) String() string {
	if name := names[id]; name != "" {
		return name
	}
	return "message " + strconv.Itoa(int(id))
}

// Keys of Message.Attributes, named as T-Library names the attributes.
const (
	AttributeApplicationName = "AttributeApplicationName" // string
	AttributeThisDN          = "AttributeThisDN"          // string
	AttributeErrorCode       = "AttributeErrorCode"       // integer
	AttributeErrorMessage    = "AttributeErrorMessage"    // string
	AttributeRegisterMode    = "AttributeRegisterMode"    // integer: ModeShare or ModeMonitor
)

// Values of AttributeRegisterMode, T-Library's TRegisterMode.
const (
	ModeShare   int32 = 0 // events and requests; the default
	ModeMonitor int32 = 2 // events only
)
