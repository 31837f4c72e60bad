package commdn

// Keys of the user data ("User Event Attributes for User Data").
const (
	KeyMessageType  = "GSW_CM_MessageType"
	KeyError        = "GSW_CM_AttrError"
	KeyErrorMessage = "GSW_CM_AttrErrorMessage"
	KeyOriginAppID  = "GSW_CM_AttrOriginAppID"
	KeyTargetAppID  = "GSW_CM_AttrTargetAppID"
	KeyProperties   = "GSW_CM_AttrProperties"
)

// Keys inside GSW_CM_AttrProperties, each of a nested list.
const (
	KeyDoNotCall = "do_not_call"
)

// Keys inside do_not_call.
const (
	KeyPhone      = "GSW_PHONE"
	KeyCustomerID = "GSW_CUSTOMER_ID"
	KeyChain      = "GSW_CHAIN_ATTR"
)
