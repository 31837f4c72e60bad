package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	devtools "github.com/chromedp/cdproto/page"

	"commdn/e2e/pixels"
	"commdn/relay/habits/habitstest"
)

// around is the margin of the page around the element in a picture, in pixels.
const around = 8

// shot compares an element of ours, or body, in light and dark, with the pictures
// testdata/NAME-light.png and -dark.png; the flag -update writes those that differ. It
// paints over what the selectors find inside: times and other texts that change with each
// run. It moves the mouse away from the element and leaves the focus.
func (p *page) shot(name, id string, masked ...string) {
	p.t.Helper()
	if strange { // an OCS that says less shows less: the pictures are of the plain one
		p.unpoint()
		return
	}
	for _, scheme := range schemes {
		file := filepath.Join("testdata", name+"-"+scheme+".png")
		if err := matchPicture(file, p.picture(id, scheme, masked), pictures, *update); err != nil {
			p.t.Error(err)
		}
	}
}

// strange means that OCS words its answers in another way. Elements look the same with
// all of them, so neither pictures nor axe-core repeat what they say with the plain one.
var strange = habitstest.Name() != ""

// unpoint moves the mouse to the corner of the window.
func (p *page) unpoint() {
	p.t.Helper()
	call(p, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: input.DispatchMouseEventTypeMouseMoved})
}

// placed is the place of an element and its masks, in CSS pixels of the document.
type placed struct {
	Box    rect   `json:"box"`
	Masks  []rect `json:"masks"`
	Absent string `json:"absent"` // a selector that finds nothing
	Beyond bool   `json:"beyond"` // larger than the window
}

const place = `((id, selectors) => {
	const el = document.getElementById(id) ?? document.querySelector(id), inside = el.shadowRoot ?? el;
	el.scrollIntoView({ block: "nearest", inline: "nearest" });
	const box = (r) => ({ x: r.x + scrollX, y: r.y + scrollY, width: r.width, height: r.height });
	const found = selectors.map((s) => [...inside.querySelectorAll(s)]);
	const r = el.getBoundingClientRect();
	return {
		box: box(r),
		masks: found.flat().flatMap((e) => [...e.getClientRects()]).map(box),
		absent: selectors.find((_, i) => !found[i].length) ?? "",
		beyond: r.left < %[3]d || r.top < %[3]d || r.right > innerWidth - %[3]d || r.bottom > innerHeight - %[3]d,
	};
})(%[1]s, %[2]s)`

// formsShown says that every confirmation has what the relay says of its number.
const formsShown = `[...document.querySelectorAll("commdn-dnc, commdn-cancel")].every((e) => e.shadowRoot?.querySelector("[part~=forms]")?.textContent !== "")`

// picture takes a picture of an element, at one pixel for each CSS pixel.
func (p *page) picture(id, scheme string, masked []string) *image.RGBA {
	p.t.Helper()
	p.wait(formsShown)
	call(p, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{DeviceScaleFactor: 1})
	p.unpoint()
	var img *image.RGBA
	p.still(scheme, func() {
		p.t.Helper()
		at := get[placed](p, place, literal(id), literal(append([]string{}, masked...)), around)
		if at.Absent != "" {
			p.t.Fatalf("nothing to mask at %s in %s", at.Absent, id)
		}
		if at.Box.Width == 0 || at.Box.Height == 0 {
			p.t.Fatalf("%s has no size", id)
		}
		clip := at.Box.pixels(around).Intersect(image.Rect(0, 0, math.MaxInt32, math.MaxInt32))
		shot := call(p, devtools.CaptureScreenshot, devtools.CaptureScreenshotParams{
			Clip: &devtools.Viewport{
				X: float64(clip.Min.X), Y: float64(clip.Min.Y), Width: float64(clip.Dx()), Height: float64(clip.Dy()), Scale: 1,
			},
			CaptureBeyondViewport: &at.Beyond,
			OptimizeForSpeed:      new(true), // of the PNG's encoder; the pixels are the same
		})
		whole, err := png.Decode(bytes.NewReader(shot.Data))
		if err != nil {
			p.t.Fatal(err)
		}
		var areas []image.Rectangle
		for _, m := range at.Masks {
			areas = append(areas, m.pixels(0).Sub(clip.Min))
		}
		img = pixels.Mask(whole, areas)
	})
	return img
}

// pixels returns the pixels of a rectangle with a margin. The size does not depend on the
// place.
func (r rect) pixels(more int) image.Rectangle {
	x, y := int(math.Round(r.X)), int(math.Round(r.Y))
	return image.Rect(x, y, x+int(math.Ceil(r.Width)), y+int(math.Ceil(r.Height))).Inset(-more)
}

