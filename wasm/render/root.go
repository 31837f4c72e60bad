//go:build js && wasm

package render

import (
	"errors"
	"time"

	"github.com/hack-pad/safejs"
	"github.com/vugu/vugu"
)

// Options of Mount. Board is required.
type Options struct {
	// Board is the function of board.js, from the page that the program runs in.
	Board safejs.Value
	// OnError gets every failure once: panics as *PanicError, what JavaScript threw,
	// ErrRunaway, ErrOverflow. It may call Do. nil writes to the console.
	OnError func(error)
}

// Root is one component drawn in one ShadowRoot, which it owns: nobody else may put nodes
// there. Any goroutine, JavaScript callback, handler or lifecycle hook may call its
// methods; none of them ever blocks.
type Root struct {
	queue     *queue
	component vugu.Builder
	build     *vugu.BuildEnv
	life      lifecycle
	onError   func(error)

	board   *board
	kids    []*node
	wanted  []sibling // of the nodes under patch, from the root down
	styles  styles
	painted bool  // the first paint is done
	broken  bool  // the last patch did not finish
	lost    error // why the board could not draw this patch
	focus   *node // gained autofocus, or a new value of it, in this patch; nil for none
	draws   int   // number of patches
}

// Mount draws c into the ShadowRoot root. It has painted once on return, unless the call
// came in the middle of a Lock. If the first paint fails, Mount returns the error and
// leaves nothing behind; lesser errors go to OnError. Only this Root may use c and all
// that it builds.
func Mount(root safejs.Value, c vugu.Builder, o Options) (*Root, error) {
	if c == nil {
		return nil, errors.New("render: Mount without a component")
	}
	r := &Root{component: c}
	r.queue = &queue{
		paint:  r.paint,
		report: func(err error) { r.onError(err) },
		later:  func(f func()) { time.AfterFunc(time.Millisecond, f) },
	}
	env := eventEnv{r.queue}
	r.life.env = env
	var err error
	if r.build, err = vugu.NewBuildEnv(env); err != nil {
		return nil, err
	}
	if r.board, err = newBoard(o.Board, root, r.heard); err != nil {
		return nil, err
	}

	var failed []error
	r.onError = func(err error) { failed = append(failed, err) }
	r.queue.do(nil)
	r.onError = o.OnError
	if r.onError == nil {
		r.onError = logError
	}
	if !r.painted {
		r.Unmount()
		return nil, errors.Join(failed...)
	}
	for _, err := range failed {
		r.queue.tell(err)
	}
	return r, nil
}

// Do runs f, builds, and patches the DOM. Called from outside it has done so on return.
// Called while this Root works (in a handler, in a callback that the patch or a handler
// caused) or while an EventEnv is locked, it queues f and returns. A nil f only paints.
// After Unmount it does nothing.
func (r *Root) Do(f func()) { r.queue.do(f) }

// DoIf is Do, but builds and patches only if f returns true.
func (r *Root) DoIf(f func() bool) { r.queue.doIf(f) }

// After runs f after the next paint, outside component code. Dispatch CustomEvents here:
// whatever the host's listeners do to the element is then an ordinary Do. Call it in Do
// or in a handler; a call from elsewhere paints at once.
func (r *Root) After(f func()) { r.queue.afterPaint(f) }

// Unmount calls the Destroy hooks, empties the ShadowRoot and releases every js.Func. In
// a handler it takes effect after the queued functions; those already given to After
// still run. A second call does nothing.
func (r *Root) Unmount() { r.queue.end(r.teardown) }

func (r *Root) teardown() {
	// BuildEnv destroys every component that a build no longer uses.
	r.queue.guard("Destroy hook", func() { r.build.RunBuild(nothing{}) })
	r.clear()
	r.styles.release(r)
	if err := r.board.end(); err != nil {
		r.queue.tell(err)
	}
}

// nothing is the component of an empty page.
type nothing struct{}

func (nothing) Build(*vugu.BuildIn) *vugu.BuildOut { return &vugu.BuildOut{} }

// clear empties the ShadowRoot.
func (r *Root) clear() {
	if err := r.board.clear(); err != nil {
		r.queue.tell(err)
	}
	r.kids, r.lost = nil, nil
}

// paint builds, patches, moves the focus and calls the Rendered hooks.
func (r *Root) paint() {
	var built *vugu.BuildResults
	r.queue.guard("build", func() { built = r.build.RunBuild(r.component) })
	if built == nil {
		return
	}
	r.styles.apply(r, built)

	if r.broken {
		r.clear()
	}
	r.broken = true // until the patch is through, which a panic may prevent
	r.draw(built)
	if err := r.lost; err != nil {
		// Somebody else changed the tree. It is ours, so draw it afresh.
		r.queue.tell(err)
		r.clear()
		if r.draw(built); r.lost != nil {
			r.queue.tell(r.lost)
			return
		}
	}
	r.broken = false
	r.painted = true

	for _, hook := range r.life.hooks(built, r.component) {
		r.queue.guard("Rendered hook", hook)
	}
}

// draw patches the drawn tree to match built.
func (r *Root) draw(built *vugu.BuildResults) {
	r.draws++
	r.focus = nil
	var err error
	if r.wanted, err = flattenAll(built, built.Out.Out, nil, r.wanted[:0]); err != nil {
		r.queue.tell(err)
	}
	r.kids = r.patchChildren(built, 0, r.kids, r.wanted)
	if r.focus != nil {
		r.board.focus(r.focus.number, r.focus.drawn == r.draws)
	}
	r.flush()
}

// logError is the default OnError.
func logError(err error) {
	if console, e := safejs.Global().Get("console"); e == nil {
		_, _ = console.Call("error", err.Error())
	}
}
