package frame

import "commdn/protocol/tkvlist"

const keyForm = "form"

// Preview asks in which forms a request would name its number. Nothing is sent to
// OCS, and nothing is kept.
type Preview struct{ Data tkvlist.List } // user data of the request

// Body gives the list of the frame.
func (p Preview) Body() tkvlist.List { return Answer(p).Body() }

// ReadPreview reads the list of a preview.
func ReadPreview(l tkvlist.List) Preview { return Preview(ReadAnswer(l)) }

// Forms answers a preview.
type Forms struct {
	Texts   []string // the number as it would be sent, each text once; none where the request names no number
	Refusal *Refusal // why nothing would be sent; nil: it would
}

// Body gives the list of the frame.
func (f Forms) Body() tkvlist.List {
	if f.Refusal != nil {
		return Outcome{Refusal: f.Refusal}.Body()
	}
	l := make(tkvlist.List, len(f.Texts))
	for i, text := range f.Texts {
		l[i] = tkvlist.Pair{Key: keyForm, Value: tkvlist.String(text)}
	}
	return l
}

// ReadForms reads the list of a forms frame. Where there are both, the refusal
// counts.
func ReadForms(l tkvlist.List) (f Forms) {
	if refusal, ok := l.List(keyRefusal); ok {
		f.Refusal = ReadRefusal(refusal)
		return f
	}
	for _, p := range l {
		if text, ok := p.Value.Text(); ok && p.Key == keyForm {
			f.Texts = append(f.Texts, text)
		}
	}
	return f
}
