//go:build js && wasm

package store

import (
	"strings"
	"syscall/js"
	"testing"
	"time"

	"github.com/hack-pad/safejs"
)

const (
	database = "commdn"
	version  = 1
)

// storage makes a Store of store.js, whose patience is in milliseconds.
func storage(t *testing.T, patience int) *Store {
	t.Helper()
	module := make(chan js.Value, 1)
	js.Global().Call("wasmtestImport", "wasm/store/store.js").Call("then", function(t, func(_ js.Value, args []js.Value) any {
		module <- args[0]
		return nil
	}))
	made := (<-module).Call("storage", patience)
	t.Cleanup(func() { made.Call("end") })
	return New(safejs.Safe(made))
}

const usual = 10_000

// fresh begins with no database, and leaves none.
func fresh(t *testing.T) {
	t.Helper()
	forget := func() {
		done := make(chan struct{})
		ended := js.FuncOf(func(js.Value, []js.Value) any { close(done); return nil })
		defer ended.Release()
		request := js.Global().Get("indexedDB").Call("deleteDatabase", database)
		request.Set("onsuccess", ended)
		<-done
	}
	forget()
	t.Cleanup(forget)
}

// replace gives a global another value until the test ends.
func replace(t *testing.T, object js.Value, name string, value any) {
	t.Helper()
	define := func(of map[string]any) { js.Global().Get("Object").Call("defineProperty", object, name, of) }
	before := js.Global().Get("Object").Call("getOwnPropertyDescriptor", object, name)
	define(map[string]any{"value": value, "configurable": true, "writable": true})
	t.Cleanup(func() {
		if before.IsUndefined() {
			js.Global().Get("Reflect").Call("deleteProperty", object, name)
		} else {
			js.Global().Get("Object").Call("defineProperty", object, name, before)
		}
	})
}

// function is a function of the page as long as the test lasts.
func function(t *testing.T, f func(this js.Value, args []js.Value) any) js.Func {
	t.Helper()
	fn := js.FuncOf(f)
	t.Cleanup(fn.Release)
	return fn
}

func TestStore(t *testing.T) {
	fresh(t)
	s := storage(t, usual)
	if all, err := s.All(); err != nil || len(all) != 0 {
		t.Fatalf("a new database has %v, %v", all, err)
	}
	if err := s.Delete("none"); err != nil {
		t.Error(err)
	}
	for key, record := range map[string]string{"a": "1\tZoë ☎", "b": "", "c": strings.Repeat("x", 20_000)} {
		if err := s.Put(key, "before"); err != nil {
			t.Fatal(err)
		}
		if err := s.Put(key, record); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Delete("c"); err != nil {
		t.Fatal(err)
	}
	all, err := s.All()
	if err != nil || len(all) != 2 || all["a"] != "1\tZoë ☎" || all["b"] != "" {
		t.Errorf("there are %v, %v", all, err)
	}
}

// Of all who ask for a key one owns it, until it is free.
func TestOwn(t *testing.T) {
	fresh(t)
	s := storage(t, usual)
	if err := s.Put("l", "record"); err != nil {
		t.Fatal(err)
	}
	record, free, err := s.Own("k")
	if err != nil || free == nil || record != "" {
		t.Fatalf("the first: %q, %v", record, err)
	}
	if _, again, err := s.Own("k"); err != nil || again != nil {
		t.Errorf("the second owns it too, or fails: %v", err)
	}
	record, other, err := s.Own("l")
	if err != nil || other == nil || record != "record" {
		t.Fatalf("another key: %q, %v", record, err)
	}
	other()
	free()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) { // the browser frees it later
		if _, free, err = s.Own("k"); err != nil || free != nil || time.Now().After(deadline) {
			break
		}
	}
	if err != nil || free == nil {
		t.Fatalf("freed: %v", err)
	}
	free()
	// A program that ends, without the page, holds nothing.
	if _, free, err := s.Own("m"); err != nil || free == nil {
		t.Fatal(err)
	}
	s.js.Call("end")
	next := storage(t, usual)
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, free, err = next.Own("m"); err != nil || free != nil || time.Now().After(deadline) {
			break
		}
	}
	if err != nil || free == nil {
		t.Fatalf("of a program that has ended: %v", err)
	}
}

