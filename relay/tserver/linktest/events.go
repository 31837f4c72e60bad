package linktest

import (
	"strconv"
	"strings"
	"testing"

	"commdn/protocol/tkvlist"
	"commdn/relay/tserver"
	"commdn/relay/tserver/tlink"
)

// allBytes has every byte but 0, which no string of T-Library can have. It is invalid
// UTF-8.
var allBytes = func() string {
	var b []byte
	for i := 1; i < 256; i++ {
		b = append(b, byte(i))
	}
	return string(b)
}()

func deep(levels int) tkvlist.List {
	l := tkvlist.List{{Key: "end", Value: tkvlist.String("of it")}}
	for range levels - 1 {
		l = tkvlist.List{{Key: "list", Value: tkvlist.Nested(l)}}
	}
	return l
}

// userData has every kind of value, and what else is easily lost.
var userData = []struct {
	name string
	list tkvlist.List
}{
	{"none", nil},
	{"the empty list", tkvlist.List{}},
	{"strings", tkvlist.List{{Key: "a", Value: tkvlist.String("text")}, {Key: "b", Value: tkvlist.String("")}}},
	{"a string that is no UTF-8", tkvlist.List{{Key: "a", Value: tkvlist.String(allBytes)}}},
	{"a string that is UTF-8", tkvlist.List{{Key: "a", Value: tkvlist.String("Größe 大きさ")}}},
	{"integers", tkvlist.List{
		{Key: "a", Value: tkvlist.Int(0)}, {Key: "b", Value: tkvlist.Int(-1)},
		{Key: "c", Value: tkvlist.Int(1<<31 - 1)}, {Key: "d", Value: tkvlist.Int(-1 << 31)},
	}},
	{"binary", tkvlist.List{
		{Key: "a", Value: tkvlist.Binary([]byte("\x00" + allBytes))}, {Key: "b", Value: tkvlist.Binary(nil)},
	}},
	{"unicode", tkvlist.List{{Key: "a", Value: tkvlist.Unicode("Größe 大きさ 🎈")}, {Key: "b", Value: tkvlist.Unicode("")}}},
	{"lists", tkvlist.List{
		{Key: "a", Value: tkvlist.Nested(tkvlist.List{{Key: "x", Value: tkvlist.Int(1)}, {Key: "y", Value: tkvlist.String("2")}})},
		{Key: "b", Value: tkvlist.Nested(tkvlist.List{})},
	}},
	{"lists in lists", deep(8)},
	{"repeated keys, in order", tkvlist.List{
		{Key: "z", Value: tkvlist.Int(1)}, {Key: "a", Value: tkvlist.Int(2)}, {Key: "z", Value: tkvlist.String("3")},
		{Key: "Z", Value: tkvlist.Int(4)}, {Key: "a", Value: tkvlist.Int(2)}, {Key: "z", Value: tkvlist.Int(1)},
	}},
	{"keys", tkvlist.List{
		{Key: strings.Repeat("k", 255), Value: tkvlist.Int(1)}, {Key: "Gr\xf6\xdfe", Value: tkvlist.Int(2)}, {Key: " ", Value: tkvlist.Int(3)},
	}},
	{"a request as the relay sends it", tkvlist.List{
		{Key: "GSW_CM_MessageType", Value: tkvlist.Int(32)},
		{Key: "GSW_CM_AttrProperties", Value: tkvlist.Nested(tkvlist.List{
			{Key: "GSW_CM_AttrOriginAppID", Value: tkvlist.Int(101)}, {Key: "GSW_PHONE", Value: tkvlist.String("5551234")}})},
	}},
}

// events: user data arrives unchanged, both ways, in order.
func events(t *testing.T, r *rig) {
	t.Run("events", func(t *testing.T) {
		c, other, beyond := r.registered(t, "sender"), r.registered(t, "other"), r.beyond(t)
		for i, test := range userData {
			t.Run(test.name, func(t *testing.T) {
				reference := uint32(100 + i)
				for _, x := range []*client{c, other, beyond} {
					was := x.t
					x.t = t
					defer func() { x.t = was }()
				}
				c.sends(reference, test.list)
				other.wantEvent(commDN, test.list)
				beyond.wantEvent(commDN, test.list)
				beyond.sends(reference, test.list)
				c.wantEvent(commDN, test.list)
				other.wantEvent(commDN, test.list)
			})
		}
	})
	t.Run("order", func(t *testing.T) {
		const each = 500
		for _, way := range []struct {
			name     string
			from, to func(*testing.T) *client
		}{
			{"to T-Server", func(t *testing.T) *client { return r.registered(t, "sender") }, r.beyond},
			{"from T-Server", r.beyond, func(t *testing.T) *client { return r.registered(t, "receiver") }},
		} {
			t.Run(way.name, func(t *testing.T) {
				to, from := way.to(t), way.from(t)
				var out []byte
				for n := range uint32(each) {
					out = append(out, frames(t, tlink.Message{ID: tlink.RequestDistributeUserEvent, Reference: n + 1,
						Attributes: thisDN(commDN), UserData: numbered(int32(n))})...)
				}
				from.write(out)
				for n := range int32(each) {
					to.wantEvent(commDN, numbered(n))
				}
			})
		}
	})
}

// sized makes user data of so many packed bytes.
func sized(bytes int) tkvlist.List {
	return tkvlist.List{{Key: "k", Value: tkvlist.String(strings.Repeat("x", bytes-8))}}
}

// sizes: user data may be as large as T-Server's limit, and no larger.
func sizes(t *testing.T, r *rig) {
	var many tkvlist.List
	for n := 0; 2+10*(len(many)+1) <= r.limit; n++ {
		many.Add(strconv.Itoa(n%10), tkvlist.Int(int32(n)))
	}
	t.Run("user data of "+strconv.Itoa(r.limit)+" bytes", func(t *testing.T) {
		c, beyond := r.registered(t, "large"), r.beyond(t)
		for i, largest := range []tkvlist.List{sized(r.limit), many} {
			c.sends(uint32(10+i), largest)
			beyond.wantEvent(commDN, largest)
			beyond.sends(uint32(10+i), largest)
			c.wantEvent(commDN, largest)
		}
		if r.limit == tlink.MaxUserData {
			return // a frame has no room for one more
		}
		for i, size := range []int{r.limit + 1, tlink.MaxUserData} {
			c.distribute(uint32(20+i), sized(size))
			c.wantRefused(uint32(20+i), tserver.CodeInvalidAttr)
		}
		c.alive()
	})
}
