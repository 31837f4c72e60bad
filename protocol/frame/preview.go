package frame

import "commdn/protocol/tkvlist"

const keyForm = "form"

// Forms answers a preview, which has the body of a Request.
type Forms struct {
	Texts   []string // the number as it would be sent, each text once; none where the request names no number
	Refusal string   // why nothing would be sent, for people; empty: it would
}

// Body gives the list of the frame.
func (f Forms) Body() (l tkvlist.List) {
	if f.Refusal != "" {
		l.Add(keyMessage, tkvlist.String(f.Refusal))
	}
	for _, text := range f.Texts {
		l.Add(keyForm, tkvlist.String(text))
	}
	return l
}

// ReadForms reads the list of a forms frame.
func ReadForms(l tkvlist.List) (f Forms) {
	for _, p := range l {
		switch text, _ := p.Value.Text(); p.Key {
		case keyForm:
			f.Texts = append(f.Texts, text)
		case keyMessage:
			f.Refusal = text
		}
	}
	return f
}