// pictures is the folder for differing pictures.
var pictures = filepath.Join(os.TempDir(), "commdn-e2e")

// matchPicture compares with the picture in a file, or writes it. It leaves a difference
// in a folder, and the error says where.
func matchPicture(file string, got image.Image, left string, write bool) error {
	want, err := readPicture(file)
	var diff *image.RGBA
	if err == nil {
		if diff, err = pixels.Compare(want, got); err == nil {
			return nil
		}
	}
	if write {
		return writePicture(file, got)
	}
	base := filepath.Join(left, strings.TrimSuffix(filepath.Base(file), ".png"))
	err = fmt.Errorf("%s: %w; now it is %s-actual.png", file, err, base)
	if diff != nil {
		err = errors.Join(fmt.Errorf("%w, the difference %s-diff.png", err, base), writePicture(base+"-diff.png", diff))
	}
	return errors.Join(err, writePicture(base+"-actual.png", got))
}

func readPicture(file string) (image.Image, error) {
	b, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w; go test ./e2e -update writes it", err)
	}
	if err != nil {
		return nil, err
	}
	return png.Decode(bytes.NewReader(b))
}

func writePicture(file string, img image.Image) error {
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, img); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	return os.WriteFile(file, b.Bytes(), 0o644)
}

// TestShot: a picture shows the element alone, the same each time, whatever moves in it
// and wherever it is; it differs when something is missing.
func TestShot(t *testing.T) {
	together(t)
	left := t.TempDir()
	s := fixture(t, `<widget-one id="widget"></widget-one>`, element("widget-one", `
		:host { display: block; width: 320px; height: 80px; background: #fff; color: #222 }
		@media (prefers-color-scheme: dark) { :host { background: #222; color: #eee } }
		.spin { width: 20px; height: 20px; background: #36c; animation: spin .7s linear infinite }
		@keyframes spin { to { transform: rotate(90deg) translateX(90px) } }
		.close { transition: background 3s; background: #ddd } .close:hover { background: #f00 }`,
		`<div class="spin"></div><b class="time">12:00:00</b> <input value="caret"> <button class="close">×</button>`)+`
		const spacer = document.createElement("div"), sheet = new CSSStyleSheet();
		sheet.replaceSync("#spacer { height: 3000px }");
		document.adoptedStyleSheets = [sheet];
		spacer.id = "spacer";
		document.querySelector("main").prepend(spacer);`)
	p := open(t, s.origin, "widget")
	p.shot("shot", "widget", ".time")
	file := filepath.Join(t.TempDir(), "new", "widget.png")
	take := func(scheme string) image.Image {
		t.Helper()
		return p.picture("widget", scheme, []string{".time"})
	}
	if err := matchPicture(file, take("light"), left, false); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "-update") {
		t.Fatalf("without a picture: %v", err)
	}
	first := take("light")
	if err := matchPicture(file, first, left, true); err != nil {
		t.Fatal(err)
	}
	if size := first.Bounds().Size(); size != image.Pt(320+2*around, 80+2*around) {
		t.Errorf("the picture is %v", size)
	}
	if c := first.At(around+5, around+60); fmt.Sprint(c) != "{255 255 255 255}" {
		t.Errorf("the element's ground is %v", c)
	}
	if c := first.At(around+5, around+5); fmt.Sprint(c) != "{51 102 204 255}" {
		t.Errorf("what turns is %v where it is when it rests", c)
	}

	same := func(when string) {
		t.Helper()
		if err := matchPicture(file, take("light"), left, false); err != nil {
			t.Errorf("%s: %v", when, err)
		}
	}
	same("again")
	p.eval(`deep("widget", ".time").textContent = "23:59:59"`)
	same("at another time")
	p.click("widget", ".close", 1)
	p.eval(`deep("widget", ".close").blur()`)
	same("with the mouse on it before")
	p.eval(`document.getElementById("spacer").style.height = "20px"; document.getElementById("widget").style.marginLeft = "40px"`)
	same("elsewhere on the page")

	if err := matchPicture(file, take("dark"), left, false); !errors.Is(err, pixels.ErrPicture) {
		t.Errorf("dark: %v", err)
	}
	p.eval(`deep("widget", ".close").remove()`)
	err := matchPicture(file, take("light"), left, false)
	if !errors.Is(err, pixels.ErrPicture) {
		t.Errorf("without the button: %v", err)
	}
	for _, kind := range []string{"actual", "diff"} {
		picture := filepath.Join(left, "widget-"+kind+".png")
		if _, err := readPicture(picture); err != nil {
			t.Error(err)
		}
		if err == nil || !strings.Contains(err.Error(), picture) {
			t.Errorf("the error does not name %s: %v", picture, err)
		}
	}
	p.clean()
}
