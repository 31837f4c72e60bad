package relay

import (
	"net/http"
	"testing"

	"commdn/protocol/frame"
	"commdn/relay/link"
)

// A relay whose link another one sends on is ready, and says that it stands by.
// It refuses requests, as nothing of this one's reaches OCS.
func TestStandby(t *testing.T) {
	t.Parallel()
	r := newRig(t, installation(connectedOCS(201)), nil)
	c := r.session()
	r.srv.links[0].SetSender(link.Another, "")
	if k := frame.ReadLink(c.next().Body); !k.Up || !k.Standby {
		t.Errorf("told %+v", k)
	}
	if answer, body := r.get("/readyz"); answer.StatusCode != http.StatusOK {
		t.Errorf("readyz: %d %s", answer.StatusCode, body)
	}
	if st := r.srv.Status(); !st.Ready || !st.Links[0].Up || !st.Links[0].Standby {
		t.Errorf("status %+v", st)
	}
	if w := r.session().welcome; !w.Link.Standby {
		t.Errorf("a new session is told %+v", w.Link)
	}
	c.request(1, dnc("5550104477"))
	c.refused(1, frame.RefusedLinkDown, "stands by")
	r.srv.links[0].SetSender(link.Self, "")
	if k := frame.ReadLink(c.next().Body); !k.Up || k.Standby {
		t.Errorf("told %+v", k)
	}
	c.put(1, "5550104477")
}
