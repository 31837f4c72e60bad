//go:build js && wasm

package render

import (
	"errors"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/hack-pad/safejs"
)

// liveFuncs counts the unreleased js.Funcs of this package.
var liveFuncs atomic.Int64

// LiveFuncs is the number of JavaScript functions that all Roots of the program hold now:
// one each. For tests: without a mounted Root it is 0.
func LiveFuncs() int { return int(liveFuncs.Load()) }

// board collects the changes below one ShadowRoot and makes board.js carry out all
// changes of a paint in one call. Numbers identify nodes.
type board struct {
	js     safejs.Value
	hear   safejs.Func
	orders []byte
	nodes  []*node // by number; 0 is the ShadowRoot
	gone   []int   // leave the tree with the pending orders; their events can still come
	free   []int   // numbers to reuse
}

// newBoard calls create, the function of board.js, for a ShadowRoot.
func newBoard(create, root safejs.Value, hear func(args []safejs.Value)) (*board, error) {
	fn, err := safejs.FuncOf(func(_ safejs.Value, args []safejs.Value) any {
		hear(args)
		return nil
	})
	if err != nil {
		return nil, err
	}
	b := &board{hear: fn, nodes: []*node{nil}}
	if b.js, err = create.Invoke(root, fn); err != nil {
		fn.Release()
		return nil, err
	}
	liveFuncs.Add(1)
	return b, nil
}

// end releases the function. The board draws nothing any more.
func (b *board) end() error {
	_, err := b.js.Call("end")
	b.hear.Release()
	liveFuncs.Add(-1)
	return err
}

// add gives n a number.
func (b *board) add(n *node) {
	if last := len(b.free) - 1; last >= 0 {
		n.number = b.free[last]
		b.free = b.free[:last]
		b.nodes[n.number] = n
		return
	}
	n.number = len(b.nodes)
	b.nodes = append(b.nodes, n)
}

// order adds an order for node n; board.js lists the names and words.
func (b *board) order(name string, n int, words ...string) {
	b.word(name)
	b.number(n)
	for _, w := range words {
		b.word(w)
	}
}

// list adds a word to an order: the numbers of nodes.
func (b *board) list(kids []*node) { b.orders = append(appendList(b.orders, kids), 0) }

func appendList(to []byte, kids []*node) []byte {
	for i, n := range kids {
		if i > 0 {
			to = append(to, ' ')
		}
		to = strconv.AppendInt(to, int64(n.number), 10)
	}
	return to
}

func (b *board) number(n int) { b.orders = append(strconv.AppendInt(b.orders, int64(n), 10), 0) }

// word adds s, with U+0000 as U+FFFD, like an HTML parser.
func (b *board) word(s string) {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	b.orders = append(append(b.orders, s...), 0)
}

// focus moves the focus to a node with the pending orders. Where the node is there
// already, the focus moves before the others too: a browser has a lot to do when a node
// with the focus goes.
func (b *board) focus(n int, isNew bool) {
	if !isNew {
		orders := b.orders
		b.orders = nil
		b.order("focus", n, "early")
		b.orders = append(b.orders, orders...)
	}
	b.order("focus", n, "")
}

// flush carries out the orders. An error means that the tree is not as we left it; failed
// holds the other failures.
func (b *board) flush() (failed []error, err error) {
	if len(b.orders) == 0 {
		return nil, nil
	}
	answer, err := b.js.Call("draw", string(b.orders))
	b.orders = b.orders[:0]
	for _, n := range b.gone {
		b.nodes[n] = nil
	}
	b.free, b.gone = append(b.free, b.gone...), b.gone[:0]
	if err != nil || answer.IsUndefined() {
		return nil, err
	}
	var lost error
	count, err := answer.Length()
	for i := 0; i < count && err == nil; i++ {
		var v safejs.Value
		var text string
		if v, err = answer.Index(i); err == nil {
			text, err = v.String()
		}
		if told := errors.New("render: " + text); i > 0 {
			failed = append(failed, told)
		} else if text != "" {
			lost = told
		}
	}
	return failed, errors.Join(lost, err)
}

// clear empties the ShadowRoot and drops pending orders. The nodes go first: removing a
// focused one fires blur, whose handler must still be found.
func (b *board) clear() error {
	_, err := b.js.Call("clear")
	b.orders, b.nodes, b.gone, b.free = b.orders[:0], b.nodes[:1], nil, nil
	return err
}

// node returns the DOM node itself, with all orders carried out.
func (b *board) node(n int) (safejs.Value, error) { return b.js.Call("node", n) }

// focused returns the index of the focused node among kids, or -1.
func (b *board) focused(kids []*node) int {
	v, err := b.js.Call("focused", string(appendList(nil, kids)))
	if err != nil {
		return -1
	}
	i, err := v.Int()
	if err != nil {
		return -1
	}
	return i
}
