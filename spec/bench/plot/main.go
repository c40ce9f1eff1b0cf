// Command plot draws the charts that it reads from standard input as SVG files in
// a folder. A file has colors for light and for dark pages.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"image/color"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

// chart is one picture.
type chart struct {
	File  string `json:"file"`
	Title string `json:"title"`
	// Kind is "dots": a row for each category, with a dot for each series; "lines":
	// series over numbers; or "stacks": a column for each category, in which the
	// series are on top of each other.
	Kind       string   `json:"kind"`
	Categories []string `json:"categories"`
	X          axis     `json:"x"`
	Y          axis     `json:"y"`
	Series     []series `json:"series"`
}

type axis struct {
	Label string `json:"label"`
	Log   bool   `json:"log"`
}

// series has a value for each category or for each X. A missing value is 0.
type series struct {
	Name  string    `json:"name"`
	Color int       `json:"color"` // number of a color
	X     []float64 `json:"x"`
	Y     []float64 `json:"y"`
}

func main() {
	err := run(os.Args[1:], os.Stdin)
	if err != nil {
		fmt.Fprintln(os.Stderr, "plot:", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader) error {
	if len(args) != 1 {
		return errors.New("usage: plot FOLDER <CHARTS")
	}
	var charts []chart
	if err := json.NewDecoder(in).Decode(&charts); err != nil {
		return fmt.Errorf("charts: %w", err)
	}
	for _, c := range charts {
		picture, err := c.draw()
		if err != nil {
			return fmt.Errorf("%s: %w", c.File, err)
		}
		if err := os.WriteFile(filepath.Join(args[0], c.File), picture, 0o644); err != nil { //nolint:gosec // the folder is an argument, and pictures are for everyone
			return err
		}
	}
	return nil
}

// tone is a color on light and on dark pages.
type tone struct{ light, dark color.RGBA }

func rgb(hex uint32) color.RGBA {
	return color.RGBA{R: uint8(hex >> 16), G: uint8(hex >> 8), B: uint8(hex), A: 255}
}

// tones are the colors of series.
func tones() []tone {
	return []tone{
		{rgb(0x2f6fdb), rgb(0x5b95f5)}, // blue
		{rgb(0xd9742b), rgb(0xf0935a)}, // orange
		{rgb(0x7d8590), rgb(0x9aa4b0)}, // gray
		{rgb(0xb0459b), rgb(0xd877c5)}, // purple
		{rgb(0x1f9d61), rgb(0x45c486)}, // green
		{rgb(0x8a6d1d), rgb(0xd1ab45)}, // brown
	}
}

// The colors of everything else.
func background() tone { return tone{rgb(0xffffff), rgb(0x0d1117)} }
func foreground() tone { return tone{rgb(0x24292f), rgb(0xd6dde4)} }
func grid() tone       { return tone{rgb(0xcfd6dd), rgb(0x3d444d)} }

const (
	width  = 24 * vg.Centimeter
	height = 11 * vg.Centimeter
	row    = 0.65 * vg.Centimeter // of a category of dots
	// gap separates a label from what it is right-aligned to, for browsers whose
	// font is wider than the one that was measured.
	gap = "\u2003"
)

func (c chart) draw() ([]byte, error) {
	plot.DefaultFont = font.Font{Typeface: "Liberation", Variant: "Sans"}
	p := plot.New()
	style(p)
	p.Title.Text, p.X.Label.Text, p.Y.Label.Text = c.Title, c.X.Label, c.Y.Label
	c.scale(&p.X, c.X)
	c.scale(&p.Y, c.Y)
	high := height
	var err error
	switch c.Kind {
	case "dots":
		high = font.Length(len(c.Categories)+len(c.Series)+3) * row
		err = c.dots(p)
	case "lines":
		err = c.lines(p)
	case "stacks":
		err = c.stacks(p)
	default:
		err = fmt.Errorf("there is no kind %q", c.Kind)
	}
	if err != nil {
		return nil, err
	}
	canvas := vgsvg.New(width, high)
	all := draw.New(canvas)
	all.SetColor(background().light)
	all.Fill(all.Rectangle.Path())
	p.Draw(draw.Crop(all, 8, -30, 8, -8))
	var picture bytes.Buffer
	if _, err := canvas.WriteTo(&picture); err != nil {
		return nil, err
	}
	return adapt(picture.Bytes()), nil
}

// style sets colors and fonts.
func style(p *plot.Plot) {
	p.BackgroundColor = nil // draw fills the margins, too
	p.Title.TextStyle.Font.Size, p.Title.Padding = 13, 8
	p.Legend.Top, p.Legend.Padding, p.Legend.TextStyle.Font.Size = true, 3, 11
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Tick.Color = foreground().light, foreground().light
		a.Label.TextStyle.Font.Size, a.Tick.Label.Font.Size = 11, 10
		a.Padding = 4
	}
	lines := plotter.NewGrid()
	lines.Horizontal.Color, lines.Vertical.Color = grid().light, grid().light
	p.Add(lines)
}

func (c chart) scale(a *plot.Axis, as axis) {
	if as.Log {
		a.Scale, a.Tick.Marker = plot.LogScale{}, plot.LogTicks{Prec: -1}
	}
}

// dots draws the first category at the top.
func (c chart) dots(p *plot.Plot) error {
	names := make([]string, len(c.Categories))
	for i, name := range c.Categories {
		names[len(names)-1-i] = name + gap
	}
	for _, s := range c.Series {
		var points plotter.XYs
		for i, value := range s.Y {
			if value > 0 {
				points = append(points, plotter.XY{X: value, Y: float64(len(names) - 1 - i)})
			}
		}
		if len(points) == 0 {
			continue
		}
		scatter, err := plotter.NewScatter(points)
		if err != nil {
			return err
		}
		scatter.GlyphStyle = draw.GlyphStyle{Color: tones()[s.Color].light, Radius: 4, Shape: draw.CircleGlyph{}}
		p.Add(scatter)
		p.Legend.Add(s.Name+gap, scatter)
	}
	p.NominalY(names...)
	p.Y.Min, p.Y.Max = -0.6, float64(len(names)+len(c.Series))*0.95 // room for the legend
	return nil
}

func (c chart) lines(p *plot.Plot) error {
	ticks := map[float64]bool{}
	var marks plot.ConstantTicks
	for _, s := range c.Series {
		points := make(plotter.XYs, len(s.X))
		for i := range s.X {
			points[i] = plotter.XY{X: s.X[i], Y: s.Y[i]}
			if !ticks[s.X[i]] {
				ticks[s.X[i]] = true
				marks = append(marks, plot.Tick{Value: s.X[i], Label: fmt.Sprintf("%g", s.X[i])})
			}
		}
		line, dots, err := plotter.NewLinePoints(points)
		if err != nil {
			return err
		}
		line.Color, line.Width = tones()[s.Color].light, 2
		dots.GlyphStyle = draw.GlyphStyle{Color: tones()[s.Color].light, Radius: 3.5, Shape: draw.CircleGlyph{}}
		p.Add(line, dots)
		p.Legend.Add(s.Name, line, dots)
	}
	p.X.Tick.Marker = marks
	room := 0.08 * float64(len(c.Series)) // for the legend
	if c.Y.Log {
		p.Y.Max *= math.Pow(p.Y.Max/p.Y.Min, room)
	} else {
		p.Y.Min, p.Y.Max = 0, p.Y.Max*(1+room)
	}
	p.Legend.Left = true
	return nil
}

func (c chart) stacks(p *plot.Plot) error {
	space := (width - 4*vg.Centimeter) / font.Length(max(1, len(c.Categories)))
	var below *plotter.BarChart
	for _, s := range c.Series {
		bars, err := plotter.NewBarChart(plotter.Values(s.Y), min(space*0.6, 2*vg.Centimeter))
		if err != nil {
			return err
		}
		bars.Color, bars.LineStyle.Width = tones()[s.Color].light, 0
		if below != nil {
			bars.StackOn(below)
		}
		below = bars
		p.Add(bars)
		p.Legend.Add(s.Name+gap, bars)
	}
	p.NominalX(c.Categories...)
	p.X.Min, p.X.Max = -0.5, float64(len(c.Categories))-0.5
	p.Y.Min, p.Y.Max = 0, p.Y.Max*(1.1+0.06*float64(len(c.Series))) // room for the legend
	return nil
}

// adapt adds a style sheet to a picture that changes its colors on dark pages. The
// attributes of the elements have the light ones.
func adapt(picture []byte) []byte {
	var sheet strings.Builder
	fmt.Fprintf(&sheet, "<style>\ntext { font-family: \"Liberation Sans\", Arial, Helvetica, sans-serif !important; fill: %s }\n", hex(foreground().light))
	sheet.WriteString("@media (prefers-color-scheme: dark) {\n")
	fmt.Fprintf(&sheet, "text { fill: %s !important }\n", hex(foreground().dark))
	for _, t := range append([]tone{background(), foreground(), grid()}, tones()...) {
		for _, property := range []string{"fill", "stroke"} {
			fmt.Fprintf(&sheet, "[style*=\"%[1]s:%[2]s\"] { %[1]s: %[3]s !important }\n", property, hex(t.light), hex(t.dark))
		}
	}
	sheet.WriteString("}\n</style>\n")
	return bytes.Replace(picture, []byte("<g transform="), []byte(sheet.String()+"<g transform="), 1)
}

// hex returns a color as vgsvg writes it.
func hex(c color.RGBA) string { return fmt.Sprintf("#%02X%02X%02X", c.R, c.G, c.B) }
