package habits

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"unicode/utf8"
)

// Version is that of the protocols that this program writes. It reads no other.
const Version = 1

// maxProtocol bounds a protocol in bytes.
const maxProtocol = 256 << 10

// Protocol is how an OCS was seen to answer, as a file that can be sent and
// replayed. It has nothing about customers in it.
type Protocol struct {
	// Remarks are for people: what was done, what came back, after which time.
	Remarks []string
	Habits  Habits
}

// file is a Protocol in JSON.
type file struct {
	Version int      `json:"version"`
	Remarks []string `json:"remarks,omitempty"`
	Habits  Habits   `json:"habits"`
}

// Write writes the protocol as JSON. It fails for habits that Check refuses and
// for remarks that are no UTF-8 text.
func (p Protocol) Write(w io.Writer) error {
	if err := p.Habits.Check(); err != nil {
		return err
	}
	for i, remark := range p.Remarks {
		if !utf8.ValidString(remark) {
			return fmt.Errorf("remarks[%d]: is no UTF-8 text", i)
		}
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(file{Version, p.Remarks, p.Habits}); err != nil {
		return err
	}
	if text.Len() > maxProtocol {
		return fmt.Errorf("a protocol would have %d bytes; at most %d are possible: give fewer remarks", text.Len(), maxProtocol)
	}
	_, err := w.Write(text.Bytes())
	return err
}

// Read reads a protocol, strictly: a key that is unknown or there twice, and a
// value that is wrong, is an error that says where. name is for errors.
func Read(name string, r io.Reader) (Protocol, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxProtocol+1))
	if err != nil {
		return Protocol{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > maxProtocol {
		return Protocol{}, fmt.Errorf("%s: is larger than the %d bytes that a protocol has at most", name, maxProtocol)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	p, err := parse(data)
	if err != nil {
		return Protocol{}, fmt.Errorf("%s: %w", name, err)
	}
	return p, nil
}

func parse(data []byte) (p Protocol, err error) {
	if !utf8.Valid(data) {
		return p, errors.New("is no UTF-8 text")
	}
	members, err := membersOf(data)
	if err != nil {
		return p, err
	}
	// The version comes first: another one may have other keys.
	version, ok := members.get("version")
	switch {
	case !ok:
		return p, fmt.Errorf("version is missing; a protocol begins with \"version\": %d", Version)
	case version != fmt.Sprint(Version):
		return p, fmt.Errorf("version is %s; this program reads version %d alone", abridged(version), Version)
	}
	for _, m := range members {
		switch m.key {
		case "version":
		case "remarks":
			if err := json.Unmarshal([]byte(m.value), &p.Remarks); err != nil {
				return p, fmt.Errorf("remarks: is %s; give a list of texts, [\"…\"]", abridged(m.value))
			}
		case "habits":
			if err := p.Habits.SetAll([]byte(m.value)); err != nil {
				return p, err
			}
		default:
			return p, fmt.Errorf("unknown key %q; there are version, remarks and habits", m.key)
		}
	}
	return p, nil
}

// SetAll sets the habits that an object of JSON has, as the key habits of a
// protocol. A habit that is wrong is an *Error, and h is as it was then.
func (h *Habits) SetAll(object []byte) error {
	members, err := membersOf(object)
	if err != nil {
		return fmt.Errorf("habits: %w", err)
	}
	changed := *h
	for _, m := range members {
		if err := changed.setJSON(m.key, json.RawMessage(m.value)); err != nil {
			return err
		}
	}
	*h = changed
	return nil
}

// JSON gives a value that Set takes as SetAll has it.
func JSON(name, value string) (json.RawMessage, error) {
	var h Habits
	if err := h.Set(name, value); err != nil {
		return nil, err
	}
	f, _ := find(name)
	return json.Marshal(reflect.ValueOf(h).Field(f.index).Interface())
}

// setJSON is Set with a value of JSON: true, 202 or "sparse".
func (h *Habits) setJSON(name string, value json.RawMessage) error {
	f, err := find(name)
	if err != nil {
		return err
	}
	var changed Habits
	one := fmt.Appendf(nil, "{%q:%s}", name, value)
	if err := json.Unmarshal(one, &changed); err != nil || string(value) == "null" {
		return &Error{name, "is " + abridged(string(value)) + "; give " + f.kind()}
	}
	text := "" // of the value that Plain has
	if s := changed.Settings(); s != nil {
		text = s[0].Value
	}
	return h.Set(name, text)
}

// kind says what a value of the habit is.
func (f habit) kind() string {
	switch {
	case f.values != nil:
		return `"` + strings.Join(f.values, `" or "`) + `"`
	case reflect.TypeFor[Habits]().Field(f.index).Type.Kind() == reflect.Int32:
		return "a whole number"
	case reflect.TypeFor[Habits]().Field(f.index).Type.Kind() == reflect.String:
		return "a text"
	}
	return "true or false"
}

// member is a key of an object with its value in JSON.
type member struct{ key, value string }

type members []member

func (all members) get(key string) (value string, ok bool) {
	for _, m := range all {
		if m.key == key {
			return m.value, true
		}
	}
	return "", false
}

// membersOf gives the members of an object of JSON, each key once.
func membersOf(data []byte) (all members, err error) {
	if !json.Valid(data) {
		return nil, syntax(data)
	}
	d := json.NewDecoder(bytes.NewReader(data))
	if open, err := d.Token(); err != nil || open != json.Delim('{') {
		return nil, fmt.Errorf("is %s; give an object {…}", abridged(string(data)))
	}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return nil, err
		}
		key, _ := token.(string) // valid JSON has nothing else there
		if _, twice := all.get(key); twice {
			return nil, fmt.Errorf("key %q is there twice", key)
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, err
		}
		all = append(all, member{key, string(value)})
	}
	return all, nil
}

// syntax says where JSON is wrong.
func syntax(data []byte) error {
	if len(bytes.TrimSpace(data)) == 0 {
		return errors.New("is empty; a protocol is an object {…} of JSON")
	}
	err := json.Unmarshal(data, new(any))
	at := len(data)
	if wrong, ok := errors.AsType[*json.SyntaxError](err); ok {
		at = int(wrong.Offset)
	}
	return fmt.Errorf("line %d: no JSON: %w", 1+bytes.Count(data[:min(at, len(data))], []byte("\n")), err)
}

// abridged gives the beginning of a value that is wrong.
func abridged(s string) string {
	s = strings.TrimSpace(s)
	const most = 40
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}

// Load gives the habits of a preset, or else those of the protocol in a file.
func Load(nameOrFile string) (Habits, error) {
	if h, ok := Preset(nameOrFile); ok {
		return h, nil
	}
	f, err := os.Open(nameOrFile)
	if errors.Is(err, os.ErrNotExist) {
		return Habits{}, fmt.Errorf("%q is neither %s nor a file with a protocol", nameOrFile, strings.Join(Presets(), " nor "))
	}
	if err != nil {
		return Habits{}, err
	}
	defer func() { _ = f.Close() }()
	p, err := Read(nameOrFile, f)
	return p.Habits, err
}
