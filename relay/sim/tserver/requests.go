package tserver

import (
	"fmt"
	"slices"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// handle answers one request, with s.mu held.
func (c *client) handle(m *tlink.Message) {
	switch {
	case m.ID == tlink.KeepAlive:
		c.send(&tlink.Message{ID: tlink.KeepAliveAck, Reference: m.Reference})
	case m.ID == tlink.RequestRegisterClient:
		c.known = true
		c.application, _ = m.Attributes.Text(tlink.AttributeApplicationName)
		c.send(&tlink.Message{ID: tlink.EventServerConnected, Reference: m.Reference})
		if c.s.backup {
			c.send(isBackup())
		} else if !c.s.linkDown {
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
	dn, ok := c.configured(m)
	if !ok {
		return
	}
	mode := tlink.ModeShare
	if value, given := m.Attributes.Get(tlink.AttributeRegisterMode); given {
		mode, ok = value.Int()
		if !ok || mode != tlink.ModeShare && mode != tlink.ModeMonitor {
			c.refuse(m, tserver.CodeInvalidAttr, "AttributeRegisterMode has to be 0 (share) or 2 (monitor)")
			return
		}
	}
	c.dns[dn] = mode
	c.send(&tlink.Message{ID: tlink.EventRegistered, Reference: m.Reference, Attributes: thisDN(dn)})
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
	if c.dns[dn] == tlink.ModeMonitor {
		c.refuse(m, tserver.CodeNotRegistered, "Client is registered for monitoring only")
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
		if _, ok := other.dns[dn]; ok {
			other.enqueue(outgoing{frame: frame})
		}
	}
	c.s.publish(Event{Time: c.s.o.Now(), DN: dn, Application: c.application, UserData: m.UserData})
	c.s.doDue()
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
	case c.s.backup:
		c.refuse(m, tserver.CodeNoSwitch, "No connection to the switch: this T-Server is the backup")
	case c.s.linkDown:
		c.refuse(m, tserver.CodeNoSwitch, "No connection to the switch")
	default:
		return dn, true
	}
	return "", false
}

// registered is configured for a request that needs a registration.
func (c *client) registered(m *tlink.Message) (dn string, ok bool) {
	if dn, ok = c.configured(m); !ok {
		return "", false
	}
	if _, ok = c.dns[dn]; !ok {
		c.refuse(m, tserver.CodeNotRegistered, "Client has not registered the DN")
	}
	return dn, ok
}

// unregister takes the registration of dn away, unasked, with s.mu held.
func (c *client) unregister(dn string) {
	if _, ok := c.dns[dn]; ok {
		delete(c.dns, dn)
		c.send(&tlink.Message{ID: tlink.EventUnregistered, Attributes: thisDN(dn)})
	}
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
