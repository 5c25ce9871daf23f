package plot

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"strconv"

	gonum "gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"

	"github.com/fibsim/fibsim/internal/palette"
)

// Picture is a title, a legend, panels in rows and columns, and a line below.
type Picture struct {
	title, about, caption string

	legend []entry
	panels [][]*gonum.Plot // rows of equal length; nil leaves a place empty

	width, height vg.Length
}

// entry is one thing in the legend: a line, or an area where it has a fill.
type entry struct {
	text string
	line draw.LineStyle
	fill color.Color
}

// Sizes of text and of the room around it.
const (
	pixel = vg.Length(0.75) // in points, at 96 pixels an inch
	dpi   = 96

	margin  = vg.Length(12)
	gap     = vg.Length(14) // between panels
	swatch  = vg.Length(22) // of a legend's entry
	heading = 13
	normal  = 9.5
	small   = 8
)

// newPicture returns a picture of the given size in pixels. Without a height each
// row of panels gets the given one.
func (s *selection) newPicture(about string, rowHeight int) *Picture {
	return &Picture{
		title: s.title(), about: about, caption: s.caption(),
		width: vg.Length(s.Width) * pixel, height: vg.Length(rowHeight) * pixel,
	}
}

// finish sets the height: that asked for, or a row's for each row of panels and what
// the rest needs.
func (p *Picture) finish(asked int) *Picture {
	if asked > 0 {
		p.height = vg.Length(asked) * pixel
		return p
	}
	p.height = p.height*vg.Length(len(p.panels)) + p.top() + p.bottom()
	return p
}

// Write writes the picture in one of the Formats. The error is that of out.
func (p *Picture) Write(format string, out io.Writer) error {
	var b bytes.Buffer
	var err error
	switch format {
	case "svg":
		c := vgsvg.NewWith(vgsvg.UseWH(p.width, p.height))
		p.draw(draw.New(c))
		if _, err = c.WriteTo(&b); err == nil {
			// The metrics are those of Liberation Sans, which are those of Arial.
			text := bytes.ReplaceAll(b.Bytes(), []byte("font-family:Liberation Sans;"), []byte("font-family:Liberation Sans,Arial,Helvetica,sans-serif;"))
			_, err = out.Write(text)
		}
	case "png":
		c := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(p.width, p.height), vgimg.UseDPI(dpi), vgimg.UseBackgroundColor(paint(palette.Page)))}
		p.draw(draw.New(c))
		if _, err = c.WriteTo(&b); err == nil {
			_, err = out.Write(b.Bytes())
		}
	default:
		err = choice("a picture cannot be written as %q", format)
	}
	return err
}

// top returns the room that title and legend need, and bottom that of the caption.
func (p *Picture) top() vg.Length {
	return margin + lineHeight(heading) + lineHeight(normal) + vg.Length(len(p.legendRows()))*lineHeight(normal) + 4
}

func (p *Picture) bottom() vg.Length { return margin + lineHeight(small) }

func lineHeight(size float64) vg.Length { return vg.Length(size * 1.45) }

// draw draws everything on a canvas of the picture's size.
func (p *Picture) draw(c draw.Canvas) {
	c.FillPolygon(paint(palette.Page), []vg.Point{{X: 0, Y: 0}, {X: p.width, Y: 0}, {X: p.width, Y: p.height}, {X: 0, Y: p.height}})
	y := p.height - margin
	write := func(size float64, clr palette.Color, bold bool, line string) {
		style := textStyle(size, clr)
		if bold {
			style.Font.Weight = boldWeight
		}
		style.YAlign = text.YTop
		c.FillText(style, vg.Point{X: margin, Y: y}, fit(line, style, p.width-2*margin))
		y -= lineHeight(size)
	}
	write(heading, palette.Text, true, p.title)
	write(normal, palette.Muted, false, p.about)
	for _, row := range p.legendRows() {
		p.drawLegend(c, row, y)
		y -= lineHeight(normal)
	}
	style := textStyle(small, palette.Muted)
	style.YAlign = text.YBottom
	c.FillText(style, vg.Point{X: margin, Y: margin * 0.7}, fit(p.caption, style, p.width-2*margin))

	area := draw.Canvas{Canvas: c.Canvas, Rectangle: vg.Rectangle{
		Min: vg.Point{X: margin, Y: p.bottom()}, Max: vg.Point{X: p.width - margin - 6, Y: p.height - p.top()},
	}}
	tiles := draw.Tiles{Rows: len(p.panels), Cols: len(p.panels[0]), PadX: gap, PadY: gap}
	for j, row := range gonum.Align(p.panels, tiles, area) {
		for i, tile := range row {
			if p.panels[j][i] != nil {
				p.panels[j][i].Draw(tile)
			}
		}
	}
}

