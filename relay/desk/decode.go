package desk

import (
	"errors"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// decode reads a request and checks what OCS would refuse of it. It knows
// nothing of who asks, or where it goes.
func decode(data tkvlist.List) (commdn.Request, *frame.Refusal) {
	req, err := commdn.DecodeRequest(data)
	if err == nil {
		err = req.Validate()
	}
	if cancel, ok := req.(*commdn.CancelRecord); ok && err == nil {
		err = cancel.NeedPhone()
	}
	if err == nil {
		return req, nil
	}
	var unknown *commdn.UnknownTypeError
	var unused *commdn.NotApplicableError
	if errors.As(err, &unknown) || errors.As(err, &unused) {
		return nil, &frame.Refusal{Code: frame.RefusedUnsupported, Message: err.Error()}
	}
	return nil, invalid(err)
}

func invalid(err error) *frame.Refusal {
	return &frame.Refusal{Code: frame.RefusedInvalid, Message: err.Error()}
}
