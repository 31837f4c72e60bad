package manifest

import (
	"fmt"
	"slices"
	"strings"
)

// Tables returns the reference of the elements in Markdown, for web/README.md.
func (m *Manifest) Tables() string {
	var b strings.Builder
	for _, e := range m.Elements {
		fmt.Fprintf(&b, "### `<%s>`\n\n%s. At least %d px high.\n\n", e.Tag, upper(e.Doc), e.Size)
		attributeTable(&b, e.Attributes)
		fmt.Fprintf(&b, "\nEvents: %s. Parts: %s.\n\n", code(e.Events), code(e.Parts))
	}
	b.WriteString("### Every element\n\n")
	attributeTable(&b, m.Common)
	b.WriteString("\n| event | when | `detail` |\n|---|---|---|\n")
	for _, ev := range m.Events {
		row(&b, "`"+ev.Name+"`", ev.Doc, "`"+ev.Detail+"`")
	}
	b.WriteString("\n| custom property | what for |\n|---|---|\n")
	for _, p := range m.Properties {
		row(&b, "`"+p.Name+"`", p.Doc)
	}
	return b.String()
}

func attributeTable(b *strings.Builder, list []Attribute) {
	b.WriteString("| attribute | values | default | meaning |\n|---|---|---|---|\n")
	for _, a := range list {
		values, def := a.Values.Text, a.Default
		switch {
		case a.Boolean():
			values, def = "present or absent", "absent"
		case a.Values.Words != nil:
			values = code(a.Values.Words)
		}
		if slices.Contains(a.Values.Words, def) {
			def = "`" + def + "`"
		}
		row(b, "`"+a.Name+"`", values, def, a.Doc)
	}
}

func row(b *strings.Builder, cells ...string) {
	for _, c := range cells {
		b.WriteString("| " + strings.ReplaceAll(c, "|", `\|`) + " ")
	}
	b.WriteString("|\n")
}

func code(words []string) string { return "`" + strings.Join(words, "`, `") + "`" }

// upper turns the beginning of a clause into that of a sentence.
func upper(s string) string { return strings.ToUpper(s[:1]) + s[1:] }
