package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"commdn/relay/internal/near"
)

// maxBody bounds the body of a request.
const maxBody = 64 << 10

// readBody gives the body of a request with JSON.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "application/json" {
		return nil, errorf(http.StatusUnsupportedMediaType, "the body is %q; send application/json", r.Header.Get("Content-Type"))
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, errorf(http.StatusRequestEntityTooLarge, "the body has more than %d bytes", maxBody)
	}
	return body, err
}

// readJSON reads the body into v, a pointer to a struct. Each key must be written
// as in its tag, and at most once.
func readJSON(w http.ResponseWriter, r *http.Request, v any) error {
	body, err := readBody(w, r)
	if err != nil {
		return err
	}
	if err := checkKeys(body, reflect.TypeOf(v).Elem(), ""); err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(body))
	if err := d.Decode(v); err != nil {
		return explain(body, err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%s: there is more behind the object", place(body, d.InputOffset()))
	}
	return nil
}

// checkKeys checks the keys of an object, and of the objects in it that are
// structs too. encoding/json would accept a key in another case, or twice.
func checkKeys(body []byte, t reflect.Type, prefix string) error {
	d := json.NewDecoder(bytes.NewReader(body))
	open, err := d.Token()
	if err != nil {
		return explain(body, err)
	}
	if open != json.Delim('{') {
		return fmt.Errorf("%san object {…} is expected", prefixed(prefix))
	}
	fields := map[string]reflect.Type{}
	for f := range t.Fields() {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = f.Type
	}
	seen := map[string]bool{}
	for d.More() {
		token, err := d.Token()
		if err != nil {
			return explain(body, err)
		}
		key, _ := token.(string) // the decoder takes nothing else for a key
		field, known := fields[key]
		if !known {
			return fmt.Errorf("%sunknown key %q; %s", prefixed(prefix), key, meant(key, fields))
		}
		if seen[key] {
			return fmt.Errorf("%skey %q is there twice", prefixed(prefix), key)
		}
		seen[key] = true
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return explain(body, err)
		}
		if field.Kind() == reflect.Pointer {
			field = field.Elem()
		}
		if field.Kind() == reflect.Struct && bytes.HasPrefix(value, []byte("{")) {
			if err := checkKeys(value, field, prefix+key+"."); err != nil {
				return err
			}
		}
	}
	return nil
}

func prefixed(prefix string) string {
	if prefix == "" {
		return ""
	}
	return strings.TrimSuffix(prefix, ".") + ": "
}

// meant says which key may have been meant.
func meant[T any](key string, known map[string]T) string {
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	if like := near.Names(key, names, 1); like != nil {
		return "did you mean " + like[0] + "?"
	}
	return "there are " + strings.Join(names, ", ")
}

// explain says what is wrong with a body, and where.
func explain(body []byte, err error) error {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%s: is a %s; %s is expected", wrong.Field, wrong.Value, kindOf(wrong.Type))
	}
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%s: no JSON: %w", place(body, syntax.Offset), err)
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		if len(bytes.TrimSpace(body)) == 0 {
			return errors.New("the body is empty; an object {…} is expected")
		}
		return fmt.Errorf("%s: no JSON: it ends too early", place(body, int64(len(body))))
	}
	return fmt.Errorf("no JSON: %w", err)
}

func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.String:
		return "text"
	case reflect.Int, reflect.Int32:
		return "a whole number of at most " + fmt.Sprint(t.Bits()) + " bits"
	case reflect.Float64:
		return "a number"
	}
	return "an object {…}"
}

// place gives line and column of the byte before offset.
func place(body []byte, offset int64) string {
	before := body[:min(max(offset-1, 0), int64(len(body)))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return fmt.Sprintf("line %d, column %d", line, column)
}

// readQuery checks the parameters of a request: known ones, each once.
func readQuery(r *http.Request, known ...string) (url.Values, error) {
	values, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("the parameters cannot be read: %w", err)
	}
	names := map[string]bool{}
	for _, name := range known {
		names[name] = true
	}
	for name, all := range values {
		if !names[name] && len(known) == 0 {
			return nil, fmt.Errorf("unknown parameter %q; there are none", name)
		}
		if !names[name] {
			return nil, fmt.Errorf("unknown parameter %q; %s", name, meant(name, names))
		}
		if len(all) > 1 {
			return nil, fmt.Errorf("parameter %q is there twice", name)
		}
	}
	return values, nil
}
