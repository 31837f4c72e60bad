package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/daemon"
	"commdn/relay/habits"
	"commdn/relay/linkcheck"
)

// mostCheck bounds how long a relay takes to check its links.
const mostCheck = 10 * time.Minute

// byRelay has a relay that runs check its own connections.
func (c *linkCheckCmd) byRelay(e *env, done func(*linkcheck.Link)) error {
	relay := adminFlags{Socket: c.Socket}
	what := daemon.LinkCheck{Links: c.Link, Phone: c.Phone}
	if c.Campaign != "" {
		var of frame.Directory
		err := relay.ask(e.ctx, http.MethodGet, "/names", 10*time.Second, &of)
		if err == nil {
			what.Campaign, what.CampaignName, err = c.campaign(of)
		}
		if err != nil {
			return err
		}
	}
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	return relay.send(e.ctx, http.MethodPost, "/links/check", bytes.NewReader(body), mostCheck, func(answer io.Reader) error {
		for in := json.NewDecoder(answer); ; {
			var one daemon.LinkChecked
			err := in.Decode(&one)
			switch {
			case errors.Is(err, io.EOF):
				return nil
			case err == nil && one.Link == nil:
				err = errors.New("the answer names no link")
			case err == nil && one.Protocol != nil:
				err = protocolOf(&one)
			}
			if err != nil {
				return fmt.Errorf("link check: %w", err)
			}
			done(one.Link)
		}
	})
}

// protocolOf gives a link the protocol that came with it.
func protocolOf(one *daemon.LinkChecked) error {
	p, err := habits.Read("protocol of link "+one.Link.Link, bytes.NewReader(one.Protocol))
	one.Link.Protocol = &p
	return err
}
