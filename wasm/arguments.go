//go:build js && wasm

package wasm

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/hack-pad/safejs"

	"commdn/protocol/commdn"
	"commdn/protocol/vocab"
)

// argumentError is a missing or wrong argument of a method.
type argumentError struct {
	name string // such as sequence.items[2].campaign
	what string
}

func (e *argumentError) Error() string { return e.name + " " + e.what }

// fields reads the properties of a plain object. The first error stays in *err. A
// property that nobody reads is an error too, so that a misspelt customerId does not pass
// unnoticed.
type fields struct {
	object safejs.Value // undefined if there is none
	path   string       // of the object, with a trailing dot
	read   []string
	err    *error
}

func (f *fields) fail(name, what string) {
	if *f.err == nil {
		*f.err = &argumentError{f.path + name, what}
	}
}

// get returns a property, or false if it is undefined or null.
func (f *fields) get(name string) (safejs.Value, bool) {
	f.read = append(f.read, name)
	if f.object.IsUndefined() {
		return f.object, false
	}
	v, err := f.object.Get(name)
	return v, err == nil && !v.IsUndefined() && !v.IsNull()
}

func (f *fields) text(name string) string {
	v, ok := f.get(name)
	if !ok {
		return ""
	}
	if v.Type() != safejs.TypeString {
		f.fail(name, "is not a string")
		return ""
	}
	s, _ := v.String()
	return s
}

// int reads a whole number, 0 if missing.
func (f *fields) int(name string) int32 {
	v, ok := f.get(name)
	if !ok {
		return 0
	}
	n, err := v.Float()
	if v.Type() != safejs.TypeNumber || err != nil || n != float64(int32(n)) {
		f.fail(name, "is not a whole number of 32 bits")
		return 0
	}
	return int32(n)
}

// flag reads a boolean, false if missing.
func (f *fields) flag(name string) bool {
	v, _ := f.get(name)
	b, _ := v.Bool()
	return b
}

// seconds reads a time as ISO 8601 or Unix seconds, 0 if missing.
func (f *fields) seconds(name string) int64 {
	v, ok := f.get(name)
	if !ok {
		return 0
	}
	if v.Type() == safejs.TypeNumber {
		if n, _ := v.Float(); n == float64(int64(n)) {
			return int64(n)
		}
	} else if s, _ := v.String(); v.Type() == safejs.TypeString {
		if s == "" {
			return 0
		}
		if t, ok := parseDate(s); ok && zoned(s) {
			return t.Unix()
		}
	}
	f.fail(name, "is neither a Date nor ISO 8601 nor Unix seconds")
	return 0
}

// zoned reports whether a time for Date names its zone. Without one it would mean another
// time on the next machine.
func zoned(s string) bool {
	at := len(s) - len("+00:00")
	return strings.Contains(s, "T") && (strings.HasSuffix(s, "Z") || at > 0 && (s[at] == '+' || s[at] == '-'))
}

// inner returns the object of a property, an empty one if missing.
func (f *fields) inner(name string) (*fields, bool) {
	v, ok := f.get(name)
	if !ok {
		return &fields{object: safejs.Undefined(), path: f.path + name + ".", err: f.err}, false
	}
	return f.of(v, name), true
}

func (f *fields) of(v safejs.Value, name string) *fields {
	if v.Type() != safejs.TypeObject || v.IsNull() {
		f.fail(name, "is not an object")
		v = safejs.Undefined()
	}
	return &fields{object: v, path: f.path + name + ".", err: f.err}
}

// end fails for a property that nobody has read.
func (f *fields) end() {
	if f.object.IsUndefined() {
		return
	}
	object, err := safejs.Global().Get("Object")
	if err != nil {
		return
	}
	keys, err := object.Call("keys", f.object)
	if err != nil {
		return
	}
	names, _ := texts(keys)
	for _, name := range names {
		if !slices.Contains(f.read, name) {
			f.fail(name, "is not an argument of this; there are "+strings.Join(f.read, ", "))
		}
	}
}

// readRequest turns the arguments of a method into a request, with the window in which
// it can be undone; more knows the methods about campaigns.
func readRequest(method string, args safejs.Value, more Supervisor) (req commdn.Request, window time.Duration, err error) {
	top := &fields{err: &err}
	f := top.of(args, "arguments")
	f.path = ""
	at := commdn.Address{Target: commdn.DBID(f.int(vocab.Target))}
	if method == "doNotCall" || method == "cancelRecord" {
		n := f.int("undo")
		if n < 0 || n > 60 {
			f.fail("undo", "is not from 0 to 60 seconds")
		}
		window = time.Duration(n) * time.Second
	}
	switch method {
	case "doNotCall":
		req = &commdn.DoNotCall{
			Address: at, Phone: f.text("phone"), CustomerID: f.text("customerId"), Chain: commdn.Chain(f.text("chain")),
		}
	case "cancelRecord":
		req = &commdn.CancelRecord{
			Address: at, Phone: f.text("phone"), CustomerID: f.text("customerId"), Chain: commdn.Chain(f.text("chain")),
			Campaign: f.text("campaignName"),
		}
	default:
		if more != nil {
			req = more.request(method, f, at)
		}
	}
	f.end()
	if req == nil && err == nil {
		err = &argumentError{method, "is no method"}
	}
	return req, window, err
}

