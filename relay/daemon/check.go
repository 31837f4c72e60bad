package daemon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"commdn/protocol/commdn"
	"commdn/protocol/frame"
	"commdn/relay/config"
	"commdn/relay/linkcheck"
)

// LinkCheck says which links are to be checked, and how.
type LinkCheck struct {
	Links        []string              `json:"links,omitempty"` // empty: all
	Campaign     *commdn.CampaignGroup `json:"campaign,omitempty"`
	CampaignName string                `json:"campaign_name,omitempty"`
	Phone        string                `json:"phone,omitempty"` // put on the Do Not Call list of every OCS
}

// LinkChecked is what came of one link.
type LinkChecked struct {
	*linkcheck.Link
	Protocol json.RawMessage `json:"protocol,omitempty"` // as habits.Protocol writes it; empty: OCS was not seen to answer
}

// checked gives what came of a link as it goes over the socket.
func checked(l *linkcheck.Link) (c LinkChecked, err error) {
	c.Link = l
	if l.Protocol == nil {
		return c, nil
	}
	var text bytes.Buffer
	err = l.Protocol.Write(&text)
	c.Protocol = text.Bytes()
	return c, err
}

// names gives the campaigns and groups of the directory in use.
func (d *Daemon) names() frame.Directory { return d.checkSetup().Names() }

func (d *Daemon) checkSetup() *linkcheck.Setup {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &linkcheck.Setup{Config: d.setup.conf, Directory: d.setup.directory}
}

// checkLinks checks links over the relay's own connections, and writes a LinkChecked
// for each, a line of JSON, as soon as it is there.
func (d *Daemon) checkLinks(w http.ResponseWriter, r *http.Request, what LinkCheck) error {
	setup := d.checkSetup()
	chosen, err := setup.Chosen(what.Links)
	if err != nil {
		return err
	}
	args := []any{"links", names(chosen)}
	if what.Campaign != nil {
		args = append(args, "campaign_group", what.Campaign.String())
	}
	if what.Phone != "" {
		args = append(args, "phone", commdn.Mask(what.Phone), "phone_hash", d.hash.Of(what.Phone))
	}
	d.log.Info("links are checked by an administrator", args...)
	w.Header().Set("Content-Type", "application/jsonl")
	out := json.NewEncoder(w)
	setup.Run(r.Context(), linkcheck.Options{
		Links: chosen, Running: d.srv.Link, Campaign: what.Campaign, CampaignName: what.CampaignName, Phone: what.Phone,
	}, func(l *linkcheck.Link) {
		c, problem := checked(l)
		err = errors.Join(err, problem, out.Encode(c), http.NewResponseController(w).Flush())
	})
	if err != nil {
		d.log.Warn("result of a check of links not told", "error", err)
	}
	return nil
}

func names(links []config.Link) (all []string) {
	for _, l := range links {
		all = append(all, l.Name)
	}
	return slices.Clip(all)
}

// serveCheck is checkLinks for the admin socket.
func (d *Daemon) serveCheck(w http.ResponseWriter, r *http.Request) {
	var what LinkCheck
	err := readBody(r, &what)
	if err == nil {
		err = d.checkLinks(w, r, what)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
}

func readBody(r *http.Request, v any) error {
	if err := json.NewDecoder(http.MaxBytesReader(nil, r.Body, maxBody)).Decode(v); err != nil {
		return fmt.Errorf("this is not the JSON that is expected: %w", err)
	}
	return nil
}
