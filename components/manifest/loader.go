package manifest

import (
	"fmt"
	"strings"
)

// Loader gives the table of the loader as a JavaScript object literal without
// blanks: {"commdn-dnc":{attributes:["phone",…],booleans:["disabled",…],size:32},…},
// attributes with those of every element. All names are plain ASCII words.
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
		fmt.Fprintf(&b, "%q:{attributes:%s,booleans:%s,size:%d},", e.Tag, array(all), array(booleans), e.Size)
	}
	return "{" + strings.TrimSuffix(b.String(), ",") + "}"
}

func array(list []Attribute) string {
	quoted := names(list, func(a Attribute) string { return `"` + a.Name + `"` })
	return "[" + strings.Join(quoted, ",") + "]"
}
