package commdn

// stops fails for an item that would have to stop before its sequence begins.
// Only a request that sends a sequence on its way is asked: one about a sequence
// that OCS has may come at any time. nil is none.
func (p *problem) stops(s *Sequence) {
	if s == nil || p.msg != ReqLoadCampaign && p.msg != ReqStartDialing {
		return
	}
	for i := range s.Items {
		if stop := s.Items[i].StopAtTime; stop != 0 && stop <= s.Start {
			p.item = i + 1
			p.fail(KeyStopAtTime, "is not after "+KeyStartTime+"; give a later one, or none")
		}
	}
	p.item = 0
}
