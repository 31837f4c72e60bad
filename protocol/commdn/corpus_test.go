package commdn_test

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"commdn/protocol/commdn"
	"commdn/protocol/tkvlist"
)

// spots gives the path of every pair of l, nested ones too.
func spots(l list, at ...string) (paths [][]string) {
	for _, p := range l {
		path := append(slices.Clone(at), p.Key)
		paths = append(paths, path)
		if inner, ok := p.Value.List(); ok {
			paths = append(paths, spots(inner, path...)...)
		}
	}
	return paths
}

// edit gives a copy of l in which f has changed the list that path ends in.
func edit(l list, path []string, f func(parent *list, key string)) list {
	l = slices.Clone(l)
	if len(path) == 1 {
		f(&l, path[0])
		return l
	}
	inner, _ := l.List(path[0])
	l.Set(path[0], nested(edit(inner, path[1:], f)))
	return l
}

// told is the key that a FieldError has for what is wrong at path.
func told(path []string) string {
	key := path[len(path)-1]
	if len(path) > 1 {
		switch in := path[len(path)-2]; {
		case strings.HasPrefix(in, commdn.KeyScheduleItem), in == commdn.KeyGeneral,
			in == commdn.KeyCampaignRescheduled, in == commdn.KeyCampaignCallBack:
			return in + "/" + key
		}
	}
	return key
}

// mandatory says whether the vendor's table "Communication Structure", or
// agreement with nItems, wants the pair at path of a request. An event is read
// without any of them.
func mandatory(m commdn.Message, path []string) bool {
	if _, request := m.(commdn.Request); !request {
		return false
	}
	typ, key := m.Type(), path[len(path)-1]
	props, _ := m.UserData().List(commdn.KeyProperties)
	_, sequence := props.Get(commdn.KeyCampaignSchedule)
	switch key {
	case commdn.KeyOriginAppID, commdn.KeyTargetAppID, commdn.KeyGroupID,
		commdn.KeyDialMode, commdn.KeyOptimizeBy, commdn.KeyOptimizeGoal:
		return true
	case commdn.KeyCampaignID:
		return !sequence
	case commdn.KeyProperties, commdn.KeyDoNotCall, commdn.KeyCancelRecord:
		return typ == commdn.ReqDoNotCall || typ == commdn.ReqCancelRecord
	case commdn.KeyItems, commdn.KeyItemCampaign, commdn.KeyItemDialMode, commdn.KeyItemOptMethod, commdn.KeyItemOptValue,
		commdn.KeyPriority, commdn.KeyRecords:
		return true
	}
	return strings.HasPrefix(key, commdn.KeyScheduleItem)
}

// Without one pair a message is refused by that pair's name if it is mandatory;
// else it decodes, and what is left of it survives a second trip.
func TestCorpusMissing(t *testing.T) {
	for _, g := range golden {
		l := g.msg.UserData()
		for _, path := range spots(l) {
			without := edit(l, path, func(in *list, key string) { in.Delete(key) })
			key, name := told(path), g.name+" without "+strings.Join(path, "/")
			if key == commdn.KeyMessageType {
				if _, err := commdn.Decode(without); !errors.Is(err, commdn.ErrNotCommDN) {
					t.Errorf("%s: error %v, want ErrNotCommDN", name, err)
				}
				continue
			}
			m, err := commdn.Decode(without)
			if mandatory(g.msg, path) {
				var field *commdn.FieldError
				if m != nil || !errors.As(err, &field) || field.Message != g.msg.Type() || field.Key != key || !strings.HasPrefix(field.What, "is missing") {
					t.Errorf("%s: got %v, %v, want a FieldError that %s is missing", name, m, err, key)
				}
				continue
			}
			if err != nil || m.Type() != g.msg.Type() {
				t.Errorf("%s: got %v, %v, want the rest", name, m, err)
				continue
			}
			if again, err := commdn.Decode(m.UserData()); err != nil || !reflect.DeepEqual(again, m) {
				t.Errorf("%s: %#v, %v after a second trip, want %#v", name, again, err, m)
			}
		}
	}
}

