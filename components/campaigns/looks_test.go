package campaigns

import (
	"embed"
	"flag"
	"os"
	"testing"
	"time"

	"commdn/components/uitest"
	"commdn/protocol/client"
	"commdn/protocol/commdn"
	"commdn/protocol/frame"
)

var update = flag.Bool("update", false, "write testdata/*.html")

//go:embed testdata
var golden embed.FS

// TestLooks compares the markup of each state with a golden file.
func TestLooks(t *testing.T) {
	for name, draw := range map[string]func(t *testing.T) *desk{
		"connecting": func(t *testing.T) *desk { return newDesk(t, 0, client.Status{}) },
		"empty":      func(t *testing.T) *desk { return newDesk(t, 0, uitest.Connected) },
		"states": func(t *testing.T) *desk {
			d := states(t)
			later(d, 30*time.Minute)
			d.tell(5, commdn.StatusActive)
			later(d, 30*time.Minute)
			d.tell(5, commdn.StatusRunning)
			later(d, time.Hour)
			return d
		},
		"sorted":    func(t *testing.T) *desk { return states(t, "sort", "-state", "hours", "12") },
		"attribute": func(t *testing.T) *desk { return states(t, "hours", "99", "filter", "nothing") },
		"readonly":  func(t *testing.T) *desk { return states(t, "readonly", "") },
		"no-right":  func(t *testing.T) *desk { return newDesk(t, 2, agentOnly) },
		"several-ocs": func(t *testing.T) *desk {
			d := newDesk(t, 2, client.Status{State: client.Connected, Link: frame.Link{Up: true}, OCS: []commdn.DBID{201, 202}})
			d.Client().Tell(event(202, 1, commdn.StatusRunning))
			d.draw()
			d.openRow(0)
			return d
		},
		"markup": func(t *testing.T) *desk {
			dir := frame.Directory{
				Campaigns: []frame.Named{{DBID: 1001, Name: `<img src=x onerror="alert(1)">`}}, Groups: []frame.Named{{DBID: 501, Name: "</div>"}},
				CampaignGroups: []frame.CampaignGroup{{Campaign: 1001, Group: 501}},
			}
			return newDeskOf(t, uitest.NewClient(uitest.Connected), dir, uitest.Connected)
		},
		"stale": func(t *testing.T) *desk {
			d := states(t)
			d.openRow(4)
			later(d, 10*time.Minute)
			d.Client().SetStatus(linkDown)
			return d
		},
		"selected": func(t *testing.T) *desk {
			d := states(t)
			d.pick(0, 4, 5)
			d.c.handleFilter(&input{value: "camp 3"})
			return d
		},
		"panel": func(t *testing.T) *desk {
			d := states(t)
			d.openRow(4)
			return d
		},
		"panel-many": func(t *testing.T) *desk {
			d := states(t)
			d.pick(0, 4, 5)
			d.c.handleBulk(&input{})
			return d
		},
		"stop": func(t *testing.T) *desk {
			d := states(t)
			d.openRow(5)
			d.click(commdn.ReqStopDialing)
			return d
		},
		"start": func(t *testing.T) *desk {
			d := states(t)
			d.openRow(4)
			d.click(commdn.ReqStartDialing)
			return d
		},
		"start-untold": func(t *testing.T) *desk {
			d := states(t)
			d.openRow(6)
			d.click(commdn.ReqLoadCampaign)
			d.c.handleField("goal", &input{value: "101"})
			return d
		},
		"priority-bad": func(t *testing.T) *desk {
			d := states(t)
			d.openRow(5)
			d.click(commdn.ReqSetDialingMode)
			d.c.handleField("priority", &input{value: "own"})
			d.c.handleField("2", &input{value: "<b>"})
			return d
		},
		"little-told": func(t *testing.T) *desk { // an OCS that leaves out all that it may
			d := newDesk(t, 4, uitest.Connected)
			for i, typ := range []commdn.MessageType{commdn.EvCampaignLoaded, commdn.EvDialingStarted, commdn.EvCampaignUnloaded, commdn.EvCampaignStatus} {
				e := event(ocs, i, 0)
				e.Event, e.HasStatus, e.Dialing = typ, false, commdn.Dialing{}
				d.Client().Tell(e)
			}
			return d
		},
		"force-many": func(t *testing.T) *desk {
			d := states(t)
			d.pick(0, 1, 2, 3, 4, 5)
			d.c.handleBulk(&input{})
			d.click(commdn.ReqForceUnloadCampaign)
			d.tell(4, commdn.StatusNotLoaded)
			return d
		},
		"load-many": func(t *testing.T) *desk {
			d := newDesk(t, 30, uitest.Connected)
			for i := range 30 {
				d.tell(i, commdn.StatusNotLoaded)
			}
			d.draw()
			d.c.handleHead(bySelect, &input{clicks: 1})
			d.c.handleBulk(&input{})
			d.click(commdn.ReqLoadCampaign)
			d.measure(180, 0)
			return d
		},
		"report": func(t *testing.T) *desk {
			d := states(t)
			d.pick(3, 4, 5)
			d.c.handleBulk(&input{})
			d.click(commdn.ReqUnloadCampaign)
			d.c.handleYes(&input{})
			d.answerAll(nil, refused, &client.NoAnswerError{Sent: true, Err: client.ErrTimeout})
			return d
		},
		"busy": func(t *testing.T) *desk {
			d := states(t)
			d.openRow(5)
			d.order(commdn.ReqStopDialing)
			return d
		},
		"refused": func(t *testing.T) *desk {
			d := states(t)
			d.openRow(5)
			d.order(commdn.ReqStopDialing)
			d.answer(refused)
			d.draw()
			d.openRow(5)
			return d
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, file := draw(t).draw(), "testdata/"+name+".html"
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, err := golden.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s differs (-update writes it):\n%s", file, got)
			}
		})
	}
}
