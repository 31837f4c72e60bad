package manifest

import (
	"fmt"
	"strings"
)

// Loader returns the loader's table as a JavaScript object literal. A list that is written as
// one text is shorter for brotli, too:
// {"commdn-dnc":{attributes:"phone …".split(" "),size:32,booleans:["disabled",…],
// typed:["phone",…],unless:["phone",…]},…}. It includes the attributes of every element;
// booleans, typed and unless are absent when empty, supervisor is when false. All names
// are plain ASCII words.
func (m *Manifest) Loader() string {
	var b strings.Builder
	for _, e := range m.Elements {
		all := m.All(e)
		var booleans []Attribute
		for _, a := range all {
			if a.Boolean() {
				booleans = append(booleans, a)
			}
		}
		fmt.Fprintf(&b, "%q:{attributes:%q.split(\" \"),size:%d", e.Tag, strings.Join(names(all, attributeName), " "), e.Size)
		if booleans != nil {
			fmt.Fprintf(&b, ",booleans:%s", array(names(booleans, attributeName)))
		}
		if e.Typed != nil {
			fmt.Fprintf(&b, ",typed:%s,unless:%s", array(e.Typed), array(e.Unless))
		}
		if e.Supervisor {
			b.WriteString(",supervisor:true")
		}
		b.WriteString("},")
	}
	return "{" + strings.TrimSuffix(b.String(), ",") + "}"
}

func attributeName(a Attribute) string { return a.Name }

func array(list []string) string {
	quoted := names(list, func(s string) string { return `"` + s + `"` })
	return "[" + strings.Join(quoted, ",") + "]"
}
