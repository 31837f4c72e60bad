package commdn

import "strconv"

// ErrorCode is the value of GSW_CM_AttrError ("Enumeration Values for
// GSW_CM_AttrError").
type ErrorCode int32

// The error codes. The first three are not used on the CommDN.
const (
	ErrorNo                          ErrorCode = 0  // CM_ERROR_NO
	ErrorServerConnected             ErrorCode = 1  // CM_ERROR_SERVER_CONNECTED
	ErrorRegisterClient              ErrorCode = 2  // CM_ERROR_REGISTER_CLIENT
	ErrorCampaignNotFound            ErrorCode = 3  // CM_ERROR_CAMPAIGN_NOT_FOUND
	ErrorCampaignNotLoaded           ErrorCode = 4  // CM_ERROR_CAMPAIGN_NOT_LOADED
	ErrorCampaignAlreadyLoaded       ErrorCode = 5  // CM_ERROR_CAMPAIGN_ALREADY_LOADED
	ErrorCampaignNotStarted          ErrorCode = 6  // CM_ERROR_CAMPAIGN_NOT_STARTED
	ErrorCampaignAlreadyStarted      ErrorCode = 7  // CM_ERROR_CAMPAIGN_ALREADY_STARTED
	ErrorGroupNotFound               ErrorCode = 8  // CM_ERROR_GROUP_NOT_FOUND
	ErrorGroupCampNotFound           ErrorCode = 9  // CM_ERROR_GROUP_CAMP_NOT_FOUND
	ErrorInvalidParameter            ErrorCode = 10 // CM_ERROR_INVALID_PARAMETER
	ErrorInvalidCampaignMode         ErrorCode = 11 // CM_ERROR_INVALID_CAMPAIGN_MODE
	ErrorInvalidCampaignSchedule     ErrorCode = 12 // CM_ERROR_INVALID_CAMPAIGN_SCHEDULE
	ErrorCampaignScheduleNotFound    ErrorCode = 13 // CM_ERROR_CAMPAIGN_SCHEDULE_NOT_FOUND
	ErrorInvalidCampaignScheduleMode ErrorCode = 14 // CM_ERROR_INVALID_CAMPAIGN_SCHEDULE_MODE
	ErrorLicenseViolation            ErrorCode = 15 // CM_ERROR_LICENSE_VIOLATION
)

// The error codes of OCS's direct protocol that the vendor does not list for the
// CommDN. The names are known, the numbers are inferred from their order.
const (
	ErrorWrongConfiguration ErrorCode = 16 // WrongConfiguration
	ErrorPartOfSequence     ErrorCode = 17 // PartOfSequence
)

// errorCodes is indexed by the code. The texts are ours.
var errorCodes = [...]struct{ name, text string }{
	{"CM_ERROR_NO", "no error"},
	{"CM_ERROR_SERVER_CONNECTED", "server connected (not used on the CommDN)"},
	{"CM_ERROR_REGISTER_CLIENT", "client not registered (not used on the CommDN)"},
	{"CM_ERROR_CAMPAIGN_NOT_FOUND", "the campaign is not in the configuration, or not loaded"},
	{"CM_ERROR_CAMPAIGN_NOT_LOADED", "the campaign is not loaded"},
	{"CM_ERROR_CAMPAIGN_ALREADY_LOADED", "the campaign is loaded already"},
	{"CM_ERROR_CAMPAIGN_NOT_STARTED", "the campaign has not been started, so its dialing cannot be changed"},
	{"CM_ERROR_CAMPAIGN_ALREADY_STARTED", "the campaign or campaign group is started already"},
	{"CM_ERROR_GROUP_NOT_FOUND", "the group is not in the configuration"},
	{"CM_ERROR_GROUP_CAMP_NOT_FOUND", "the campaign is not configured for the group"},
	{"CM_ERROR_INVALID_PARAMETER", "a parameter of the request is invalid"},
	{"CM_ERROR_INVALID_CAMPAIGN_MODE", "the running campaign does not allow this mode"},
	{"CM_ERROR_INVALID_CAMPAIGN_SCHEDULE", "the campaign sequence is wrong"},
	{"CM_ERROR_CAMPAIGN_SCHEDULE_NOT_FOUND", "no such campaign sequence is loaded or running"},
	{"CM_ERROR_INVALID_CAMPAIGN_SCHEDULE_MODE", "the running campaign sequence does not allow this mode"},
	{"CM_ERROR_LICENSE_VIOLATION", "the licence does not cover the dialing mode"},
	{"WrongConfiguration", "the configuration of the campaign or group is wrong"},
	{"PartOfSequence", "the campaign is part of a sequence that is loaded"},
}

// ErrorCodes gives the codes of errors that the vendor lists, by number; ErrorNo
// is none.
func ErrorCodes() []ErrorCode {
	var all []ErrorCode
	for n := ErrorNo + 1; n <= ErrorLicenseViolation; n++ {
		all = append(all, n)
	}
	return all
}

// AboutCampaign says of a code that it can only answer a request about a
// campaign group or a sequence: 4 to 9 and 11 to 15, and PartOfSequence.
func (c ErrorCode) AboutCampaign() bool {
	return c >= ErrorCampaignNotLoaded && c <= ErrorGroupCampNotFound ||
		c >= ErrorInvalidCampaignMode && c <= ErrorLicenseViolation || c == ErrorPartOfSequence
}

// String gives the vendor's name, or the number where there is none.
func (c ErrorCode) String() string {
	if c >= 0 && int(c) < len(errorCodes) {
		return errorCodes[c].name
	}
	return strconv.Itoa(int(c))
}

// Text says in a few words what the code means; it is empty for a number that
// the vendor does not name.
func (c ErrorCode) Text() string {
	if c >= 0 && int(c) < len(errorCodes) {
		return errorCodes[c].text
	}
	return ""
}
