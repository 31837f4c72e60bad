package daemon

import (
	"commdn/relay/config"
	"commdn/relay/tserver"
)

// LinkDriver gives what the relay reaches the T-Server of a link with, for
// whoever opens a link beside the relay.
func LinkDriver(l config.Link) (tserver.Driver, error) { return driverOf(l) }
