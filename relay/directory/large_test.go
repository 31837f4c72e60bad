package directory

import (
	"bytes"
	"fmt"
	"runtime"
	"testing"

	"commdn/protocol/commdn"
)

// largeExport has so many campaigns, each for one of ten groups, and people who take up
// room.
func largeExport(campaigns, people int) []byte {
	var b bytes.Buffer
	b.WriteString(`{"__metadata__": {"formatName": "RAW"}, "CFGAgentGroup": [`)
	comma := func(i int) {
		if i > 0 {
			b.WriteByte(',')
		}
	}
	for i := range 10 {
		comma(i)
		fmt.Fprintf(&b, `{"CfgGroup": {"DBID": %d, "name": "Group %d", "tenantDBID": 101}}`, 501+i, i)
	}
	b.WriteString(`], "CFGApplication": [{"DBID": 101, "name": "commdn", "type": 23}, {"DBID": 201, "name": "OCS", "type": 12, "appServerDBIDs": {"CfgConnectionInfo": {"appServerDBID": 101}}}], "CFGCampaign": [`)
	for i := range campaigns {
		comma(i)
		fmt.Fprintf(&b, `{"DBID": {"value": "%d"}, "name": {"value": "Campaign %d"}, "tenantDBID": 101, "state": 1, "description": "", "callingLists": {"CfgCallingListInfo": [{"callingListDBID": %d, "share": 10}]}}`, 1001+i, i, i)
	}
	b.WriteString(`], "CFGCampaignGroup": [`)
	for i := range campaigns {
		comma(i)
		fmt.Fprintf(&b, `{"DBID": %d, "campaignDBID": %d, "groupDBID": %d, "serverDBIDs": {"DBID": 201}}`, i+1, 1001+i, 501+i%10)
	}
	b.WriteString(`], "CFGDN": [{"DBID": 1, "number": "CommDN_1", "type": 23}], "CFGPerson": [`)
	for i := range people {
		comma(i)
		fmt.Fprintf(&b, `{"DBID": %d, "userName": "agent%d", "firstName": "A", "lastName": "B", "agentInfo": {"skillLevels": ""}}`, i+1, i)
	}
	b.WriteString(`], "CFGTenant": [{"DBID": 101, "name": "Retail"}]}`)
	return b.Bytes()
}

func TestLargeExport(t *testing.T) {
	data := largeExport(1000, 20_000)
	d, err := Parse("f", data)
	if err != nil || len(d.Campaigns) != 1000 || len(d.CampaignGroups) != 1000 || d.ServerOf(commdn.CampaignGroup{Campaign: 2000, Group: 510}) != 201 {
		t.Fatalf("%v, %+v", err, d)
	}
	if f := d.Frame(everything); len(f.Campaigns) != 1000 || len(f.Bodies()) < 2 {
		t.Errorf("%d campaigns in %d frames", len(f.Campaigns), len(f.Bodies()))
	}
	link, found := d.Resolve(Use{})
	if link.CommDN.Number != "CommDN_1" || len(link.OCS) != 1 {
		t.Errorf("%+v, %v", link, found)
	}
}

// TestLargeExportMemory: reading a large file takes a small multiple of its size.
func TestLargeExportMemory(t *testing.T) {
	data := largeExport(10, 50_000)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	d, err := Parse("f", data)
	if err != nil {
		t.Fatal(err)
	}
	runtime.ReadMemStats(&after)
	if got, most := after.TotalAlloc-before.TotalAlloc, 6*uint64(len(data)); got > most {
		t.Errorf("%d bytes for a file of %d", got, len(data))
	}
	runtime.KeepAlive(d)
}

func BenchmarkParseExport(b *testing.B) {
	data := largeExport(1000, 0)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("f", data); err != nil {
			b.Fatal(err)
		}
	}
}
