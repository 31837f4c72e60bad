package directory

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"commdn/protocol/commdn"
	"commdn/relay/confdb"
	"commdn/relay/internal/strictyaml"
)

// Values of the vendor's enumerations, each as number and as name.
var (
	appTypes = map[string]confdb.AppType{
		"12": confdb.OutboundContactServer, "CFGCMServer": confdb.OutboundContactServer,
		"22": confdb.ThirdPartyApplication, "CFGThirdPartyApp": confdb.ThirdPartyApplication,
		"23": confdb.ThirdPartyServer, "CFGThirdPartyServer": confdb.ThirdPartyServer,
	}
	communicationDN = []string{"23", "CFGCommDN"}     // CfgDNType
	disabledStates  = []string{"2", "CFGDisabled"}    // CfgObjectState
	deletedStates   = []string{"3", "CFGDeleted"}     // CfgObjectState
	optionSections  = []string{"default", "OCServer"} // where OCS looks, in this order, after the section of its own name
	optionKey       = "outbound_contact_server"       // of a CommDN
	yes, no         = []string{"true", "yes"}, []string{"false", "no"}
)

// importer reads an export object by object.
type importer struct {
	*strictyaml.Problems
	*Directory
	seen    map[string]map[commdn.DBID]bool // by type
	place   []Group                         // groups of places, which come after those of agents
	servers [][]commdn.DBID                 // of each campaign group
}

func parseExport(d *Directory, data []byte) error {
	im := &importer{Problems: strictyaml.New(d.File), Directory: d, seen: make(map[string]map[commdn.DBID]bool)}
	d.Export = &Export{}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	_, err := dec.Token() // {
	for err == nil && dec.More() {
		var key json.Token
		if key, err = dec.Token(); err != nil {
			break
		}
		err = im.top(dec, key.(string))
	}
	if err == nil {
		_, err = dec.Token() // }
	}
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("something stands after the end of the export")
		}
	}
	if err != nil {
		at := dec.InputOffset()
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			at = max(syntax.Offset-1, 0)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			err, at = errors.New("the file ends in the middle of the export"), int64(len(data))
		}
		return &strictyaml.Error{File: d.File, Line: 1 + bytes.Count(data[:min(at, int64(len(data)))], []byte("\n")), What: err.Error()}
	}
	im.places()
	im.references()
	return im.Err()
}

// top reads the value of a top-level key. It skips unknown keys.
func (im *importer) top(dec *json.Decoder, key string) error {
	if key == metadata {
		var v any
		if err := dec.Decode(&v); err != nil {
			return err
		}
		im.metadata(raw{v})
		return nil
	}
	read := map[string]func(what string, o raw){
		"CFGTenant": im.tenant, "CFGApplication": im.application, "CFGDN": im.dn, "CFGAgentGroup": im.group,
		"CFGPlaceGroup": im.group, "CFGSwitch": im.switches, "CFGCampaign": im.campaign, "CFGCampaignGroup": im.campaignGroup,
	}[key]
	var whole json.RawMessage
	if err := dec.Decode(&whole); err != nil || read == nil {
		return err
	}
	// Decode object by object, so that not all of them are in memory twice.
	if !bytes.HasPrefix(whole, []byte("[")) {
		whole = slices.Concat([]byte("["), whole, []byte("]"))
	}
	objects := json.NewDecoder(bytes.NewReader(whole))
	objects.UseNumber()
	_, _ = objects.Token() // [; whole is valid JSON
	for i := 0; objects.More(); i++ {
		var v any
		if err := objects.Decode(&v); err != nil {
			return err
		}
		o := raw{v}
		if v == "" {
			continue // not an object
		}
		what := strictyaml.Item(key, i)
		if m, ok := o.bare().(map[string]any); !ok || len(m) == 0 {
			im.Fail(what, "is no object")
			continue
		}
		if slices.Contains(deletedStates, common(o).get("state").text()) {
			continue
		}
		read(what, o)
	}
	return nil
}

func (im *importer) metadata(o raw) {
	if name := o.get("formatName").text(); name != "" && !strings.EqualFold(name, "RAW") {
		im.Fail(metadata, "the export has the format %s, without DBIDs; export it in the format RAW", strictyaml.Quote(name))
	}
	*im.Export = Export{o.get("date").text(), o.get("host").text(), o.get("mutagenVersion").text()}
}

// common returns the part with DBID, name, tenant and state: the object itself, or the
// CfgGroup in a group.
func common(o raw) raw {
	for _, key := range []string{"CfgGroup", "groupInfo"} {
		if inner := o.get(key); inner.v != nil {
			if deeper := inner.get("CfgGroup"); deeper.v != nil {
				return deeper
			}
			return inner
		}
	}
	return o
}

// object holds what all objects have.
type object struct {
	what     string // for errors
	id       commdn.DBID
	name     string
	disabled bool
	ok       bool
}

// object reads the fields that all objects have and reports what is missing, except a
// name that is not required.
func (im *importer) object(what string, o raw, needsName bool) object {
	o = common(o)
	x := object{what: what, name: o.get("name").text(), ok: true}
	x.disabled = slices.Contains(disabledStates, o.get("state").text())
	if strings.ContainsRune(x.name, utf8.RuneError) {
		im.note(Warning, "%s has � in its name %s: whoever wrote the export took it for text of another encoding; write it again in UTF-8", what, strictyaml.Quote(x.name))
	}
	if x.name != "" {
		x.what += " " + strictyaml.Quote(x.name)
	}
	x.id, x.ok = im.needID(&x, o, "DBID")
	if !x.ok {
		return x
	}
	x.what += fmt.Sprintf(" (%d)", x.id)
	if needsName && x.name == "" {
		x.ok = false
		im.Fail(x.what, "name is missing")
	}
	kind, _, _ := strings.Cut(what, "[")
	if im.seen[kind] == nil {
		im.seen[kind] = make(map[commdn.DBID]bool)
	}
	if im.seen[kind][x.id] {
		x.ok = false
		im.Fail(x.what, "DBID %d is that of another %s before it", x.id, kind)
	}
	im.seen[kind][x.id] = true
	return x
}

// needID reads a required DBID.
func (im *importer) needID(x *object, o raw, key string) (commdn.DBID, bool) {
	v := o.get(key)
	id, ok := v.id()
	switch {
	case ok:
	case v.v == nil:
		im.Fail(x.what, "%s is missing", key)
	default:
		im.Fail(x.what, "%s is %s; a DBID is a whole number from 1 to 2147483647", key, strictyaml.Quote(brief(v)))
	}
	return id, ok
}

// brief shortens a value for an error.
func brief(v raw) string {
	b, _ := json.Marshal(v.bare())
	return strings.Trim(string(b), `"`)
}
