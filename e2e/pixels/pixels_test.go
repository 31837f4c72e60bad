package pixels

import (
	"errors"
	"image"
	"image/color"
	"image/draw"
	"math/rand/v2"
	"testing"
)

var (
	paper = color.RGBA{255, 255, 255, 255}
	ink   = color.RGBA{30, 30, 40, 255}
	stop  = color.RGBA{180, 35, 24, 255}
	good  = color.RGBA{20, 110, 60, 255}
)

func fill(img *image.RGBA, c color.RGBA, x, y, w, h int) {
	draw.Draw(img, image.Rect(x, y, x+w, y+h), image.NewUniform(c), image.Point{}, draw.Src)
}

// letters draws strokes as a rasteriser does, with an edge of half the ink: three of four
// letters of a line of small text.
func letters(img *image.RGBA, x, y int, edge uint8) {
	for i := range 30 {
		left := x + i*8
		fill(img, ink, left, y, 2, 10)
		fill(img, ink, left, y+4, 5, 1)
		fill(img, color.RGBA{edge, edge, edge, 255}, left+2, y, 1, 10)
	}
}

// widget is 400 by 120: a frame, text, a button and a small icon.
func widget(change func(*image.RGBA)) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, 400, 120))
	fill(img, paper, 0, 0, 400, 120)
	fill(img, ink, 8, 30, 384, 1)
	letters(img, 20, 10, 140)
	fill(img, stop, 20, 50, 120, 32)
	for i := range 10 { // a cross, two pixels wide
		fill(img, ink, 360+i, 60+i, 2, 1)
		fill(img, ink, 369-i, 60+i, 2, 1)
	}
	if change != nil {
		change(img)
	}
	return img
}

// sized is a widget on a canvas of another size.
func sized(w, h int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, w, h))
	fill(img, paper, 0, 0, w, h)
	draw.Draw(img, img.Rect, widget(nil), image.Point{}, draw.Src)
	return img
}

func TestCompare(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	for _, tt := range []struct {
		name string
		got  *image.RGBA
		want error
	}{
		{"the same", widget(nil), nil},
		{"other antialiasing", widget(func(img *image.RGBA) { letters(img, 20, 10, 175) }), nil},
		{"text one pixel lower", widget(func(img *image.RGBA) {
			fill(img, paper, 20, 10, 300, 10)
			letters(img, 20, 11, 140)
		}), nil},
		{"a slightly different shade", widget(func(img *image.RGBA) { fill(img, color.RGBA{190, 45, 34, 255}, 20, 50, 120, 32) }), nil},
		{"some noise", widget(func(img *image.RGBA) {
			for range 40 {
				img.SetRGBA(noise.IntN(400), noise.IntN(120), good)
			}
		}), nil},
		{"one pixel wider", sized(401, 120), nil},
		{"one pixel lower", sized(400, 119), nil},

		{"two pixels wider", sized(402, 120), ErrSize},
		{"half as high", sized(400, 60), ErrSize},
		{"a moved line", widget(func(img *image.RGBA) {
			fill(img, paper, 8, 30, 384, 1)
			fill(img, ink, 8, 33, 384, 1)
		}), ErrPicture},
		{"a line two pixels lower", widget(func(img *image.RGBA) {
			fill(img, paper, 8, 30, 384, 1)
			fill(img, ink, 8, 32, 384, 1)
		}), ErrPicture},
		{"a lost line", widget(func(img *image.RGBA) { fill(img, paper, 8, 30, 384, 1) }), ErrPicture},
		{"a wrong colour", widget(func(img *image.RGBA) { fill(img, good, 20, 50, 120, 32) }), ErrPicture},
		{"a button lost", widget(func(img *image.RGBA) { fill(img, paper, 20, 50, 120, 32) }), ErrPicture},
		{"a button too much", widget(func(img *image.RGBA) { fill(img, stop, 200, 50, 120, 32) }), ErrPicture},
		{"an icon lost", widget(func(img *image.RGBA) { fill(img, paper, 358, 58, 16, 16) }), ErrPicture},
		{"text lost", widget(func(img *image.RGBA) { fill(img, paper, 20, 10, 300, 12) }), ErrPicture},
		{"text in another place", widget(func(img *image.RGBA) {
			fill(img, paper, 20, 10, 300, 12)
			letters(img, 24, 10, 140)
		}), ErrPicture},
		{"dark for light", widget(func(img *image.RGBA) {
			for i, v := range img.Pix {
				if i%4 != 3 {
					img.Pix[i] = 255 - v
				}
			}
		}), ErrPicture},
		{"much noise", widget(func(img *image.RGBA) {
			for range 2000 {
				img.SetRGBA(noise.IntN(400), noise.IntN(120), good)
			}
		}), ErrPicture},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := widget(nil)
			for _, pair := range [][2]*image.RGBA{{want, tt.got}, {tt.got, want}} {
				diff, err := Compare(pair[0], pair[1])
				if !errors.Is(err, tt.want) || (err == nil) != (diff == nil) {
					t.Fatalf("Compare: diff %v, error %v; want error %v", diff != nil, err, tt.want)
				}
				if diff != nil && diff.Rect != want.Rect.Union(tt.got.Rect) {
					t.Errorf("the picture of the difference is %v", diff.Rect)
				}
			}
		})
	}
}

