package tlink

import "sync"

// pending maps reference ids to the requests that wait for an answer. Each is settled
// once: by its answer, by forget, or by end.
type pending struct {
	mu    sync.Mutex
	last  uint32
	wait  map[uint32]chan error
	ended error // set by end, for later requests
}

// add registers a new request. Its answer arrives on the channel, which has room for it.
// After end it returns end's error.
func (p *pending) add() (reference uint32, answer <-chan error, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended != nil {
		return 0, nil, p.ended
	}
	if p.wait == nil {
		p.wait = make(map[uint32]chan error)
	}
	reference = p.unused()
	ch := make(chan error, 1)
	p.wait[reference] = ch
	return reference, ch, nil
}

// reference returns a number for a request that add does not keep.
func (p *pending) reference() uint32 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.unused()
}

func (p *pending) unused() uint32 {
	for {
		p.last++
		if _, taken := p.wait[p.last]; p.last != 0 && !taken {
			return p.last
		}
	}
}

// settle delivers the answer of a request and reports whether one was waiting.
func (p *pending) settle(reference uint32, answer error) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	ch, ok := p.wait[reference]
	if ok {
		delete(p.wait, reference)
		ch <- answer
	}
	return ok
}

// forget drops a request; false means that its answer is on the channel.
func (p *pending) forget(reference uint32) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, ok := p.wait[reference]
	delete(p.wait, reference)
	return ok
}

// end settles all requests with err; a second call changes nothing.
func (p *pending) end(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended != nil {
		return
	}
	p.ended = err
	for _, ch := range p.wait {
		ch <- err
	}
	p.wait = nil
}
