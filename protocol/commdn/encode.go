package commdn

import "commdn/protocol/tkvlist"

// addInt appends an integer.
func addInt(l *tkvlist.List, key string, n int32) { l.Add(key, tkvlist.Int(n)) }

// addText appends a string unless it is empty.
func addText(l *tkvlist.List, key, s string) {
	if s != "" {
		l.Add(key, tkvlist.String(s))
	}
}

// nested gives a list that holds inner under key and nothing else.
func nested(key string, inner tkvlist.List) tkvlist.Value {
	return tkvlist.Nested(tkvlist.List{{Key: key, Value: tkvlist.Nested(inner)}})
}
