package commdn

import "commdn/protocol/tkvlist"

// Decode reads user data. Its errors are ErrNotCommDN, *NotApplicableError,
// *UnknownTypeError and *FieldError. Unknown keys are passed over: OCS may add
// some. Where a key repeats, the first one counts.
//
// A request is read exactly, as OCS would. An event is read leniently, see
// DecodeEvent.
func Decode(l tkvlist.List) (Message, error) {
	d, err := begin(l)
	if err != nil {
		return nil, err
	}
	m := d.request()
	if m == nil && d.err == nil {
		m = d.event()
	}
	return d.end(m)
}

// DecodeEvent is Decode for what OCS sends; a request is an *UnknownTypeError to
// it. All that an event has to have is a type and, if it is about a campaign, a
// campaign, a group or a sequence. Of everything else OCS may leave out what it
// likes and say the rest in another kind of value: digits for an integer, an
// integer or binary for a text. What cannot be read counts as absent.
//
// An event whose GSW_CM_AttrError is not 0, or that has an error's text and no
// number, comes back as a *Fault: nobody may be told of a success then.
func DecodeEvent(l tkvlist.List) (Message, error) {
	d, err := begin(l)
	if err != nil {
		return nil, err
	}
	return d.end(d.event())
}

// DecodePersonAnswer is Decode for what answers a DoNotCall or CancelRecord; any
// other message of the API is an *UnknownTypeError to it. A page that
// controls no campaigns links no more than this.
func DecodePersonAnswer(l tkvlist.List) (Message, error) {
	d, err := begin(l)
	if err != nil {
		return nil, err
	}
	return d.end(d.personAnswer())
}

// begin reads the type of a message.
func begin(l tkvlist.List) (decoder, error) {
	v, ok := l.Get(KeyMessageType)
	if !ok {
		return decoder{}, ErrNotCommDN
	}
	d := decoder{list: l}
	d.props, _ = l.List(KeyProperties)
	if n, ok := ReadInt(v); ok && !MessageType(n).IsRequest() {
		d.msg, d.lenient = MessageType(n), true
		return d, nil
	}
	d.msg = MessageType(d.int(l, KeyMessageType))
	return d, d.err
}

// end gives the message, or what is wrong; m is nil where none was read.
func (d *decoder) end(m Message) (Message, error) {
	switch {
	case d.err != nil:
		return nil, d.err
	case m != nil:
		return m, nil
	case d.msg.named() && !d.msg.applicable():
		return nil, &NotApplicableError{d.msg}
	}
	return nil, &UnknownTypeError{d.msg}
}

// request reads the request of type d.msg; nil: that is none.
func (d *decoder) request() Message {
	switch d.msg {
	case ReqLoadCampaign:
		return (*LoadCampaign)(decodeDialed(d))
	case ReqUnloadCampaign:
		return (*UnloadCampaign)(decodePlain(d))
	case ReqStartDialing:
		return (*StartDialing)(decodeDialed(d))
	case ReqStopDialing:
		return (*StopDialing)(decodePlain(d))
	case ReqSetDialingMode:
		return (*SetDialingMode)(decodeDialed(d))
	case ReqGetCampaignStatus:
		return (*GetCampaignStatus)(decodePlain(d))
	case ReqForceUnloadCampaign:
		return (*ForceUnloadCampaign)(decodePlain(d))
	case ReqCancelRecord:
		return decodeCancelRecord(d)
	case ReqDoNotCall:
		return decodeDoNotCall(d)
	}
	return nil
}

// event reads the event of type d.msg; nil: that is none.
func (d *decoder) event() Message {
	switch d.msg {
	case EvCampaignLoaded, EvCampaignUnloaded, EvDialingStarted, EvDialingStopped,
		EvDialingModeChanged, EvCampaignStatus:
		if d.refused() {
			return decodeFault(d)
		}
		return decodeCampaignEvent(d)
	}
	return d.personAnswer()
}

// refused says whether an event, of whatever type, carries an error: any
// GSW_CM_AttrError but a 0, or without one a GSW_CM_AttrErrorMessage, which the page
// has as "describing the error that occurred". A 0 is a success whatever the text
// says: the page has it as "if no error, value is 0", so that the text can only be a
// remark.
func (d *decoder) refused() bool {
	if v, ok := d.anywhere(KeyError); ok {
		n, isInt := ReadInt(v)
		return !isInt || n != 0
	}
	v, ok := d.anywhere(KeyErrorMessage)
	return ok && !blank(v)
}

func (d *decoder) personAnswer() Message {
	switch d.msg {
	case EvRecordCanceled:
		if !d.refused() {
			return decodeRecordCanceled(d)
		}
	case EvDoNotCallProcessed:
		if !d.refused() {
			return decodeDoNotCallProcessed(d)
		}
	case EvError:
	default:
		return nil
	}
	return decodeFault(d)
}

// GuessRequest is DecodeRequest for who only wants to know whom and what the request
// of somebody else is about: it reads the request as leniently as DecodeEvent reads an
// event. OCS may refuse such a request, or understand it. The error of one that names
// nobody is a *FieldError.
func GuessRequest(l tkvlist.List) (Request, error) {
	v, ok := l.Get(KeyMessageType)
	if !ok {
		return nil, ErrNotCommDN
	}
	n, _ := ReadInt(v)
	d := decoder{problem: problem{msg: MessageType(n)}, list: l, lenient: true}
	d.props, _ = l.List(KeyProperties)
	m, err := d.end(d.request())
	if err != nil {
		return nil, err
	}
	req := m.(Request)
	if c, control := ControlOf(req); len(req.Subjects()) == 0 || control && c.Group == 0 {
		return nil, &FieldError{d.msg, KeyProperties, "names nobody"}
	}
	return req, nil
}

// DecodeRequest reads user data that must be a request.
func DecodeRequest(l tkvlist.List) (Request, error) {
	m, err := Decode(l)
	if err != nil {
		return nil, err
	}
	if r, ok := m.(Request); ok {
		return r, nil
	}
	return nil, &FieldError{m.Type(), KeyMessageType, "is not a request"}
}
