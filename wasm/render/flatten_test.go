package render

import (
	"html"
	"strings"
	"testing"

	"github.com/vugu/vugu"
)

func TestPlainText(t *testing.T) {
	for _, tt := range []struct {
		html, text string
		plain      bool
	}{
		{"", "", true},
		{"+1 555 0100", "+1 555 0100", true},
		{"&lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt;", `<script>alert("x")</script>`, true},
		{"&amp;lt;", "&lt;", true},
		{"a &amp; b &#39;c&#39;", "a & b 'c'", true},
		{"a\r\nb\x00", "a\r\nb\x00", true},
		{"<b>bold</b>", "", false},
		{"no&nbsp;break", "", false},
		{"a & b", "", false},
		{"&", "", false},
	} {
		text, plain := plainText(tt.html)
		if text != tt.text || plain != tt.plain {
			t.Errorf("plainText(%q) = %q, %v; want %q, %v", tt.html, text, plain, tt.text, tt.plain)
		}
	}
}

// FuzzPlainText: what vugu escapes always comes back unchanged.
func FuzzPlainText(f *testing.F) {
	for _, s := range []string{"", "<script>", "&amp;", `"'`, "&#34;", "é\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if got, plain := plainText(html.EscapeString(s)); !plain || got != s {
			t.Errorf("%q came back as %q, %v", s, got, plain)
		}
	})
}

// el makes an element with attributes of the form "name=value".
func el(tag string, attrs ...string) *vugu.VGNode {
	n := &vugu.VGNode{Type: vugu.ElementNode, Data: tag}
	for _, a := range attrs {
		key, val, _ := strings.Cut(a, "=")
		n.Attr = append(n.Attr, vugu.VGAttribute{Key: key, Val: val})
	}
	return n
}

// part is a component made from a function, with a log of its lifecycle.
type part struct {
	build func(*vugu.BuildOut)
	log   *[]string
	name  string
}

func (p *part) Build(*vugu.BuildIn) *vugu.BuildOut {
	out := &vugu.BuildOut{}
	p.build(out)
	return out
}

func (p *part) Rendered(ctx vugu.RenderedCtx) {
	if p.log != nil {
		word := p.name
		if ctx.First() {
			word += " first"
		}
		*p.log = append(*p.log, word)
	}
}

func nest(out *vugu.BuildOut, parent *vugu.VGNode, c vugu.Builder) {
	out.Components = append(out.Components, c)
	n := &vugu.VGNode{Component: c}
	if parent == nil {
		out.Out = append(out.Out, n)
	} else {
		parent.AppendChild(n)
	}
}

func runBuild(t *testing.T, root vugu.Builder) *vugu.BuildResults {
	t.Helper()
	env, err := vugu.NewBuildEnv()
	if err != nil {
		t.Fatal(err)
	}
	return env.RunBuild(root)
}

func TestFlatten(t *testing.T) {
	row := &part{build: func(o *vugu.BuildOut) { o.Out = append(o.Out, el("tr", "id=row")) }}
	root := &part{build: func(o *vugu.BuildOut) {
		template := &vugu.VGNode{Type: vugu.ElementNode}
		template.AppendChild(el("p", "data-key=7", "id=x"))
		nest(o, template, row)
		nest(o, template, vugu.NewBuilderFunc(func(*vugu.BuildIn) *vugu.BuildOut {
			return &vugu.BuildOut{Out: []*vugu.VGNode{el("i")}}
		}))
		template.AppendChild(&vugu.VGNode{Component: &part{}}) // missing in Components
		o.Out = append(o.Out, template, el("b"))
	}}
	br := runBuild(t, root)
	got, err := flattenAll(br, br.Out.Out, nil, nil)
	if err == nil || !strings.Contains(err.Error(), "a component was not built") {
		t.Errorf("error %v", err)
	}
	want := []token{
		{kind: 3, tag: "p", key: "7"},
		{kind: 3, tag: "tr", key: "#row", owner: row},
		{kind: 3, tag: "i"}, // a slot has no identity of its own
		{kind: 3, tag: "b"},
	}
	if len(got) != len(want) {
		t.Fatalf("%d nodes, want %d", len(got), len(want))
	}
	for i := range want {
		if got[i].token != want[i] {
			t.Errorf("node %d: %+v, want %+v", i, got[i].token, want[i])
		}
	}
}

func TestRenderedHooks(t *testing.T) {
	var log []string
	leaf := func(o *vugu.BuildOut) { o.Out = append(o.Out, el("p")) }
	a := &part{build: leaf, log: &log, name: "a"}
	b := &part{build: leaf, log: &log, name: "b"}
	show := []vugu.Builder{a, b}
	root := &part{log: &log, name: "root", build: func(o *vugu.BuildOut) {
		for _, c := range show {
			nest(o, nil, c)
		}
	}}
	var life lifecycle
	for _, step := range []struct {
		show []vugu.Builder
		want string
	}{
		{[]vugu.Builder{a, b}, "a first, b first, root first"},
		{[]vugu.Builder{a}, "a, root"},
		{[]vugu.Builder{b, a}, "b first, a, root"},
	} {
		log, show = nil, step.show
		for _, hook := range life.hooks(runBuild(t, root), root) {
			hook()
		}
		if got := strings.Join(log, ", "); got != step.want {
			t.Errorf("hooks: %s; want %s", got, step.want)
		}
	}
}
