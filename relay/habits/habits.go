// Package habits says how an OCS words what it says on a CommDN, within what the
// vendor's page allows. Nobody outside has a log of a real answer, so each habit
// is possible and none is an error. The simulator takes them on; a protocol
// (protocol.go) is a file with those that somebody has seen.
package habits

import "commdn/protocol/commdn"

// Habits are the habits of one OCS. The zero value is that of the preset Plain.
// Keys are those of files and of Set; says is what README.md and the command
// line tell of a habit, values are what a text may be beside empty.
type Habits struct {
	// Kinds of values.
	IntsAsStrings    bool `yaml:"ints_as_strings,omitempty" json:"ints_as_strings,omitempty" says:"every integer is a string of digits, the type of the message and the addresses too"`
	ErrorsAsStrings  bool `yaml:"errors_as_strings,omitempty" json:"errors_as_strings,omitempty" says:"GSW_CM_AttrError is a string of digits"`
	StringsAsUnicode bool `yaml:"strings_as_unicode,omitempty" json:"strings_as_unicode,omitempty" says:"every string is a unicode value"`
	StringsAsBinary  bool `yaml:"strings_as_binary,omitempty" json:"strings_as_binary,omitempty" says:"every string is a binary value"`
	PhoneAsInt       bool `yaml:"phone_as_int,omitempty" json:"phone_as_int,omitempty" says:"an echoed phone of digits is an integer where 32 bits hold it"`
	Reversed         bool `yaml:"reversed,omitempty" json:"reversed,omitempty" says:"the keys of an event stand in the opposite order"`
	// Charset is a WHATWG name; relay/internal/charsets knows which.
	Charset string `yaml:"charset,omitempty" json:"charset,omitempty" says:"strings are in this charset, in both directions; without it in UTF-8"`

	// Addresses.
	Target0            bool        `yaml:"target_0,omitempty" json:"target_0,omitempty" says:"the target is 0, so one notification is for all applications"`
	OmitAddresses      bool        `yaml:"omit_addresses,omitempty" json:"omit_addresses,omitempty" says:"origin and target are missing"`
	AddressesAsRequest bool        `yaml:"addresses_as_request,omitempty" json:"addresses_as_request,omitempty" says:"an answer has origin and target as the request has them"`
	BackupDBID         commdn.DBID `yaml:"backup_dbid,omitempty" json:"backup_dbid,omitempty" says:"the backup of the pair answers: the origin is this DBID"`

	// Answers about a phone or a customer.
	NoEcho         bool   `yaml:"no_echo,omitempty" json:"no_echo,omitempty" says:"an answer names neither phone nor customer"`
	EchoNormalised bool   `yaml:"echo_normalised,omitempty" json:"echo_normalised,omitempty" says:"an echoed phone is its digits without leading zeros, a customer is in upper case"`
	EchoBlanks     bool   `yaml:"echo_blanks,omitempty" json:"echo_blanks,omitempty" says:"an echoed phone has a blank after every three characters"`
	EchoChain      bool   `yaml:"echo_chain,omitempty" json:"echo_chain,omitempty" says:"another phone of the chain stands before the echoed one"`
	ResponseKey    string `yaml:"response_key,omitempty" json:"response_key,omitempty" says:"the echo stands under this key inside GSW_CM_AttrProperties, not under that of the request"`
	MessageBeside  bool   `yaml:"message_beside,omitempty" json:"message_beside,omitempty" says:"GSW_MESSAGE stands beside cancel_record"`
	MessageAtTop   bool   `yaml:"message_at_top,omitempty" json:"message_at_top,omitempty" says:"GSW_MESSAGE stands at the top of the user data"`

	// Refusals, and success.
	EchoOnError      bool   `yaml:"echo_on_error,omitempty" json:"echo_on_error,omitempty" says:"CM_EvError names phone and customer, or campaign and group, of the request"`
	ErrorEcho        string `yaml:"error_echo,omitempty" json:"error_echo,omitempty" values:"other_list,group" says:"how CM_EvError echoes: other_list has phone and customer in the list of the other request, group names the group alone"`
	ErrorTextAlone   bool   `yaml:"error_text_alone,omitempty" json:"error_text_alone,omitempty" says:"CM_EvError has a text and no number"`
	ErrorNumberAlone bool   `yaml:"error_number_alone,omitempty" json:"error_number_alone,omitempty" says:"CM_EvError has a number and no text"`
	ErrorsInAnswers  bool   `yaml:"errors_in_answers,omitempty" json:"errors_in_answers,omitempty" says:"a refusal is the acknowledgement with GSW_CM_AttrError, not CM_EvError"`
	ErrorCode        int32  `yaml:"error_code,omitempty" json:"error_code,omitempty" says:"every refusal has this number, which the vendor's table need not have"`
	Error0           bool   `yaml:"error_0,omitempty" json:"error_0,omitempty" says:"GSW_CM_AttrError is 0 in an answer that is no refusal; without the habit it is missing"`

	// Campaigns.
	OmitDialing          bool   `yaml:"omit_dialing,omitempty" json:"omit_dialing,omitempty" says:"mode, optimization method and goal are missing at the top of an event"`
	DialingByTable       bool   `yaml:"dialing_by_table,omitempty" json:"dialing_by_table,omitempty" says:"they are missing where the vendor's table has none (unloaded, stopped), and of a group that is not loaded"`
	OmitStatus           bool   `yaml:"omit_status,omitempty" json:"omit_status,omitempty" says:"GSW_CM_AttrGroupCampStatus is missing but in CM_EvCampaignStatus"`
	Acknowledgement      string `yaml:"acknowledgement,omitempty" json:"acknowledgement,omitempty" values:"status,after_status" says:"how a control request is acknowledged: status is a CM_EvCampaignStatus in place of its own event, after_status is its own event after the CM_EvCampaignStatus"`
	AdjustGoal           bool   `yaml:"adjust_goal,omitempty" json:"adjust_goal,omitempty" says:"CM_ReqSetDialingMode sets a goal one below the one asked for; 0 becomes 1"`
	DialMode             int32  `yaml:"dial_mode,omitempty" json:"dial_mode,omitempty" says:"a CM_EvCampaignStatus has this dialing mode, which the vendor's table need not have"`
	AutoCompletion2      bool   `yaml:"auto_completion_2,omitempty" json:"auto_completion_2,omitempty" says:"GSW_AUTO_COMPLETION is 2 where it would be 1"`
	AutoCompletionInside bool   `yaml:"auto_completion_inside,omitempty" json:"auto_completion_inside,omitempty" says:"GSW_AUTO_COMPLETION stands inside GSW_CM_AttrProperties"`

	// Sequences.
	StatusInItems  bool   `yaml:"status_in_items,omitempty" json:"status_in_items,omitempty" says:"a sequence has its state in its items alone"`
	BareItems      bool   `yaml:"bare_items,omitempty" json:"bare_items,omitempty" says:"items have campaign and state alone"`
	ItemNumbers    string `yaml:"item_numbers,omitempty" json:"item_numbers,omitempty" values:"from_0,sparse,padded" says:"how items are numbered: from 0, only every tenth number, or as 001; without it from 1"`
	NItems         string `yaml:"n_items,omitempty" json:"n_items,omitempty" values:"absent,wrong" says:"nItems is missing, or one more than there are"`
	OmitCampaign   bool   `yaml:"omit_campaign,omitempty" json:"omit_campaign,omitempty" says:"GSW_CM_AttrCampaignID is missing where it would be 0"`
	SequenceAsItem bool   `yaml:"sequence_as_item,omitempty" json:"sequence_as_item,omitempty" says:"while an item runs, an event of the sequence has its campaign in place of 0 and the schedule"`

	// Size and time.
	BigAnswers  bool  `yaml:"big_answers,omitempty" json:"big_answers,omitempty" says:"an answer is larger than 16,000 bytes: its text is long, or a key that nobody knows is beside it"`
	AnswerAfter int32 `yaml:"answer_after,omitempty" json:"answer_after,omitempty" says:"an answer takes so many milliseconds of the machine's time, at most 60,000"`
}

// The presets.
const (
	Plain   = "plain"   // what the vendor's examples show, and all that OCS knows
	Strange = "strange" // much that is allowed and that nobody expects
)

// Presets gives the names of the presets.
func Presets() []string { return []string{Plain, Strange} }

// Preset gives the habits of a preset; false means that there is none such.
//
// The strange one leaves out what would hide from a test whom an answer
// concerns or what OCS set (no_echo, omit_addresses, omit_dialing, adjust_goal),
// and what takes more than OCS alone (charset, big_answers, backup_dbid).
func Preset(name string) (h Habits, ok bool) {
	switch name {
	case Plain:
		return Habits{}, true
	case Strange:
		return Habits{
			IntsAsStrings: true, StringsAsUnicode: true, PhoneAsInt: true, Reversed: true, Target0: true,
			EchoNormalised: true, MessageBeside: true, ErrorEcho: "other_list", Error0: true,
			DialingByTable: true, OmitStatus: true, AutoCompletionInside: true,
			StatusInItems: true, ItemNumbers: "from_0", NItems: "absent", OmitCampaign: true,
		}, true
	}
	return Habits{}, false
}
