package relay

import (
	"errors"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/protocol/tkvlist"
	"commdn/relay/auth"
)

// admit checks a request and gives where it goes.
func (srv *Server) admit(g *auth.Grant, body tkvlist.List) (commdn.Request, []*site, *frame.Refusal) {
	req, err := commdn.DecodeRequest(body)
	if err == nil {
		err = req.Validate()
	}
	var unknown *commdn.UnknownTypeError
	var unused *commdn.NotApplicableError
	switch {
	case errors.As(err, &unknown), errors.As(err, &unused):
		return nil, nil, &frame.Refusal{Code: frame.RefusedUnsupported, Message: err.Error()}
	case err != nil:
		return nil, nil, invalid(err)
	}
	req.Addr().Origin = srv.sites[0].conf.AppDBID // the address is complete for CheckAddress
	sites, refusal := srv.destinations(g, req)
	return req, sites, refusal
}

func invalid(err error) *frame.Refusal {
	return &frame.Refusal{Code: frame.RefusedInvalid, Message: err.Error()}
}
