package main

import (
	"commdn/protocol/commdn"
	"commdn/relay/cmd/commdn/bulk"
)

type dncCmd struct{ peopleFlags }

// Help is what commdn dnc --help says further.
func (dncCmd) Help() string { return fileHelp }

func (c *dncCmd) Run(e *env) error {
	target := commdn.Address{Target: commdn.DBID(c.OCS)}
	return c.run(e, "", action{
		name: "dnc", done: "on the Do Not Call list",
		request: func(r bulk.Row) commdn.Request {
			return &commdn.DoNotCall{Address: target, Phone: r.Phone, CustomerID: r.CustomerID, Chain: commdn.Chain(r.Chain)}
		},
	})
}

type cancelCmd struct {
	Campaign string `help:"Name of the campaign; without it, all that are loaded." placeholder:"NAME"`
	peopleFlags
}

// Help is what commdn cancel --help says further.
func (cancelCmd) Help() string {
	return "Where OCS answers that some records are on an agent's desktop and stay, the result is \"incomplete\", with exit code 0.\n\n" + fileHelp
}

func (c *cancelCmd) Run(e *env) error {
	target := commdn.Address{Target: commdn.DBID(c.OCS)}
	return c.run(e, c.Campaign, action{
		name: "cancel", done: "records canceled", campaigns: true,
		request: func(r bulk.Row) commdn.Request {
			return &commdn.CancelRecord{Address: target, Phone: r.Phone, CustomerID: r.CustomerID, Campaign: r.Campaign, Chain: commdn.Chain(r.Chain)}
		},
	})
}