// Whatever the browser does, every operation comes back with a reason.
func TestBrowserKeepsNothing(t *testing.T) {
	for _, tt := range []struct {
		name string
		set  func(t *testing.T)
		want string
	}{
		{"no IndexedDB", func(t *testing.T) { replace(t, js.Global(), "indexedDB", js.Undefined()) }, "this page has no IndexedDB"},
		{"blocked by policy", func(t *testing.T) {
			// As for an opaque origin: open throws.
			replace(t, js.Global(), "indexedDB", js.Global().Get("Function").Get("prototype"))
		}, "open"},
		{"another version", func(t *testing.T) {
			done := make(chan struct{})
			request := js.Global().Get("indexedDB").Call("open", database, version+1)
			request.Set("onsuccess", function(t, func(js.Value, []js.Value) any {
				request.Get("result").Call("close")
				close(done)
				return nil
			}))
			<-done
		}, "VersionError"},
		{"a database without the table", func(t *testing.T) {
			done := make(chan struct{})
			request := js.Global().Get("indexedDB").Call("open", database, version)
			request.Set("onsuccess", function(t, func(js.Value, []js.Value) any {
				request.Get("result").Call("close")
				close(done)
				return nil
			}))
			<-done
		}, "object stores was not found"},
		{"a transaction that is undone", func(t *testing.T) {
			// Each request of the transaction is undone, as the browser does when it cannot write.
			prototype := js.Global().Get("IDBObjectStore").Get("prototype")
			for _, name := range []string{"put", "delete", "getAll"} {
				real := prototype.Get(name)
				replace(t, prototype, name, function(t, func(this js.Value, args []js.Value) any {
					list := js.Global().Get("Array").New()
					for _, a := range args {
						list.Call("push", a)
					}
					request := js.Global().Get("Reflect").Call("apply", real, this, list)
					this.Get("transaction").Call("abort")
					return request
				}))
			}
		}, "the transaction was aborted"},
		{"no answer", func(t *testing.T) {
			fake := js.Global().Get("Object").New()
			fake.Set("open", function(t, func(js.Value, []js.Value) any { return js.Global().Get("EventTarget").New() }))
			replace(t, js.Global(), "indexedDB", fake)
		}, "does not answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			fresh(t)
			patience := usual
			if tt.name == "no answer" {
				patience = 50
			}
			s := storage(t, patience)
			tt.set(t)
			_, all := s.All()
			for what, err := range map[string]error{"put": s.Put("k", "x"), "delete": s.Delete("k"), "all": all} {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("%s: %v, want %s", what, err, tt.want)
				}
			}
		})
	}
}

func TestBrowserLocksNothing(t *testing.T) {
	navigator := js.Global().Get("navigator")
	fake := js.Global().Get("Object").New()
	for _, tt := range []struct {
		name string
		set  func(t *testing.T)
		want string
	}{
		{"no locks", func(t *testing.T) { replace(t, navigator, "locks", js.Undefined()) }, "this page has no Web Locks"},
		{"blocked by policy", func(t *testing.T) {
			fake.Set("request", function(t, func(js.Value, []js.Value) any {
				return js.Global().Get("Promise").Call("reject", js.Global().Get("DOMException").New("no", "SecurityError"))
			}))
			replace(t, navigator, "locks", fake)
		}, "SecurityError"},
		{"no request", func(t *testing.T) { replace(t, navigator, "locks", js.Global().Get("Object").New()) }, "request"},
		{"no answer", func(t *testing.T) {
			fake.Set("request", function(t, func(js.Value, []js.Value) any {
				return js.Global().Get("Promise").New(function(t, func(js.Value, []js.Value) any { return nil }))
			}))
			replace(t, navigator, "locks", fake)
		}, "does not answer"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			patience := usual
			if tt.name == "no answer" {
				patience = 50
			}
			s := storage(t, patience)
			tt.set(t)
			if _, free, err := s.Own("k"); free != nil || err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %s", err, tt.want)
			}
		})
	}
}

