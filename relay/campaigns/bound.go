package campaigns

import (
	"errors"

	"commdn/protocol/commdn"
)

// maxStrangers bounds the campaign groups that the directory does not know and
// whose status is kept all the same: whoever is on the CommDN can make some up.
// Those of the directory always have room.
const maxStrangers = 5_000

// ErrTooMany says that an event was not taken in.
var ErrTooMany = errors.New("campaigns: too many campaign groups that the directory does not know")

// bound counts strangers. Cache.mu guards it.
type bound struct {
	strangers map[Key]struct{}
}

// Know says which campaign groups the directory knows; without it none is. It is
// called before the first Note.
func (c *Cache) Know(known func(commdn.CampaignGroup) bool) { c.known = known }

func (c *Cache) knows(of commdn.CampaignGroup) bool { return c.known != nil && c.known(of) }

// room says whether the status of a campaign group can be kept, and counts a
// stranger in. It is called with c.mu held.
func (c *Cache) room(key Key, known bool) bool {
	if c.entries[key] != nil || known {
		return true
	}
	if len(c.bound.strangers) >= maxStrangers {
		return false
	}
	if c.bound.strangers == nil {
		c.bound.strangers = make(map[Key]struct{})
	}
	c.bound.strangers[key] = struct{}{}
	return true
}
