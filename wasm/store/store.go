//go:build js && wasm

// Package store is the browser as a client.Store. store.js does the work: in Go it would
// be ten times as much to download.
package store

import (
	"errors"
	"strings"

	"github.com/hack-pad/safejs"
)

// Store is a client.Store. All pages of an origin share what it holds.
type Store struct{ js safejs.Value }

// New makes a Store of what storage of store.js returns.
func New(js safejs.Value) *Store { return &Store{js} }

// call carries out an operation. Its result is lines of text.
func (s *Store) call(operation, key, record string) (result []string, err error) {
	done := make(chan *call, 1)
	settle, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		c := &call{}
		c.failure, _ = args[0].String()
		c.result, _ = args[1].String()
		done <- c
		return nil
	})
	if err != nil {
		return nil, err
	}
	if _, err := s.js.Call("call", operation, key, record, settle); err != nil {
		settle.Release()
		return nil, err
	}
	c := <-done
	settle.Release()
	if c.failure != "" {
		return nil, errors.New(c.failure)
	}
	return strings.Split(c.result, "\n"), nil
}

// call is how an operation has ended.
type call struct{ failure, result string }

// Own implements client.Store.
func (s *Store) Own(key string) (record string, free func(), err error) {
	lines, err := s.call("own", key, "")
	if len(lines) < 2 {
		return "", nil, err
	}
	return lines[1], func() { _, _ = s.call("free", key, "") }, nil
}

// Put implements client.Store. The browser has written to the disk when it returns.
func (s *Store) Put(key, record string) error {
	_, err := s.call("put", key, record)
	return err
}

// Delete implements client.Store.
func (s *Store) Delete(key string) error {
	_, err := s.call("delete", key, "")
	return err
}

// Remember implements client.Store.
func (s *Store) Remember(relay, token, subject string) error {
	_, err := s.call("remember", relay, token+"\n"+subject)
	return err
}

// Recall implements client.Store. A tab without sessionStorage knows nobody.
func (s *Store) Recall(relay, token string) (subject string, ok bool) {
	lines, _ := s.call("recall", relay, token)
	if len(lines) < 2 {
		return "", false
	}
	return lines[1], true
}

// All implements client.Store.
func (s *Store) All() (map[string]string, error) {
	all := map[string]string{}
	lines, err := s.call("all", "", "")
	for i := 0; i+1 < len(lines); i += 2 {
		all[lines[i]] = lines[i+1]
	}
	return all, err
}