// fit cuts text that is wider than there is room.
func fit(line string, style text.Style, room vg.Length) string {
	runes := []rune(line)
	for n := len(runes); n > 0 && style.Width(line) > room; n-- {
		line = string(runes[:n]) + "…"
	}
	return line
}

// legendRows breaks the legend into rows that fit.
func (p *Picture) legendRows() [][]entry {
	var rows [][]entry
	room := vg.Length(0)
	for _, e := range p.legend {
		w := e.width()
		if len(rows) == 0 || w > room {
			rows, room = append(rows, nil), p.width-2*margin
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		room -= w
	}
	return rows
}

func (e entry) width() vg.Length {
	return swatch + 4 + textStyle(normal, palette.Text).Width(e.text) + 16
}

func (p *Picture) drawLegend(c draw.Canvas, row []entry, top vg.Length) {
	x, middle := margin, top-lineHeight(normal)/2
	for _, e := range row {
		if e.fill != nil {
			h := vg.Length(4)
			c.FillPolygon(e.fill, []vg.Point{{X: x, Y: middle - h}, {X: x + swatch, Y: middle - h}, {X: x + swatch, Y: middle + h}, {X: x, Y: middle + h}})
		} else {
			c.StrokeLine2(e.line, x, middle, x+swatch, middle)
		}
		style := textStyle(normal, palette.Text)
		style.YAlign = text.YCenter
		c.FillText(style, vg.Point{X: x + swatch + 4, Y: middle}, e.text)
		x += e.width()
	}
}

// newPanel returns a plot in the style of all, without data.
func newPanel(title, x, y string) *gonum.Plot {
	p := gonum.New()
	p.BackgroundColor = nil
	p.Title.Text = title
	p.Title.Padding = 4
	p.Title.TextStyle = centred(textStyle(normal+1, palette.Text))
	for _, a := range []struct {
		*gonum.Axis
		label string
	}{{&p.X, x}, {&p.Y, y}} {
		a.Label.Text = a.label
		a.Padding = 2
		a.LineStyle = draw.LineStyle{Color: paint(palette.Muted), Width: 0.5}
		a.Tick.LineStyle = a.LineStyle
		a.Tick.Length = 4
		rotation, xa, ya := a.Label.TextStyle.Rotation, a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign
		a.Label.TextStyle = textStyle(normal, palette.Text)
		a.Label.TextStyle.Rotation, a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign = rotation, xa, ya
		xa, ya = a.Tick.Label.XAlign, a.Tick.Label.YAlign
		a.Tick.Label = textStyle(normal-0.5, palette.Text)
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = xa, ya
	}
	return p
}

// boldWeight is that of the title.
const boldWeight = 3

func textStyle(size float64, clr palette.Color) text.Style {
	return text.Style{
		Color: paint(clr), Handler: gonum.DefaultTextHandler,
		Font: font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, vg.Length(size)),
	}
}

func centred(s text.Style) text.Style {
	s.XAlign, s.YAlign = text.XCenter, text.YTop
	return s
}

// paint returns a colour as it is on a light page.
func paint(c palette.Color) color.NRGBA { return hex(c.Light) }

// hex reads #rrggbb.
func hex(code string) color.NRGBA {
	v, err := strconv.ParseUint(code[1:], 16, 32)
	if err != nil {
		panic(fmt.Sprintf("plot: %q is no colour", code))
	}
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 255}
}

// stroke returns how the i-th backend is drawn: predictions with dashes.
func (s *selection) stroke(i int) draw.LineStyle {
	line := draw.LineStyle{Color: hex(s.lines[i].Light), Width: 1.6}
	if s.lines[i].Predicted {
		line.Dashes = []vg.Length{5, 3}
	}
	return line
}

// thinner returns the style of what is less certain.
func thinner(style draw.LineStyle) draw.LineStyle {
	style.Width /= 2.5
	return style
}
