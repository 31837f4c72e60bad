package daemon

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"commdn/relay/config"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// drivers are the ways to reach a T-Server, by the name that links[].driver has
// in the configuration.
var drivers = map[string]func(config.Link) (tserver.Driver, error){
	config.DefaultDriver: func(l config.Link) (tserver.Driver, error) {
		secure, err := l.TLS.Config()
		if err != nil {
			return nil, fmt.Errorf("links: %s: tls: %w", l.Name, err)
		}
		return tlink.Driver{TLS: secure}, nil
	},
}

// Driver gives what the T-Server of a link is reached with.
func Driver(l config.Link) (tserver.Driver, error) {
	open := drivers[l.Driver]
	if open == nil {
		return nil, fmt.Errorf("links: %s: driver: %q is none of %s", l.Name, l.Driver, strings.Join(slices.Sorted(maps.Keys(drivers)), ", "))
	}
	return open(l)
}
