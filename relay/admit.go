package relay

import (
	"errors"
	"fmt"
	"slices"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
)

// admit checks a request and makes it the relay's own.
func (srv *Server) admit(body tkvlist.List) (commdn.Request, *frame.Refusal) {
	req, err := commdn.DecodeRequest(body)
	if err == nil {
		err = req.Validate()
	}
	var unknown *commdn.UnknownTypeError
	var unused *commdn.NotApplicableError
	switch {
	case errors.As(err, &unknown), errors.As(err, &unused):
		return nil, &frame.Refusal{Code: frame.RefusedUnsupported, Message: err.Error()}
	case err != nil:
		return nil, &frame.Refusal{Code: frame.RefusedInvalid, Message: err.Error()}
	}
	srv.address(req)
	err = srv.checkTarget(req.Addr().Target)
	if err == nil {
		err = commdn.CheckAddress(req)
	}
	if err != nil {
		return nil, &frame.Refusal{Code: frame.RefusedInvalid, Message: err.Error()}
	}
	return req, nil
}

// address writes the relay's own DBID into a request, and the OCS into one
// about a campaign that names none, if there is only one to be meant.
func (srv *Server) address(req commdn.Request) {
	a := req.Addr()
	a.Origin = srv.opts.AppDBID
	if a.Target == 0 && len(srv.opts.OCS) == 1 && commdn.CheckAddress(req) != nil {
		a.Target = srv.opts.OCS[0]
	}
}

// checkTarget lets through 0, every OCS, and those that the relay was told of.
func (srv *Server) checkTarget(target commdn.DBID) error {
	if target == 0 || len(srv.opts.OCS) == 0 || slices.Contains(srv.opts.OCS, target) {
		return nil
	}
	return fmt.Errorf("no OCS with DBID %d is known here; known:%s", target, dbids(srv.opts.OCS))
}
