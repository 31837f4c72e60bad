//go:build js && wasm

package render

import (
	"errors"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/hack-pad/safejs"
)

// liveFuncs counts the js.Funcs of this package that are not released.
var liveFuncs atomic.Int64

// LiveFuncs is how many JavaScript functions all Roots of the program hold at
// the moment: one each. Tests use it: with no Root mounted it is 0.
func LiveFuncs() int { return int(liveFuncs.Load()) }

// board writes down what is to change below one ShadowRoot and has board.js
// carry it out, all of a paint in one call. Nodes go by numbers.
type board struct {
	js     safejs.Value
	hear   safejs.Func
	orders []byte
	nodes  []*node // by number; 0 is the ShadowRoot
	gone   []int   // out of the tree with the orders that wait; an event of them can still come
	free   []int   // numbers to use again
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

// end lets go of the function. Nothing is drawn any more.
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

// order writes down one for the node n; board.js has their names and words.
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

// word adds s, in which U+0000 becomes U+FFFD as a parser of HTML has it.
func (b *board) word(s string) {
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", "\uFFFD")
	}
	b.orders = append(append(b.orders, s...), 0)
}

// flush has the orders carried out. The error means that the tree is not as it
// was left; what failed for reasons of its own is in failed.
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

// clear empties the ShadowRoot and forgets what was to be drawn. The nodes go
// first: a focused one that is removed fires blur, whose handler is to be found.
func (b *board) clear() error {
	_, err := b.js.Call("clear")
	b.orders, b.nodes, b.gone, b.free = b.orders[:0], b.nodes[:1], nil, nil
	return err
}

// node is the DOM node itself, with all orders carried out.
func (b *board) node(n int) (safejs.Value, error) { return b.js.Call("node", n) }

// focused is the index of the node among kids that has the focus, or -1.
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
