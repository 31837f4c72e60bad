package bench

import (
	"math"
	"slices"
	"time"
)

// Result is one line of the report. What a measurement does not have is 0.
type Result struct {
	Measurement string  `json:"measurement"`
	Server      string  `json:"server"`   // relay or echo
	Sessions    int     `json:"sessions"` // connected
	Count       int     `json:"count"`    // of what Unit says
	Unit        string  `json:"unit"`     // connections, requests, changes
	Seconds     float64 `json:"seconds"`
	PerSecond   float64 `json:"per_second"`
	P50         float64 `json:"p50_ms"`
	P90         float64 `json:"p90_ms"`
	P99         float64 `json:"p99_ms"`
	Max         float64 `json:"max_ms"`
	CPU         float64 `json:"cpu_us"`                  // of the server, for each of Count
	SessionKB   float64 `json:"session_kb,omitempty"`    // resident memory of the server, for each session
	RSS         float64 `json:"rss_kb,omitempty"`        // the same in all
	Slope       float64 `json:"kb_per_minute,omitempty"` // that RSS grows by
	Ratio       float64 `json:"ratio,omitempty"`         // to the echo server
	CPURatio    float64 `json:"cpu_ratio,omitempty"`     // the same of CPU, echo's to the relay's
	Goal        string  `json:"goal,omitempty"`
}

// times fills in what took how long.
func (r *Result) times(took []time.Duration, in, cpu time.Duration) {
	slices.Sort(took)
	r.Count = len(took)
	r.P50, r.P90, r.P99, r.Max = percentile(took, 50), percentile(took, 90), percentile(took, 99), percentile(took, 100)
	r.Seconds = in.Seconds()
	if len(took) > 0 && in > 0 {
		r.PerSecond = float64(len(took)) / in.Seconds()
		r.CPU = float64(cpu.Microseconds()) / float64(len(took))
	}
}

// percentile gives in milliseconds what so many percent of the sorted times are
// no longer than.
func percentile(sorted []time.Duration, percent float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	at := int(math.Ceil(percent/100*float64(len(sorted)))) - 1
	return float64(sorted[max(at, 0)].Nanoseconds()) / 1e6
}

// ratio is a to b; 0 where there is none.
func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

// slope gives by how much y grows when x grows by 1: the line that fits best.
func slope(x, y []float64) float64 {
	n := float64(len(x))
	var sx, sy, sxx, sxy float64
	for i := range x {
		sx, sy = sx+x[i], sy+y[i]
		sxx, sxy = sxx+x[i]*x[i], sxy+x[i]*y[i]
	}
	return ratio(n*sxy-sx*sy, n*sxx-sx*sx)
}
