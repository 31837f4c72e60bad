package person

import (
	"embed"
	"errors"
	"flag"
	"os"
	"testing"

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
	dnc := []string{"phone", "5551234567", "customer-id", "C-42", "confirm", "off"}
	cancel := []string{"phone", "5551234567", "campaign", "Spring", "confirm", "off"}
	asked := func(d *desk) *desk { d.ask(); return d }
	settled := func(d *desk, err error, answers ...commdn.Message) *desk {
		d.ask()
		d.settle(err, answers...)
		return d
	}
	asking := func(d *desk) *desk { d.c.handleClick(once()); return d }
	for name, draw := range map[string]func(t *testing.T) *desk{
		"idle":     func(t *testing.T) *desk { return newDesk(t, NewDnc, "phone", "5551234567") },
		"labelled": func(t *testing.T) *desk { return newDesk(t, NewDnc, "phone", "5551234567", "label", "Block") },
		"no-call":  func(t *testing.T) *desk { return newDesk(t, NewDnc, "phone", "") },
		"disabled": func(t *testing.T) *desk { return newDesk(t, NewDnc, "phone", "5551234567", "disabled", "") },
		"markup":   func(t *testing.T) *desk { return newDesk(t, NewDnc, "phone", `<script>alert("x")</script>`) },
		"fields":   func(t *testing.T) *desk { return newDesk(t, NewDnc, "choose-chain", "") },
		"cancel-fields": func(t *testing.T) *desk {
			d := newDesk(t, NewCancel, "chain", "RecordOnly", "choose-chain", "")
			d.typeIn(phone, "5551234567")
			d.typeIn(customer, "C\t42")
			return d
		},
		"confirming": func(t *testing.T) *desk {
			return asking(newDesk(t, NewDnc, "phone", "5551234567", "customer-id", "C-42", "chain", "RecordOnly"))
		},
		"confirming-changed": func(t *testing.T) *desk {
			d := asking(newDesk(t, NewDnc, "phone", "5551234567"))
			d.Set("phone", "5550000000")
			return d
		},
		"cancel-confirming": func(t *testing.T) *desk {
			d := newDesk(t, NewCancel, "phone", "5551234567")
			status := uitest.Connected
			status.OCS = []commdn.DBID{201, 202}
			d.Client().SetStatus(status)
			return asking(d)
		},
		"cancel-confirming-one": func(t *testing.T) *desk {
			return asking(newDesk(t, NewCancel, "phone", "5551234567", "campaign", "Spring", "target", "202"))
		},
		"sending": func(t *testing.T) *desk { return asked(newDesk(t, NewDnc, dnc...)) },
		"waiting": func(t *testing.T) *desk {
			d := newDesk(t, NewDnc, dnc...)
			d.Client().SetStatus(down)
			return asked(d)
		},
		"done": func(t *testing.T) *desk { return settled(newDesk(t, NewDnc, dnc...), nil, processed) },
		"done-past": func(t *testing.T) *desk {
			d := settled(newDesk(t, NewDnc, dnc...), nil, processed)
			d.Set("phone", "5550000000")
			return d
		},
		"cancel-done": func(t *testing.T) *desk { return settled(newDesk(t, NewCancel, cancel...), nil, canceled) },
		"cancel-incomplete": func(t *testing.T) *desk {
			return settled(newDesk(t, NewCancel, cancel...), nil, incomplete)
		},
		"cancel-several": func(t *testing.T) *desk {
			return settled(newDesk(t, NewCancel, cancel...), fault, canceled, fault, incomplete)
		},
		"refused": func(t *testing.T) *desk { return settled(newDesk(t, NewDnc, dnc...), fault, fault) },
		"no-answer": func(t *testing.T) *desk {
			return settled(newDesk(t, NewDnc, dnc...), &frame.Refusal{Code: frame.RefusedNoAnswer, Message: "OCS 201 did not answer"})
		},
		"late": func(t *testing.T) *desk { return newDesk(t, NewDnc, dnc...).late(nil, processed) },
		"late-refused": func(t *testing.T) *desk {
			return newDesk(t, NewCancel, cancel...).late(fault, fault)
		},
		"cancel-customer": func(t *testing.T) *desk {
			d := newDesk(t, NewCancel, "customer-id", "C-42")
			d.Client().SetStatus(byCustomer)
			return asking(d)
		},
		"timed-out": func(t *testing.T) *desk {
			return settled(newDesk(t, NewDnc, dnc...), &client.NoAnswerError{Sent: true, Err: client.ErrTimeout})
		},
		"not-sent": func(t *testing.T) *desk {
			return settled(newDesk(t, NewDnc, dnc...), &frame.Refusal{Code: frame.RefusedLinkDown, Message: "no link to T-Server"})
		},
		"link-down": func(t *testing.T) *desk {
			d := newDesk(t, NewDnc, dnc...)
			d.Client().SetStatus(client.Status{State: client.Connected, Link: frame.Link{Reason: "connection refused"}})
			return d
		},
		"failed": func(t *testing.T) *desk {
			d := settled(newDesk(t, NewDnc, dnc...), errors.New("no more"))
			d.Client().SetStatus(client.Status{State: client.Failed, Err: &frame.CloseError{Code: frame.CloseSubprotocol}})
			return d
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, file := draw(t).HTML(), "testdata/"+name+".html"
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
