package activity

import (
	"strconv"
	"strings"

	"commdn/components/session"
	"commdn/components/ui"
	"commdn/protocol/commdn"
)

// byteOrderMark begins the file: without it Excel reads UTF-8 as the Windows code page.
const byteOrderMark = "\ufeff"

// header names the columns in the API's words, in every language.
var header = []string{
	"asked", "request", "phone", "sent_as", "customer_id", "campaign", "group", "target", "chain", "outcome", "settled", "code", "name", "message",
}

// csv writes requests by RFC 4180. Times are ISO 8601 in UTC. The request is as sent, so
// a campaign is its name in a cancel request and its DBID in all others. A failure has
// OCS's code, the name of the code or of the refusal, and the words of OCS or the relay,
// untranslated.
func csv(entries []session.Entry) string {
	var b strings.Builder
	line(&b, header)
	for i := range entries {
		line(&b, cells(&entries[i]))
	}
	return b.String()
}

func cells(e *session.Entry) []string {
	var campaign, group string
	person, _ := commdn.PersonOf(e.Req)
	if key, ok := session.About(e.Req); ok {
		campaign, group = strconv.Itoa(int(key.Campaign)), strconv.Itoa(int(key.Group))
	} else {
		campaign = person.Campaign
	}
	settled := ""
	if !e.UnderWay() {
		settled = ui.ISO(e.At)
	}
	code, name, message := wrong(e)
	return []string{
		ui.ISO(e.Asked), e.Req.Type().String(), person.Phone, strings.Join(ui.Forms(e.Answers), "; "), person.CustomerID, campaign, group, strconv.Itoa(int(e.Req.Addr().Target)), string(person.Chain),
		string(e.Outcome), settled, code, name, message,
	}
}

// wrong returns code, name and words of a failure. If several OCS answered, the words are
// those of each OCS that did not simply obey, after its DBID and the form of the number.
func wrong(e *session.Entry) (code, name, message string) {
	if fault := e.Fault(); fault != nil {
		code, name = strconv.Itoa(int(fault.Code)), fault.Code.String()
	}
	var words []string
	for _, m := range e.Answers {
		text := ""
		switch m := m.(type) {
		case *commdn.Fault:
			text = m.Message
			if len(e.Answers) > 1 {
				text = strings.TrimSpace(m.Code.String() + " " + text)
			}
		case *commdn.RecordCanceled:
			text = m.Message
		}
		if text != "" && len(e.Answers) > 1 {
			text = strings.TrimSpace("OCS "+strconv.Itoa(int(m.Addr().Origin))+" "+ui.PhoneOf(m)) + ": " + text
		}
		if text != "" {
			words = append(words, text)
		}
	}
	if refusal := e.Refusal(); refusal != nil {
		name = refusal.Code.String()
		words = append(words, refusal.Message)
	} else if e.Err != nil && code == "" {
		words = append(words, e.Err.Error())
	}
	return code, name, strings.Join(words, "; ")
}

func line(b *strings.Builder, cells []string) {
	for i, cell := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		cell = harmless(cell)
		if strings.ContainsAny(cell, "\",\r\n") {
			cell = `"` + strings.ReplaceAll(cell, `"`, `""`) + `"`
		}
		b.WriteString(cell)
	}
	b.WriteString("\r\n")
}

// harmless keeps a spreadsheet from reading a cell as a formula: an apostrophe makes it
// text. A number like +15551234567 stays as it is: a sign and digits calculate nothing,
// and people search for it.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return cell
	}
	if cell[0] == '+' && strings.Trim(cell[1:], "0123456789") == "" {
		return cell
	}
	return "'" + cell
}