// TestDifferenceIsShown: the picture of the difference shows the place, and only that.
func TestDifferenceIsShown(t *testing.T) {
	diff, err := Compare(widget(nil), widget(func(img *image.RGBA) { fill(img, good, 20, 50, 120, 32) }))
	if err == nil {
		t.Fatal("no difference")
	}
	red := color.RGBA{220, 0, 0, 255}
	if c := diff.RGBAAt(80, 66); c != red {
		t.Errorf("the button is %v, want red", c)
	}
	if c := diff.RGBAAt(200, 100); c != paper {
		t.Errorf("the paper is %v", c)
	}
	if c := diff.RGBAAt(100, 30); c == red || c.R < 190 {
		t.Errorf("the line is %v, want it faded", c)
	}
}

// TestCompareIgnoresTheOffset: a picture cut out of another has its own corner elsewhere.
func TestCompareIgnoresTheOffset(t *testing.T) {
	large := image.NewRGBA(image.Rect(0, 0, 500, 300))
	draw.Draw(large, image.Rect(50, 60, 450, 180), widget(nil), image.Point{}, draw.Src)
	if _, err := Compare(widget(nil), large.SubImage(image.Rect(50, 60, 450, 180))); err != nil {
		t.Error(err)
	}
}

func TestMask(t *testing.T) {
	areas := []image.Rectangle{image.Rect(20, 10, 320, 22), image.Rect(390, 110, 900, 900)}
	one := Mask(widget(nil), areas)
	two := Mask(widget(func(img *image.RGBA) { fill(img, ink, 20, 10, 290, 12) }), areas)
	if _, err := Compare(one, two); err != nil {
		t.Errorf("masked text is compared: %v", err)
	}
	three := Mask(widget(func(img *image.RGBA) { fill(img, ink, 20, 22, 290, 6) }), areas)
	if _, err := Compare(one, three); !errors.Is(err, ErrPicture) {
		t.Errorf("beside the mask: %v, want ErrPicture", err)
	}
	if _, err := Compare(widget(nil), one); !errors.Is(err, ErrPicture) {
		t.Errorf("the mask itself is not seen: %v", err)
	}
}

func TestSmallerThanAWindow(t *testing.T) {
	a, b := image.NewRGBA(image.Rect(0, 0, 5, 4)), image.NewRGBA(image.Rect(0, 0, 5, 4))
	if _, err := Compare(a, b); err != nil {
		t.Error(err)
	}
	fill(b, ink, 0, 0, 5, 4)
	if _, err := Compare(a, b); !errors.Is(err, ErrPicture) {
		t.Errorf("%v, want ErrPicture", err)
	}
}
