package relay

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"commdn/protocol/frame"
	"commdn/relay/auth"
	"commdn/relay/directory"
)

// The audience is a process of its own, as the crowd is.
const (
	audienceAddress = "COMMDN_TEST_AUDIENCE_ADDRESS" // of the relay; makes the test program an audience
	audienceSize    = "COMMDN_TEST_AUDIENCE_SIZE"
)

// A directory of 50,100 objects in 100 tenants. Each session sees one tenant:
// 500 objects.
const (
	tenants           = 100
	tenantCampaigns   = 240
	tenantGroups      = 10
	tenantCampaignsIn = 250 // campaign groups
	seen              = tenantCampaigns + tenantGroups + tenantCampaignsIn
)

// byTenant lets people do what agents of a tenant do: the token is the value of
// their roles claim.
type byTenant struct{}

func (byTenant) Authenticate(_ context.Context, token string) (auth.Identity, error) {
	return auth.Identity{Subject: token, Name: token, Roles: []auth.Role{auth.Agent}, Values: []string{token}}, nil
}

// manyNames is an export of Configuration Server. The version is in the names.
func manyNames(b *testing.B, version int) *directory.Directory {
	b.Helper()
	var text bytes.Buffer
	text.WriteString(`{"__metadata__": {"formatName": "RAW"}`)
	list := func(kind string, each int, entry func(tenant, i int)) {
		fmt.Fprintf(&text, `, %q: [`, kind)
		for n := range tenants * each {
			if n > 0 {
				text.WriteByte(',')
			}
			entry(1+n/each, n%each)
		}
		text.WriteString("]")
	}
	campaign := func(tenant, i int) int { return 10_000 + tenant*tenantCampaigns + i%tenantCampaigns }
	group := func(tenant, i int) int { return 1000 + tenant*tenantGroups + i%tenantGroups }
	list("CFGTenant", 1, func(tenant, _ int) { fmt.Fprintf(&text, `{"DBID": %d, "name": "Tenant %d"}`, tenant, tenant) })
	list("CFGAgentGroup", tenantGroups, func(tenant, i int) {
		fmt.Fprintf(&text, `{"CfgGroup": {"DBID": %d, "name": "Group %d of %d", "tenantDBID": %d}}`, group(tenant, i), i, version, tenant)
	})
	list("CFGCampaign", tenantCampaigns, func(tenant, i int) {
		fmt.Fprintf(&text, `{"DBID": %d, "name": "Campaign %d of %d", "tenantDBID": %d, "state": 1}`, campaign(tenant, i), i, version, tenant)
	})
	list("CFGCampaignGroup", tenantCampaignsIn, func(tenant, i int) {
		fmt.Fprintf(&text, `{"DBID": %d, "campaignDBID": %d, "groupDBID": %d, "serverDBIDs": {"DBID": 201}}`,
			tenant*tenantCampaignsIn+i, campaign(tenant, i), group(tenant, i/tenantCampaigns+i))
	})
	text.WriteString("}")
	d, err := directory.Parse("export.json", text.Bytes())
	if err != nil {
		b.Fatal(err)
	}
	return d
}

// attend starts an audience and gives how to wait until it has a directory.
func attend(b *testing.B, address string, size int) (whole func()) {
	b.Helper()
	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), audienceAddress+"="+address, fmt.Sprintf("%s=%d", audienceSize, size))
	var errs strings.Builder
	cmd.Stderr = &errs
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(out)
	return func() {
		b.Helper()
		if line, err := lines.ReadString('\n'); err != nil || line != "whole\n" {
			_ = cmd.Wait()
			b.Fatalf("the audience says %q, %v: %s", line, err, &errs)
		}
	}
}

// BenchmarkDirectory gives 10,000 sessions a new directory of 50,000 objects, of
// which each sees 500, while one more puts numbers on the list. An operation
// ends when all sessions have the directory. The start takes longest: give it
// -benchtime 1x, and COMMDN_TEST_AUDIENCE_SIZE for fewer sessions.
func BenchmarkDirectory(b *testing.B) {
	size := 10_000
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		b.Fatal(err)
	}
	if room := int(min(limit.Cur, 1<<20)) - 1000; room < size {
		b.Logf("this process may open %d files: there are %d sessions, not %d", limit.Cur, room, size)
		size = room
	}
	if given := os.Getenv(audienceSize); given != "" {
		n, err := strconv.Atoi(given)
		if err != nil {
			b.Fatal(err)
		}
		size = min(size, n)
	}
	// A do-not-call concerns all tenants, so who sends it sees one campaign and one group of all.
	all := []auth.Rule{{Role: auth.Agent, Values: []string{"caller"}, Campaigns: []string{"10240"}, Groups: []string{"1010"}}}
	for n := range tenants {
		all = append(all, auth.Rule{Role: auth.Agent, Values: []string{fmt.Sprintf("desk-%d", n+1)}, Tenants: []string{fmt.Sprint(n + 1)}})
	}
	versions := []*directory.Directory{manyNames(b, 1), manyNames(b, 2)}
	r := newRig(b, installation(connectedOCS(201)), func(o *Options) {
		o.Auth, o.PingInterval = byTenant{}, time.Hour
		o.Settings = Settings{
			Directory: versions[0], Policy: rules(b, all...),
			Limits: Limits{Sessions: size + 1, PerAddress: size + 1, PerPerson: size + 1, Rate: 1e6, Burst: 1e6, AddressRate: 1e6, AddressBurst: 1e6},
		}
	})
	caller := r.sessionOf("caller")
	whole := attend(b, r.addr, size)
	whole()
	settings := r.srv.opts.Settings
	var took, idle []time.Duration // by each do-not-call
	n := uint32(0)
	call := func() {
		n++
		start := time.Now()
		caller.request(n, dnc(fmt.Sprintf("55501%05d", n)))
		f := caller.next()
		for f.Kind != frame.KindOutcome {
			f = caller.next()
		}
		took = append(took, time.Since(start))
		caller.message(f, frame.KindOutcome, n)
	}
	report := func(when string, took []time.Duration) { // after the loop, which clears metrics
		slices.Sort(took)
		at := func(part float64) float64 { return took[int(part*float64(len(took)-1))].Seconds() * 1000 }
		b.ReportMetric(at(0.5), when+"-p50-ms")
		b.ReportMetric(at(0.99), when+"-p99-ms")
		b.ReportMetric(at(1), when+"-max-ms")
		b.ReportMetric(float64(len(took)), when+"-dnc")
		above, _ := slices.BinarySearch(took, 100*time.Millisecond)
		b.ReportMetric(float64(len(took)-above), when+"-above-100ms")
	}
	for range 1000 {
		call()
	}
	idle, took = took, nil
	version := 0
	for b.Loop() {
		version = 1 - version
		settings.Directory = versions[version]
		told := make(chan struct{})
		go func() {
			defer close(told)
			if err := r.srv.Reload(settings); err != nil {
				b.Error(err)
			}
		}()
		arrived := make(chan struct{})
		go func() { defer close(arrived); whole() }()
		for open := true; open; {
			call()
			select {
			case <-arrived:
				open = false
			default:
			}
		}
		<-told
	}
	report("idle", idle)
	report("reload", took)
	b.ReportMetric(float64(size), "sessions")
}