// A lock that comes after nobody waits any more is not held.
func TestLateLock(t *testing.T) {
	fresh(t)
	manager := js.Global().Get("navigator").Get("locks")
	slow := js.Global().Get("Object").New()
	asked := make(chan []js.Value, 1)
	slow.Set("request", function(t, func(_ js.Value, args []js.Value) any {
		asked <- args
		return js.Global().Get("Promise").New(function(t, func(js.Value, []js.Value) any { return nil }))
	}))
	s := storage(t, 50)
	t.Run("it does not come in time", func(t *testing.T) {
		replace(t, js.Global().Get("navigator"), "locks", slow)
		if _, free, err := s.Own("k"); free != nil || err == nil {
			t.Fatalf("owned, %v", err)
		}
	})
	args := <-asked
	manager.Call("request", args[0], args[1], args[2]) // now it does
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		_, free, err := storage(t, usual).Own("k")
		if free != nil {
			free()
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("somebody holds it: %v", err)
		}
	}
}

// What the browser did not write in time is not written later: the client has been told
// that it is not there.
func TestLateWrite(t *testing.T) {
	fresh(t)
	s := storage(t, usual)
	if err := s.Put("a", "record"); err != nil {
		t.Fatal(err)
	}
	// A transaction of another page: it asks again and again, and others wait for its end.
	began, ended := make(chan struct{}), make(chan struct{})
	busy := true
	request := js.Global().Get("indexedDB").Call("open", database, version)
	request.Set("onsuccess", function(t, func(js.Value, []js.Value) any {
		db := request.Get("result")
		transaction := db.Call("transaction", "requests", "readwrite")
		objects := transaction.Call("objectStore", "requests")
		var ask js.Func
		ask = function(t, func(js.Value, []js.Value) any {
			if busy {
				objects.Call("get", "a").Set("onsuccess", ask)
			}
			return nil
		})
		ask.Invoke()
		transaction.Set("oncomplete", function(t, func(js.Value, []js.Value) any { db.Call("close"); close(ended); return nil }))
		close(began)
		return nil
	}))
	<-began
	hasty := storage(t, 50)
	for what, err := range map[string]error{"put": hasty.Put("b", "late"), "delete": hasty.Delete("a")} {
		if err == nil || !strings.Contains(err.Error(), "does not answer") {
			t.Errorf("%s: %v", what, err)
		}
	}
	busy = false
	<-ended
	if all, err := s.All(); err != nil || len(all) != 1 || all["a"] != "record" {
		t.Errorf("there are %q, %v", all, err)
	}
}

// What is no record of ours is passed over.
func TestForeignRecords(t *testing.T) {
	fresh(t)
	s := storage(t, usual)
	if err := s.Put("a", "record"); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	request := js.Global().Get("indexedDB").Call("open", database, version)
	request.Set("onsuccess", function(t, func(js.Value, []js.Value) any {
		db := request.Get("result")
		transaction := db.Call("transaction", "requests", "readwrite")
		objects := transaction.Call("objectStore", "requests")
		objects.Call("put", js.Global().Get("Uint8Array").New(3), "b")
		objects.Call("put", "two\nlines", "c")
		objects.Call("put", "record", 5)
		transaction.Set("oncomplete", function(t, func(js.Value, []js.Value) any { close(done); db.Call("close"); return nil }))
		return nil
	}))
	<-done
	if all, err := s.All(); err != nil || len(all) != 1 || all["a"] != "record" {
		t.Errorf("there are %q, %v", all, err)
	}
	if record, free, err := s.Own("b"); err != nil || free == nil || record != "" {
		t.Errorf("%q, %v", record, err)
	}
}
