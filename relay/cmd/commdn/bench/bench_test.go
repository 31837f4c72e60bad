package bench

import (
	"encoding/hex"
	"math"
	"strings"
	"testing"
	"time"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestTimes(t *testing.T) {
	var took []time.Duration
	for i := range 200 {
		took = append(took, time.Duration(200-i)*time.Millisecond) // not sorted
	}
	var r Result
	r.times(took, 4*time.Second, 300*time.Millisecond)
	want := Result{Count: 200, Seconds: 4, PerSecond: 50, P50: 100, P90: 180, P99: 198, Max: 200, CPU: 1500}
	if r != want {
		t.Errorf("%+v\nwant %+v", r, want)
	}
	var none Result
	none.times(nil, time.Second, time.Second)
	if none != (Result{Seconds: 1}) {
		t.Errorf("of nothing: %+v", none)
	}
	var one Result
	one.times([]time.Duration{time.Millisecond}, time.Second, 0)
	if one.P50 != 1 || one.P99 != 1 || one.Max != 1 {
		t.Errorf("of one: %+v", one)
	}
}

func TestSlope(t *testing.T) {
	for name, test := range map[string]struct {
		x, y []float64
		want float64
	}{
		"grows":          {[]float64{1, 2, 3}, []float64{10, 12, 14}, 2},
		"shrinks":        {[]float64{0, 10}, []float64{5, 0}, -.5},
		"flat":           {[]float64{1, 2, 3}, []float64{7, 7, 7}, 0},
		"up and down":    {[]float64{0, 1, 2, 3}, []float64{0, 1, 1, 0}, 0},
		"a single point": {[]float64{1}, []float64{5}, 0},
		"none":           {nil, nil, 0},
	} {
		if got := slope(test.x, test.y); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

// What Linux tells, as it does; a name may hold blanks and brackets.
func TestProc(t *testing.T) {
	stat := "4242 (a b) c) S 1 4242 4242 0 -1 4194560 1000 0 0 0 1234 66 0 0 20 0 12 0 99 1 2 3\n"
	if got, err := readCPU([]byte(stat)); err != nil || got != 13*time.Second {
		t.Errorf("CPU: %v, %v", got, err)
	}
	for _, wrong := range []string{"", "4242 (commdn) S 1", strings.Replace(stat, "1234", "x", 1), strings.Replace(stat, "66", "x", 1)} {
		if got, err := readCPU([]byte(wrong)); err == nil {
			t.Errorf("CPU of %q: %v", wrong, got)
		}
	}
	for text, want := range map[string]float64{
		"55d0 [rollup]\nRss:               12345 kB\nPss:   1 kB\n": 12345,
		"Name:\tcommdn\nVmHWM:\t 9 kB\nVmRSS:\t   678 kB\n":         678,
		"Name:\tcommdn\n": 0,
		"Rss: many kB\n":  0,
	} {
		if got, ok := readMemory([]byte(text)); got != want || ok != (want != 0) {
			t.Errorf("memory of %q: %v, %v", text, got, ok)
		}
	}
	for text, want := range map[string]int{
		"Max processes             1  1 processes\nMax open files            20000                30000                files     \n": 20000,
		"Max open files            unlimited            unlimited            files     \n":                                           math.MaxInt,
		"": math.MaxInt,
	} {
		if got := openFiles(text); got != want {
			t.Errorf("open files of %q: %d", text, got)
		}
	}
}

func TestTooFewFiles(t *testing.T) {
	if err := enoughFiles("idle", 10); err != nil {
		t.Error(err)
	}
	err := Run(t.Context(), Options{Measure: []string{"idle"}, Sessions: math.MaxInt32}, nil)
	if err == nil || !strings.Contains(err.Error(), "raise it with ulimit -n 2147483847") {
		t.Errorf("%v", err)
	}
}

// A status is found in a notification by its bytes, and another one is not.
func TestNews(t *testing.T) {
	for _, status := range []commdn.GroupStatus{commdn.StatusActive, commdn.StatusNotLoaded, commdn.StatusRunning} {
		event := commdn.CampaignEvent{Event: commdn.EvCampaignStatus, CampaignGroup: measured, Status: status, HasStatus: true}
		b, err := frame.Frame{Kind: frame.KindNotification, Body: event.UserData()}.Append(nil)
		if err != nil {
			t.Fatal(err)
		}
		for load, want := range map[bool]commdn.GroupStatus{true: commdn.StatusActive, false: commdn.StatusNotLoaded} {
			if got := strings.Contains(string(b), string(news[load])); got != (status == want) {
				t.Errorf("%v for %v: %v", status, want, got)
			}
		}
	}
}

// Messages as RFC 6455 has them.
func TestMessage(t *testing.T) {
	for want, payload := range map[string]string{
		"828300000000616263":                           "abc",
		"82fe007e00000000" + strings.Repeat("61", 126): strings.Repeat("a", 126),
		"82fe012c00000000" + strings.Repeat("61", 300): strings.Repeat("a", 300),
		"828000000000":                                 "",
	} {
		if got := hex.EncodeToString(message(opBinary, []byte(payload))); got != want {
			t.Errorf("%d bytes: %s", len(payload), got)
		}
	}
}

func TestTail(t *testing.T) {
	var log tail
	for range 10_000 {
		_, _ = log.Write([]byte("0123456789\n"))
	}
	_, _ = log.Write([]byte("the end\n"))
	if got := log.String(); len(got) > tailLen || !strings.HasSuffix(got, "9\nthe end") {
		t.Errorf("%d bytes, ends %q", len(got), got[max(0, len(got)-20):])
	}
	if len(log.text) > 4*tailLen {
		t.Errorf("%d bytes are kept", len(log.text))
	}
}

// A server that does not come up is told with what it wrote last.
func TestProcessThatDoesNotServe(t *testing.T) {
	_, err := startProcess("sh", "http://", "-c", "echo nothing; echo the port is taken >&2; exit 1")
	if err == nil || !strings.HasSuffix(err.Error(), "does not serve: the port is taken") {
		t.Errorf("%v", err)
	}
}
