package bulk

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// bar draws how far a job is on one line of a terminal. One without a terminal
// draws nothing.
type bar struct {
	out   io.Writer
	size  int64
	began time.Time
	tick  *time.Ticker
	width int // of what was drawn last
}

// drawEvery is often enough to look alive.
const drawEvery = 200 * time.Millisecond

func newBar(out io.Writer, size int64) *bar {
	b := &bar{out: out, size: size, began: time.Now()}
	if out != nil {
		b.tick = time.NewTicker(drawEvery)
	}
	return b
}

// due tells when to draw; without a terminal, never.
func (b *bar) due() <-chan time.Time {
	if b.tick == nil {
		return nil
	}
	return b.tick.C
}

const barWidth = 24

func (b *bar) draw(read int64, s Summary) {
	if b.out == nil {
		return
	}
	var line strings.Builder
	line.WriteByte('\r')
	if b.size > 0 {
		part := min(float64(read)/float64(b.size), 1)
		full := int(part * barWidth)
		fmt.Fprintf(&line, "[%s%s] %3.0f%% ", strings.Repeat("#", full), strings.Repeat("-", barWidth-full), 100*part)
	}
	ended := s.ended()
	fmt.Fprintf(&line, "%d rows, %d failed, %.0f/s", s.Rows(), s.Failed(), float64(ended)/max(time.Since(b.began).Seconds(), 0.001))
	width := line.Len()
	if width < b.width {
		line.WriteString(strings.Repeat(" ", b.width-width))
	}
	b.width = width
	_, _ = io.WriteString(b.out, line.String()) // a terminal that is gone is no reason to stop
}

func (b *bar) end() {
	if b.tick == nil {
		return
	}
	b.tick.Stop()
	_, _ = io.WriteString(b.out, "\n")
}
