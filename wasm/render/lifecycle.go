package render

import "github.com/vugu/vugu"

// lifecycle calls the Rendered hooks, which vugu leaves to the renderer. (vugu.BuildEnv
// itself calls Init, Compute and Destroy.)
type lifecycle struct {
	env  vugu.EventEnv
	seen map[any]int // components whose hook wants to know, drawn in the last pass
	pass int
}

// renderedCtx implements vugu.RenderedCtx.
type renderedCtx struct {
	env   vugu.EventEnv
	first bool
}

func (c *renderedCtx) EventEnv() vugu.EventEnv { return c.env }
func (c *renderedCtx) First() bool             { return c.first }

// hooks returns the Rendered hooks of all components of br in the order of their calls:
// children before their parents, root last. First is true for a component that was not in
// the last pass.
func (l *lifecycle) hooks(br *vugu.BuildResults, root vugu.Builder) []func() {
	if l.seen == nil {
		l.seen = map[any]int{}
	}
	l.pass++
	hooks := l.collect(br, root, nil)
	for c, pass := range l.seen {
		if pass != l.pass {
			delete(l.seen, c)
		}
	}
	return hooks
}

func (l *lifecycle) collect(br *vugu.BuildResults, c vugu.Builder, hooks []func()) []func() {
	built := br.ResultFor(c)
	if built == nil {
		return hooks
	}
	for _, child := range built.Components {
		hooks = l.collect(br, child, hooks)
	}
	switch h := c.(type) {
	case interface{ Rendered() }:
		hooks = append(hooks, h.Rendered)
	case interface{ Rendered(vugu.RenderedCtx) }:
		_, known := l.seen[c]
		l.seen[c] = l.pass
		hooks = append(hooks, func() { h.Rendered(&renderedCtx{env: l.env, first: !known}) })
	}
	return hooks
}