// A value of another kind in a request is refused by its key; in an event it
// counts as what it says, or as absent.
func TestCorpusWrongKind(t *testing.T) {
	for _, g := range golden {
		l := g.msg.UserData()
		_, request := g.msg.(commdn.Request)
		for _, path := range spots(l) {
			for _, v := range []tkvlist.Value{num(1), text("1"), tkvlist.Unicode("1"), tkvlist.Binary([]byte{1}), nested(list{{}})} {
				var was tkvlist.Kind
				wrong := edit(l, path, func(in *list, key string) {
					old, _ := in.Get(key)
					was = old.Kind()
					in.Set(key, v)
				})
				key, name := told(path), g.name+" with another "+strings.Join(path, "/")
				if was == v.Kind() || was == tkvlist.KindString && v.Kind() != tkvlist.KindBinary && v.Kind() != tkvlist.KindList {
					continue
				}
				m, err := commdn.Decode(wrong)
				if !request && key != commdn.KeyMessageType {
					if err != nil {
						t.Errorf("%s: error %v, want none", name, err)
					} else if again, err := commdn.Decode(m.UserData()); err != nil || !reflect.DeepEqual(again, m) {
						t.Errorf("%s: %#v, %v after a second trip, want %#v", name, again, err, m)
					}
					continue
				}
				if s, isText := v.Text(); isText && s == "1" && key == commdn.KeyMessageType { // no request any more
					var unused *commdn.NotApplicableError
					if !errors.As(err, &unused) {
						t.Errorf("%s: error %v, want that type 1 is not used", name, err)
					}
					continue
				}
				want := "is a " + v.Kind().String() + " instead of a " + was.String()
				if was == tkvlist.KindInt {
					want = "is a " + v.Kind().String() + " instead of an integer"
				}
				typ := g.msg.Type()
				if key == commdn.KeyMessageType {
					typ = 0
				}
				if m != nil {
					t.Errorf("%s: got %v", name, m)
				}
				checkField(t, err, typ, key, want)
			}
		}
	}
}

// The first of two pairs with one key counts, and unknown pairs are passed
// over, in every list.
func TestCorpusMore(t *testing.T) {
	for _, g := range golden {
		l := g.msg.UserData()
		for _, path := range spots(l) {
			for _, v := range []tkvlist.Value{num(-77), text("other"), tkvlist.Binary(nil), nested(nil)} {
				twice := edit(l, path, func(in *list, key string) { in.Add(key, v) })
				if got, err := commdn.Decode(twice); err != nil || !reflect.DeepEqual(got, g.msg) {
					t.Errorf("%s with %v twice: %#v, %v", g.name, path, got, err)
				}
				unknown := edit(l, path, func(in *list, key string) {
					*in = append(list{{Key: "GSW_CM_AttrReferenceID", Value: v}}, *in...)
					in.Add(commdn.KeyScheduleItem, v)
					in.Add(commdn.KeyScheduleItem+"01", v)
					in.Add(commdn.KeyScheduleItem+"x", v)
					in.Add(commdn.KeyScheduleItem+"99999999999999999999", v)
				})
				if got, err := commdn.Decode(unknown); err != nil || !reflect.DeepEqual(got, g.msg) {
					t.Errorf("%s with unknown keys beside %v: %#v, %v", g.name, path, got, err)
				}
			}
		}
	}
}

// Numbers out of range: a request decodes, so that OCS's simulator can refuse
// it, and Validate names the key; an event is kept as it is.
func TestCorpusOutOfRange(t *testing.T) {
	wrong := map[string][]int32{
		commdn.KeyDialMode: {-1, 0, 6, 7, 10, 12, 1<<31 - 1}, commdn.KeyItemDialMode: {-1, 0, 6, 7, 10, 12},
		commdn.KeyOptimizeBy: {-1, 0, 4}, commdn.KeyItemOptMethod: {-1, 0, 4},
		commdn.KeyOptimizeGoal: {-1, -1 << 31}, commdn.KeyItemOptValue: {-1, -1 << 31},
		commdn.KeyGroupID: {0, -1}, commdn.KeyCampaignID: {-1}, commdn.KeyItemCampaign: {0, -1},
		commdn.KeyStopAtContacts: {-1}, commdn.KeyStopAtDials: {-1}, commdn.KeySleep: {-1},
		commdn.KeyPriority: {-1}, commdn.KeyRecords: {-1},
	}
	tried := map[string]bool{}
	for _, g := range golden {
		l := g.msg.UserData()
		for _, path := range spots(l) {
			for _, n := range wrong[path[len(path)-1]] {
				m, err := commdn.Decode(edit(l, path, func(in *list, key string) { in.Set(key, num(n)) }))
				if err != nil {
					t.Errorf("%s with %v %d: %v", g.name, path, n, err)
					continue
				}
				if got := intAt(m.UserData(), path); got != n {
					t.Errorf("%s with %v %d: encoded as %d", g.name, path, n, got)
				}
				r, ok := m.(commdn.Request)
				if !ok {
					continue
				}
				tried[path[len(path)-1]] = true
				var field *commdn.FieldError
				if err := r.Validate(); !errors.As(err, &field) || field.Message != m.Type() || field.Key != told(path) || field.What == "" {
					t.Errorf("%s with %v %d: error %v, want a FieldError about %s", g.name, path, n, err, told(path))
				}
			}
		}
	}
	if len(tried) != len(wrong) {
		t.Errorf("tried %v in requests, want all of %v", tried, wrong)
	}
}

func intAt(l list, path []string) int32 {
	for _, key := range path[:len(path)-1] {
		l, _ = l.List(key)
	}
	n, _ := l.Int(path[len(path)-1])
	return n
}
