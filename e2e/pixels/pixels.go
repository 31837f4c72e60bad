// Package pixels compares screenshots. It tolerates what differs between two builds of
// one font rasteriser, and nothing that a person would call a change.
package pixels

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
)

// The tolerances.
const (
	// Channel is how far each of red, green, blue and alpha may be off, of 255.
	Channel = 32
	// Near is how far away, in pixels, a shade may reappear.
	Near = 1
	// Sizes is how many pixels wider or higher one picture may be.
	Sizes = 1
	// Share is how many of all pixels may differ, in thousandths.
	Share = 15
	// Window is the side of a square that must not hold more than InWindow differing
	// pixels: a lost icon is a small part of a large picture.
	Window, InWindow = 16, 12
)

// ErrSize means that the sizes of pictures differ by more than Sizes.
var ErrSize = errors.New("pixels: the size differs")

// ErrPicture means that too many pixels differ.
var ErrPicture = errors.New("pixels: the picture differs")

// Compare returns nil if two pictures show the same. Otherwise the error wraps ErrSize or
// ErrPicture and says what differs where, and diff is the second picture, faded, with the
// differing pixels in red; it has the size of both pictures laid over each other.
func Compare(want, got image.Image) (diff *image.RGBA, err error) {
	w, g := canvas(want), canvas(got)
	ws, gs := w.Rect.Size(), g.Rect.Size()
	common := w.Rect.Intersect(g.Rect)
	differ := make([]bool, common.Dx()*common.Dy())
	count := 0
	for y := range common.Dy() {
		for x := range common.Dx() {
			if !explained(w, g, x, y) || !explained(g, w, x, y) {
				differ[y*common.Dx()+x] = true
				count++
			}
		}
	}
	var at image.Point
	most := count
	if count > InWindow {
		at, most = crowded(differ, common.Dx(), common.Dy())
	}
	switch {
	case abs(ws.X-gs.X) > Sizes || abs(ws.Y-gs.Y) > Sizes:
		err = fmt.Errorf("%w: %d by %d, want %d by %d", ErrSize, gs.X, gs.Y, ws.X, ws.Y)
	case count*1000 > len(differ)*Share:
		err = fmt.Errorf("%w: %d of %d pixels, more than %d in 1000", ErrPicture, count, len(differ), Share)
	case most > InWindow:
		err = fmt.Errorf("%w: %d pixels within %d by %d at %v, more than %d", ErrPicture, most, Window, Window, at, InWindow)
	default:
		return nil, nil
	}
	return picture(g, w.Rect.Union(g.Rect), differ, common.Dx()), err
}

// Mask paints rectangles over, in a colour that no theme has.
func Mask(img image.Image, areas []image.Rectangle) *image.RGBA {
	out := canvas(img)
	for _, a := range areas {
		draw.Draw(out, a, image.NewUniform(color.RGBA{255, 0, 255, 255}), image.Point{}, draw.Src)
	}
	return out
}

// canvas copies a picture, so that its upper left corner is at 0,0.
func canvas(img image.Image) *image.RGBA {
	out := image.NewRGBA(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Src)
	return out
}

// explained reports whether the other picture has a pixel's shade there or beside it, or
// shades on either side of it, as at the edge of a letter.
func explained(one, other *image.RGBA, x, y int) bool {
	p := one.Pix[one.PixOffset(x, y):]
	if alike(p, other.Pix[other.PixOffset(x, y):]) { // as nearly all are
		return true
	}
	low, high := [4]uint8{255, 255, 255, 255}, [4]uint8{}
	for ny := max(0, y-Near); ny <= min(other.Rect.Max.Y-1, y+Near); ny++ {
		for nx := max(0, x-Near); nx <= min(other.Rect.Max.X-1, x+Near); nx++ {
			q := other.Pix[other.PixOffset(nx, ny):]
			for c := range low {
				low[c], high[c] = min(low[c], q[c]), max(high[c], q[c])
			}
		}
	}
	for c := range low {
		if v := int(p[c]); v < int(low[c])-Channel || v > int(high[c])+Channel {
			return false
		}
	}
	return true
}

// alike reports whether two pixels have the same shade.
func alike(p, q []uint8) bool {
	for c := range 4 {
		if abs(int(p[c])-int(q[c])) > Channel {
			return false
		}
	}
	return true
}

func abs(n int) int { return max(n, -n) }

// crowded finds the window with the most differing pixels, by sums over all rectangles
// from the corner.
func crowded(differ []bool, width, height int) (at image.Point, most int) {
	row := width + 1
	sums := make([]int, row*(height+1))
	for y := range height {
		for x := range width {
			n := sums[y*row+x+1] + sums[(y+1)*row+x] - sums[y*row+x]
			if differ[y*width+x] {
				n++
			}
			sums[(y+1)*row+x+1] = n
		}
	}
	for y := range max(1, height-Window+1) {
		for x := range max(1, width-Window+1) {
			right, below := min(width, x+Window), min(height, y+Window)
			n := sums[below*row+right] - sums[y*row+right] - sums[below*row+x] + sums[y*row+x]
			if n > most {
				at, most = image.Pt(x, y), n
			}
		}
	}
	return at, most
}

// picture draws the difference; what only one of the pictures has is also red.
func picture(got *image.RGBA, size image.Rectangle, differ []bool, width int) *image.RGBA {
	out := image.NewRGBA(size)
	red := color.RGBA{220, 0, 0, 255}
	for y := range size.Dy() {
		for x := range size.Dx() {
			if x >= width || y*width+x >= len(differ) || differ[y*width+x] {
				out.SetRGBA(x, y, red)
				continue
			}
			c := got.RGBAAt(x, y)
			fade := func(v uint8) uint8 { return 255 - (255-v)/4 }
			out.SetRGBA(x, y, color.RGBA{fade(c.R), fade(c.G), fade(c.B), 255})
		}
	}
	return out
}
