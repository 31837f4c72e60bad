package manifest

import (
	"fmt"
	"strings"
)

// Loader returns the loader's table as a JavaScript object literal without blanks:
// {"commdn-dnc":{attributes:["phone",…],booleans:["disabled",…],size:32,
// typed:["phone",…],unless:["phone",…]},…}. It includes the attributes of every element;
// typed and unless are absent when empty, supervisor is when
// false. All names are plain ASCII words.
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
		fmt.Fprintf(&b, "%q:{attributes:%s,booleans:%s,size:%d", e.Tag, array(names(all, attributeName)), array(names(booleans, attributeName)), e.Size)
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
