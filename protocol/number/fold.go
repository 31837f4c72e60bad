package number

const (
	// What foldRune gives beside printable ASCII characters.
	invisible = '\x01' // a character that nobody sees, and that numbers do not have
	foreign   = '\x7f' // a character that has no place in a number

	all = -1 // index for fold
)

// table has, behind each ASCII character, those that mean the same in a number. A
// tilde between two stands for all that lie between. Behind 0 stand the zeros of
// all scripts that are in use, whose other digits follow them.
const table = "" +
	" \u0085\u00a0\u1680\u2000~\u200a\u2028\u2029\u202f\u205f\u2800\u3000" +
	string(invisible) + "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b~\u180f\u200b~\u200f\u202a~\u202e\u2060~\u206f\u3164\ufe00~\ufe0f\ufeff\uffa0" +
	"\ufff0~\ufffb\U0001bca0~\U0001bca3\U0001d173~\U0001d17a\U000e0000~\U000e0fff" +
	"-\u058a\u05be\u1400\u1806\u2010~\u2015\u2043\u207b\u208b\u2212\u2796\u2e17\u2e1a\u2e3a\u2e3b\u2e40\u2e5d\u301c\u3030\u30a0\u30fc\ufe31\ufe32\ufe58\ufe63\uff70\U00010d6e\U00010ead" +
	".\u00b7\u06d4\u2024\u2027\u2219\u22c5\u3002\u30fb\uff61\uff65" +
	"(\u207d\u208d\u3010\u3014\ufe35\ufe59\ufe5d)\u207e\u208e\u3011\u3015\ufe36\ufe5a\ufe5e" +
	"/\u2044\u2215+\u207a\u208a\ufb29\ufe62\u2795" +
	"\"\u00ab\u00bb\u201c~\u201f'\u02bc\u2018~\u201b\u2039\u203a" +
	"0\u0660\u06f0\u07c0\u0966\u09e6\u0a66\u0ae6\u0b66\u0be6\u0c66\u0ce6\u0d66\u0de6\u0e50\u0ed0\u0f20\u1040\u1090\u17e0\u1810" +
	"\u1946\u19d0\u1a80\u1a90\u1b50\u1bb0\u1c40\u1c50\ua620\ua8d0\ua900\ua9d0\ua9f0\uaa50\uabf0" +
	"\U00010d30\U00011136\U0001d7ce\U0001d7d8\U0001d7e2\U0001d7ec\U0001d7f6\U0001e140\U0001e2f0\U0001e4f0\U0001e950\U0001fbf0"

// fold gives a text in lower case with the same meaning in ASCII, without what is
// invisible; or, for an index in that, which character of given stands there: its place,
// the first being 1, and itself. all is the index for the text.
func fold(given string, index int) (folded string, place int, char rune) {
	ascii, n := make([]byte, len(given)), 0
	for _, r := range given {
		place++
		if c := foldRune(r); c != invisible {
			if n == index {
				return "", place, r
			}
			ascii[n] = c
			n++
		}
	}
	return string(ascii[:n]), 0, 0
}

// foldRune gives the printable ASCII character that means the same as r in a
// number, a letter in lower case; or invisible, or foreign.
func foldRune(r rune) byte {
	if r >= '！' && r <= '～' { // fullwidth
		r += '!' - '！'
	}
	switch {
	case r >= '\t' && r <= '\r':
		return ' '
	case r < ' ':
		return foreign
	case r >= 'A' && r <= 'Z':
		return byte(r) + 'a' - 'A'
	case r <= foreign:
		return byte(r)
	}
	var same byte
	var last, width rune
	for _, t := range table {
		switch {
		case t == '~':
			width = -1
			continue
		case t < 0x80:
			same, width = byte(t), 0
			if same == '0' {
				width = 9
			}
			continue
		case width >= 0:
			last = t
		}
		width = max(width, 0)
		if r >= last && r <= t+width {
			if width > 0 {
				same += byte(r - t)
			}
			return same
		}
	}
	return foreign
}
