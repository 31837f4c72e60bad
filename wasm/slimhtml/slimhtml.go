// Package html stands in for the standard library's html in the plugin: ./build.sh puts
// this file in its place. Vugu escapes text with it, and the real one brings the table of
// all 2,231 entities, which only unescaping needs.
package html

// EscapeString gives the markup of a text, as that of the standard library does.
func EscapeString(s string) string {
	escaped, from := "", 0
	for i := range len(s) {
		to := ""
		switch s[i] {
		case '&':
			to = "&amp;"
		case '\'':
			to = "&#39;"
		case '<':
			to = "&lt;"
		case '>':
			to = "&gt;"
		case '"':
			to = "&#34;"
		default:
			continue
		}
		escaped += s[from:i] + to
		from = i + 1
	}
	return escaped + s[from:]
}
