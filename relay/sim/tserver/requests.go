package tserver

import (
	"fmt"
	"slices"
	"time"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// handle answers one request, with s.mu held.
func (c *client) handle(m *tlink.Message) {
	switch {
	case m.ID == tlink.RequestRegisterClient:
		c.known = true
		c.application, _ = m.Attributes.Text(tlink.AttributeApplicationName)
		c.send(&tlink.Message{ID: tlink.EventServerConnected, Reference: m.Reference})
		if !c.s.linkDown {
			c.send(&tlink.Message{ID: tlink.EventLinkConnected})
		}
	case !c.known:
		c.refuse(m, tserver.CodeUnsupported, "RequestRegisterClient has to come first")
	case m.ID == tlink.RequestRegisterAddress:
		c.registerAddress(m)
	case m.ID == tlink.RequestUnregisterAddress:
		c.unregisterAddress(m)
	case m.ID == tlink.RequestDistributeUserEvent:
		c.distribute(m)
	default:
		c.refuse(m, tserver.CodeUnsupported, "Unsupported operation")
	}
}

func (c *client) registerAddress(m *tlink.Message) {
	if dn, ok := c.configured(m); ok {
		c.dns[dn] = true
		c.send(&tlink.Message{ID: tlink.EventRegistered, Reference: m.Reference, Attributes: thisDN(dn)})
	}
}

func (c *client) unregisterAddress(m *tlink.Message) {
	if dn, ok := c.registered(m); ok {
		delete(c.dns, dn)
		c.send(&tlink.Message{ID: tlink.EventUnregistered, Reference: m.Reference, Attributes: thisDN(dn)})
	}
}

func (c *client) distribute(m *tlink.Message) {
	dn, ok := c.registered(m)
	if !ok {
		return
	}
	// Packed only for its size, the one thing that can be wrong with it here.
	_, err := tkvlist.Limits{MaxBytes: c.s.o.MaxUserData}.AppendPack(nil, m.UserData)
	if err != nil {
		c.refuse(m, tserver.CodeInvalidAttr, fmt.Sprintf("User data is over %d bytes", c.s.o.MaxUserData))
		return
	}
	event := tlink.Message{ID: tlink.EventUserEvent, Attributes: thisDN(dn), UserData: m.UserData}
	frame, err := event.Append(nil)
	if err != nil {
		c.end(err)
		return
	}
	c.send(&tlink.Message{ID: tlink.EventACK, Reference: m.Reference, Attributes: thisDN(dn)})
	for other := range c.s.clients {
		if other.dns[dn] {
			other.enqueue(frame)
		}
	}
	c.s.publish(Event{Time: time.Now(), DN: dn, Application: c.application, UserData: m.UserData})
}

// configured gives the DN of a request, or refuses the request when T-Server
// cannot serve that DN now.
func (c *client) configured(m *tlink.Message) (dn string, ok bool) {
	dn, _ = m.Attributes.Text(tlink.AttributeThisDN)
	switch {
	case dn == "":
		c.refuse(m, tserver.CodeInvalidAttr, "AttributeThisDN is missing")
	case !slices.Contains(c.s.o.CommDNs, dn):
		c.refuse(m, tserver.CodeNotConfigured, "DN is not configured")
	case c.s.linkDown:
		c.refuse(m, tserver.CodeNoSwitch, "No connection to the switch")
	default:
		return dn, true
	}
	return "", false
}

// registered is configured for a request that needs a registration.
func (c *client) registered(m *tlink.Message) (dn string, ok bool) {
	if dn, ok = c.configured(m); ok && !c.dns[dn] {
		c.refuse(m, tserver.CodeNotRegistered, "Client has not registered the DN")
		return "", false
	}
	return dn, ok
}

// refuse answers a request with EventError.
func (c *client) refuse(m *tlink.Message, code int32, text string) {
	attributes := tkvlist.List{
		{Key: tlink.AttributeErrorCode, Value: tkvlist.Int(code)},
		{Key: tlink.AttributeErrorMessage, Value: tkvlist.String(text)},
	}
	if dn, ok := m.Attributes.Text(tlink.AttributeThisDN); ok && len(dn) <= maxDN {
		attributes.Add(tlink.AttributeThisDN, tkvlist.String(dn))
	}
	c.send(&tlink.Message{ID: tlink.EventError, Reference: m.Reference, Attributes: attributes})
}
