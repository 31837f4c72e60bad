package bulk

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// lines reads the values of one line after the other. A line without a quote is
// cut by itself, as most are; others go through encoding/csv.
type lines struct {
	in        *bufio.Reader
	line      int // of the last record, the first being 1
	separator byte
	values    []string // of the last record, reused
}

func newLines(in io.Reader) *lines {
	return &lines{in: bufio.NewReaderSize(in, MaxLine), separator: ','}
}

// header reads the first line that is not blank, and finds out what separates
// values: what a line sep= says, or that of , ; and tab which the header has most
// of. Empty names at its end are left out.
func (l *lines) header() ([]string, error) {
	text, err := l.text()
	if said := strings.Trim(text, "\""); len(said) > 4 && strings.EqualFold(said[:4], "sep=") {
		text = said
	}
	if err == nil && len(text) > 4 && strings.EqualFold(text[:4], "sep=") {
		said := text[4:5] // further separators may follow
		if !strings.Contains(",;\t|", said) {
			return nil, &RowError{Line: l.line, Column: "sep=", What: "is " + quote(said) + "; give a comma, a semicolon, a tab or |"}
		}
		l.separator = said[0]
		text, err = l.text()
	} else if err == nil {
		for _, c := range []byte(";\t") {
			if strings.Count(text, string(c)) > strings.Count(text, string(l.separator)) {
				l.separator = c
			}
		}
	}
	if err != nil {
		return nil, err
	}
	if strings.Contains(text, "\r") {
		return nil, &RowError{Line: l.line, Column: "the line", What: "holds carriage returns, which some programs for the Mac write in place of line feeds; save the file as CSV for Windows, or as UTF-8 CSV"}
	}
	names, err := l.cut(text)
	for err == nil && len(names) > 1 && names[len(names)-1] == "" {
		names = names[:len(names)-1]
	}
	return names, err
}

// record reads the values of one line that has any, without outer blanks. They
// are good until the next call.
func (l *lines) record() ([]string, error) {
	for {
		text, err := l.text()
		if err != nil {
			return nil, err
		}
		values, err := l.cut(text)
		if err != nil {
			return nil, err
		}
		for _, v := range values {
			if v != "" {
				return values, nil
			}
		}
	}
}

// cut gives the values of a line.
func (l *lines) cut(text string) ([]string, error) {
	l.values = l.values[:0]
	if strings.IndexByte(text, '"') >= 0 {
		if err := l.quoted(text); err != nil {
			return nil, err
		}
	} else {
		for more := true; more; {
			i := strings.IndexByte(text, l.separator)
			value := text
			if more = i >= 0; more {
				value, text = text[:i], text[i+1:]
			}
			l.values = append(l.values, strings.TrimSpace(value))
		}
	}
	for i, value := range l.values {
		if !utf8.ValidString(value) {
			return nil, &RowError{Line: l.line, Column: "column " + strconv.Itoa(i+1), What: "is not UTF-8 text; give the encoding of the file", column: i + 1}
		}
	}
	return l.values, nil
}

// quoted reads a line with quotes. The armour of a spreadsheet, ="0012", has them
// inside a value.
func (l *lines) quoted(text string) error {
	values, err := l.csv(text, false)
	if errors.Is(err, csv.ErrBareQuote) && strings.Contains(text, "=\"") {
		values, err = l.csv(text, true)
	}
	if syntax, ok := errors.AsType[*csv.ParseError](err); ok {
		what := "a quote inside a value that does not begin with one"
		if errors.Is(err, csv.ErrQuote) {
			what = "a quote is not closed, or text follows it"
		}
		return &RowError{Line: l.line, Column: "at character " + strconv.Itoa(syntax.Column), What: what}
	}
	if err != nil {
		return err
	}
	for _, value := range values {
		l.values = append(l.values, strings.TrimSpace(value))
	}
	return nil
}

func (l *lines) csv(text string, lazy bool) ([]string, error) {
	r := csv.NewReader(strings.NewReader(text + "\n"))
	r.Comma, r.LazyQuotes, r.FieldsPerRecord = rune(l.separator), lazy, -1
	return r.Read()
}

// text fetches a line that is not blank, without its end. One that is too long is
// a *RowError, and is gone.
func (l *lines) text() (string, error) {
	for {
		line, err := l.in.ReadSlice('\n')
		if err == io.EOF && len(line) > 0 {
			err = nil
		}
		if err != nil && err != bufio.ErrBufferFull {
			return "", err
		}
		l.line++
		if err == bufio.ErrBufferFull {
			for err == bufio.ErrBufferFull {
				_, err = l.in.ReadSlice('\n')
			}
			if err != nil && err != io.EOF {
				return "", err
			}
			return "", &RowError{Line: l.line, Column: "the line", What: "is longer than " + strconv.Itoa(MaxLine) + " bytes"}
		}
		if l.line == 1 {
			line = bytes.TrimPrefix(line, []byte("\uFEFF"))
		}
		line = bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
		if len(line) > 0 {
			return string(line), nil
		}
	}
}
