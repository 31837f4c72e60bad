package tkvlist

import "strconv"

// Sizes that T-Server itself keeps to, and ours where it names none.
const (
	DefaultMaxBytes = 16000 // packed user data, T-Server's default
	MaxBytes        = 65535 // packed user data, the most that T-Server can be set to
	DefaultMaxDepth = 8     // levels of lists, the outermost counted
	MaxKey          = 255   // bytes of a key
)

// Limits bound what is packed and unpacked. A zero field means its default.
type Limits struct {
	MaxBytes int // packed bytes; default DefaultMaxBytes, never more than the constant MaxBytes
	MaxDepth int // levels of lists, the outermost counted; default DefaultMaxDepth
}

func (l Limits) orDefault() Limits {
	if l.MaxBytes <= 0 {
		l.MaxBytes = DefaultMaxBytes
	}
	l.MaxBytes = min(l.MaxBytes, MaxBytes)
	if l.MaxDepth <= 0 {
		l.MaxDepth = DefaultMaxDepth
	}
	return l
}

func (l Limits) tooLong(got, offset int) error {
	return &LimitError{
		What:   "packed list of " + strconv.Itoa(got) + " bytes is longer than " + strconv.Itoa(l.MaxBytes),
		Offset: offset, Limit: l.MaxBytes,
	}
}

// TooLong is the error for a list whose packed form is longer than l allows;
// the text forms use it too.
func (l Limits) TooLong(offset int) error {
	l = l.orDefault()
	return &LimitError{
		What:   "packed list is longer than " + strconv.Itoa(l.MaxBytes) + " bytes",
		Offset: offset, Limit: l.MaxBytes,
	}
}

// TooDeep is the error for a list nested deeper than l allows; the text forms
// use it too.
func (l Limits) TooDeep(offset int) error {
	l = l.orDefault()
	return &LimitError{
		What:   "list nested deeper than " + strconv.Itoa(l.MaxDepth) + " levels",
		Offset: offset, Limit: l.MaxDepth,
	}
}
