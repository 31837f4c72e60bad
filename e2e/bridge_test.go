package e2e

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"commdn/relay/bridgetest"
	"commdn/relay/sim/control"
	"commdn/relay/sim/scenario"
)

// TestBridge is the agent's main job with everything that an installation has between the
// browser and OCS: relay, bridge, T-Server. The stand-in replaces the vendor's SDK, the
// simulator T-Server and OCS.
func TestBridge(t *testing.T) {
	together(t)
	if !bridgetest.Available(t) {
		return
	}
	s := start(t, "sim", "--scenario", "demo", "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0")
	tserver := s.says(`T-Server on (\S+),`)
	simulator, err := control.Dial(s.says(`page on (\S+)`))
	if err != nil {
		t.Fatal(err)
	}
	bridge := bridgetest.Start(t, bridgetest.Options{TServers: []string{tserver}})
	installation := scenario.Shipped("demo")
	ocs := installation.Servers()[0]
	d := &demo{process: start(t, "relay", "--listen", "127.0.0.1:0", "--tserver", bridge.TLink, "--comm-dn", installation.CommDNs[0].Number,
		"--app-dbid", fmt.Sprint(ocs.Connections[0]), "--ocs", fmt.Sprint(ocs.DBID))}
	d.addr = d.says(demoURL)
	d.log.find(t, `(T-Server link is up)`)
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()

	p := openAgent(t, d)
	p.wait(`document.getElementById("trace-state").textContent.startsWith("connection lost")`)
	p.click("dnc", ".main", 1)
	p.wait(`deep("dnc", ".question")`)
	list, err := simulator.DNC(ctx)
	if err != nil || len(list) != 0 {
		t.Fatalf("before the agent said yes the list is %+v, %v", list, err)
	}
	p.click("dnc", ".yes", 1)
	p.wait(`deep("dnc", ".line.done")`)
	if s := p.text("dnc", ".line .text"); !strings.HasPrefix(s, "5551234567 (customer C-1042) is on the Do Not Call list · ") {
		t.Errorf("result line %q", s)
	}
	if r := p.results("dnc"); len(r) != 1 || !r[0].OK || len(r[0].OCS) != 1 || r[0].OCS[0].DBID != int(ocs.DBID) || !r[0].OCS[0].OK {
		t.Errorf("the host received %+v", r)
	}
	list, err = simulator.DNC(ctx)
	if err != nil || len(list) != 2 || list[0].Phone != "5551234567" || list[0].CustomerID != "C-1042" || list[1].Phone != "5551234568" {
		t.Errorf("the list is %+v, %v", list, err)
	}
	p.forget("sim/api/trace") // only the demo has it: here the simulator has an address of its own
	p.clean()
	d.terminate()
}
