package render

import "github.com/vugu/vugu"

// eventEnv is vugu's EventEnv on the queue. Go in a browser runs one goroutine at a time
// and switches only where one blocks, so changes between Lock and Unlock are atomic as
// long as they do not block. Lock only makes handlers and paints wait. It never blocks:
// not in a handler, not in a JavaScript callback, not while another goroutine holds it.
type eventEnv struct{ q *queue }

var _ vugu.EventEnv = eventEnv{}

func (e eventEnv) Lock()         { e.q.hold() }
func (e eventEnv) UnlockOnly()   { e.q.release(false) }
func (e eventEnv) UnlockRender() { e.q.release(true) }
func (e eventEnv) RLock()        { e.q.hold() }
func (e eventEnv) RUnlock()      { e.q.release(false) }
