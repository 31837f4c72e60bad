package pace_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"commdn/relay/internal/pace"
	"commdn/relay/internal/pacetest"
)

// Messages over the network get through, however much others have to do.
func TestNetwork(t *testing.T) {
	var p pace.Pacer
	var work sync.WaitGroup
	var pieces atomic.Int64
	var done atomic.Bool
	for range 20 {
		work.Go(func() {
			for !done.Load() {
				p.Yield()
				pacetest.Piece()
				pieces.Add(1)
			}
		})
	}
	pacetest.Network(t, &pieces)
	done.Store(true)
	work.Wait()
}
