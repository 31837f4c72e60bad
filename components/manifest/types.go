package manifest

import (
	"fmt"
	"strings"
)

// Types returns the elements' interfaces and the map of their tags, for web/commdn.d.ts.
// The types of the details and Connection are in that file itself.
func (m *Manifest) Types() string {
	var b strings.Builder
	for _, e := range m.Elements {
		var events []string
		for _, name := range e.Events {
			events = append(events, name+" ("+m.Event(name).Detail+")")
		}
		fmt.Fprintf(&b, "\n/** <%s>: %s. Events: %s. */\n", e.Tag, plain(e.Doc), strings.Join(events, ", "))
		fmt.Fprintf(&b, "export interface %s extends CommdnElement {\n", e.Class())
		for _, a := range e.Attributes {
			member(&b, a)
		}
		b.WriteString("}\n")
	}
	b.WriteString("\n/** What every element has; lang is HTMLElement's own. */\nexport interface CommdnElement extends HTMLElement {\n")
	for _, a := range m.Common {
		if a.Field() != "" {
			member(&b, a)
		}
	}
	b.WriteString("  /** The connection that it uses; null: the page's default one. */\n  connection: Connection | null;\n}\n")
	b.WriteString("\ndeclare global {\n  interface HTMLElementTagNameMap {\n")
	for _, e := range m.Elements {
		fmt.Fprintf(&b, "    %q: %s;\n", e.Tag, e.Class())
	}
	// They bubble: on the element, on document and on window.
	b.WriteString("  }\n  interface GlobalEventHandlersEventMap {\n")
	for _, ev := range m.Events {
		fmt.Fprintf(&b, "    %q: CustomEvent<%s>;\n", ev.Name, ev.Detail)
	}
	b.WriteString("  }\n}\n")
	return b.String()
}

func member(b *strings.Builder, a Attribute) {
	doc := upper(plain(a.Doc)) + "."
	if a.Values.Words == nil && !a.Boolean() {
		doc += " " + upper(a.Values.Text) + "."
	}
	if a.Default != "" {
		doc += " Default: " + a.Default + "."
	}
	fmt.Fprintf(b, "  /** %s */\n  %s: %s;\n", doc, a.Field(), a.Type())
	if a.Name == "readonly" {
		b.WriteString("  /** The same, by the name that an <input> has for it. */\n  readOnly: boolean;\n")
	}
}

// Type is the property's type in TypeScript. Reading a property gives the attribute's
// text, or an empty one.
func (a Attribute) Type() string {
	switch {
	case a.Boolean():
		return "boolean"
	case a.Values.Words != nil:
		return `"` + strings.Join(a.Values.Words, `" | "`) + `" | ""`
	case a.Number():
		return "string | number"
	}
	return "string"
}

// plain removes Markdown's code marks.
func plain(s string) string { return strings.ReplaceAll(s, "`", "") }
