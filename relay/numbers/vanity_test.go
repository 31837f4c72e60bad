package numbers

import "testing"

func TestVanity(t *testing.T) {
	t.Parallel()
	s := site(t, Rules{Vanity: true})
	for given, want := range map[string]string{
		"1-800-FLOWERS": "18003569377", "1800 go fedex": "18004633339", "1-800-EXTRAS": "1800398727", "+1 800 PRODUCT": "+18007763828",
		"600 111 222": "600111222", "1-800-TAXI x12": "18008294", "1-800-OIL-SPILL": "180064577455", "(800) TAXI (ext. 7)": "8008294",
		"6OO111222": "", "6OOOlI222": "", "60011122A": "", "600 AB 12": "", "FLOWERS": "", "undefined": "", "5.55E+09": "", "1-800-FL€WERS": "",
		"0800 555 TAXI": "08005558294", "600111222 casa": "", "+34 600 111 222 GARCIA": "",
	} {
		n, err := s.Read(given)
		if want == "" && err == nil || want != "" && (err != nil || n.String() != want) {
			t.Errorf("%q is %v, %v; want %q", given, n, err, want)
		}
	}
	if n, err := s.Read("1-800-TAXI x12"); err != nil || n.Extension != "12" {
		t.Errorf("%+v, %v", n, err)
	}
}