// controls are the methods about a campaign group or a sequence.
var controls = [...]struct {
	method string
	typ    commdn.MessageType
}{
	{"loadCampaign", commdn.ReqLoadCampaign}, {"startDialing", commdn.ReqStartDialing}, {"setDialingMode", commdn.ReqSetDialingMode},
	{"unloadCampaign", commdn.ReqUnloadCampaign}, {"forceUnloadCampaign", commdn.ReqForceUnloadCampaign},
	{"stopDialing", commdn.ReqStopDialing}, {"getCampaignStatus", commdn.ReqGetCampaignStatus},
}

// readCampaign reads a request about a campaign group or a sequence. It returns nil for
// any other method.
func readCampaign(method string, f *fields, at commdn.Address) commdn.Request {
	var t commdn.MessageType
	for _, m := range controls {
		if m.method == method {
			t = m.typ
		}
	}
	c := commdn.Control{
		Address:       at,
		CampaignGroup: commdn.CampaignGroup{Campaign: commdn.DBID(f.int(vocab.Campaign)), Group: commdn.DBID(f.int(vocab.Group))},
		Sequence:      readSequence(f),
	}
	switch t {
	case commdn.ReqLoadCampaign, commdn.ReqStartDialing, commdn.ReqSetDialingMode:
		c.Dialing, c.AutoCompletion, c.Priority = readDialing(f), readCompletion(f), readPriority(f)
	}
	return c.Request(t)
}

func readDialing(f *fields) commdn.Dialing {
	d, _ := f.inner(vocab.Dialing)
	defer d.end()
	var dialing commdn.Dialing
	for _, number := range vocab.DialingFields {
		*number.Of(&dialing) = d.int(number.Name)
	}
	return dialing
}

func readCompletion(f *fields) commdn.AutoCompletion {
	v, ok := f.get(vocab.AutoCompletion)
	if !ok {
		return commdn.AutoCompletionUnset
	}
	if v.Type() != safejs.TypeBoolean {
		f.fail(vocab.AutoCompletion, "is neither true nor false")
	}
	if on, _ := v.Bool(); on {
		return commdn.AutoCompletionOn
	}
	return commdn.AutoCompletionOff
}

func readPriority(f *fields) *commdn.DialingPriority {
	p, ok := f.inner("priority")
	if !ok {
		return nil
	}
	defer p.end()
	one := func(name string) *commdn.Priority {
		o, ok := p.inner(name)
		if !ok {
			return nil
		}
		defer o.end()
		return &commdn.Priority{Priority: o.int("priority"), Records: o.int("records")}
	}
	return &commdn.DialingPriority{
		General: one("general"), CampaignRescheduled: one("campaignRescheduled"), CampaignCallBack: one("campaignCallBack"),
	}
}

func readSequence(f *fields) *commdn.Sequence {
	q, ok := f.inner(vocab.Sequence)
	if !ok {
		return nil
	}
	defer q.end()
	s := &commdn.Sequence{Description: q.text(vocab.Description), Start: q.seconds(vocab.Start)}
	list, ok := q.get(vocab.Items)
	n, err := list.Length()
	if !ok || list.Type() != safejs.TypeObject || err != nil || n > commdn.MaxSequenceItems {
		q.fail(vocab.Items, "is not an array of at most "+strconv.Itoa(commdn.MaxSequenceItems)+" items")
		return s
	}
	for i := range n {
		v, _ := list.Index(i)
		it := q.of(v, vocab.Items+"["+strconv.Itoa(i)+"]")
		item := commdn.SequenceItem{Dialing: readDialing(it), StopAtTime: it.seconds(vocab.StopAtTime)}
		for _, number := range vocab.ItemFields {
			*number.Of(&item) = it.int(number.Name)
		}
		s.Items = append(s.Items, item)
		it.get(vocab.Status) // accepted, so that a host can send back what an event holds
		it.get(vocab.StatusName)
		it.end()
	}
	return s
}

// argumentOf returns the argument that fills the vendor's key, or the key itself.
func argumentOf(key string) string {
	for i := 0; i+1 < len(argumentNames); i += 2 {
		if argumentNames[i] == key {
			return argumentNames[i+1]
		}
	}
	return key
}

var argumentNames = [...]string{
	commdn.KeyPhone, "phone", commdn.KeyCustomerID, "customerId", commdn.KeyChain, "chain",
	commdn.KeyCampaignName, "campaignName", commdn.KeyCampaignID, vocab.Campaign, commdn.KeyGroupID, vocab.Group,
	commdn.KeyTargetAppID, vocab.Target, commdn.KeyDialMode, vocab.Dialing + "." + vocab.Mode, commdn.KeyOptimizeBy, vocab.Dialing + "." + vocab.OptimizeBy,
	commdn.KeyOptimizeGoal, vocab.Dialing + "." + vocab.Goal, commdn.KeyCampaignSchedule, vocab.Sequence, commdn.KeyDialingPriority, "priority",
}
