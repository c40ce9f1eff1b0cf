package timeline_test

import (
	"bytes"
	"flag"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the sample logs of src/timeline/testdata")

// TestSample writes the logs of a deployment on a cloud of usual speed.
func TestSample(t *testing.T) {
	t.Parallel()
	if !*update {
		t.Skip("the sample is written with -update only")
	}
	d := deploy(t, 1)
	require.NoError(t, os.WriteFile("../../src/timeline/testdata/deploy.debug", d.debug.Bytes(), 0o600))
	require.NoError(t, os.WriteFile("../../src/timeline/testdata/deploy.cpi", d.cpiLog.Bytes(), 0o600))
}

// draw makes the page of a log and returns its path and the summary.
func (d *deployment) draw(log []byte) (page, summary string) {
	d.Helper()
	page = filepath.Join(d.TempDir(), "timeline.html")
	command := exec.CommandContext(d.Context(), d.cpi.Executable, "timeline", "-html", page)
	command.Stdin = bytes.NewReader(log)
	output, err := command.CombinedOutput()
	require.NoError(d, err, string(output))
	return page, string(output)
}

// TestPageInABrowser looks at the page of a deployment in Chromium.
func TestPageInABrowser(t *testing.T) {
	t.Parallel()
	d := deploy(t, 0.1)
	page, summary := d.draw(d.debug.Bytes())
	for _, part := range []string{"22 CPI calls in", "director and agents", "create_vm          5      1 ", "VMCreationFailed", " 503 ", " 429 "} {
		assert.Contains(t, summary, part)
	}
	_, ofCPI := d.draw(d.cpiLog.Bytes())
	assert.Contains(t, ofCPI, "22 CPI calls in")
	assert.NotContains(t, summary+ofCPI, "canary")
	browser := findBrowser()
	if browser == "" {
		t.Skip("no Chromium is installed (Debian package chromium): the page was made, but not looked at")
	}
	services := []color.RGBA{{0x2f, 0x6f, 0xdb, 255}, {0xd9, 0x74, 0x2b, 255}, {0x1f, 0x9d, 0x61, 255}, {0xb0, 0x45, 0x9b, 255}, {0x7a, 0x6b, 0xb0, 255}}
	light := screenshot(t, browser, page, 1280)
	assert.Equal(t, color.RGBA{0xff, 0xff, 0xff, 255}, at(light, 4, 4), "the background")
	pixels := colors(light)
	for _, service := range append(services, color.RGBA{0xf2, 0xd4, 0x89, 255}, color.RGBA{0xf0, 0xa3, 0x5e, 255}, color.RGBA{0xd0, 0x22, 0x2f, 255}) {
		assert.Greater(t, pixels[service], 40, "%v is drawn", service)
	}
	dark := screenshot(t, browser, page, 1280, "--blink-settings=preferredColorScheme=0")
	assert.Equal(t, color.RGBA{0x14, 0x18, 0x1f, 255}, at(dark, 4, 4), "the background")
	assert.Greater(t, colors(dark)[color.RGBA{0x5b, 0x95, 0xf5, 255}], 40, "a service is drawn")
	narrow := screenshot(t, browser, page, 600)
	assert.Equal(t, color.RGBA{0xff, 0xff, 0xff, 255}, at(narrow, 599, 900), "the margin: wide drawings scroll in their frames")
	if folder := os.Getenv("SCREENSHOTS"); folder != "" {
		keep(t, folder, map[string]image.Image{"light.png": light, "dark.png": dark, "narrow.png": narrow})
	}
}

// findBrowser returns the path of a Chromium, "" if there is none.
func findBrowser() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// screenshot opens the page in a window and returns what it shows.
func screenshot(t *testing.T, browser, page string, width int, options ...string) image.Image {
	t.Helper()
	file := filepath.Join(t.TempDir(), "screenshot.png")
	options = append(options, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--user-data-dir="+t.TempDir(),
		fmt.Sprintf("--window-size=%d,2400", width), "--screenshot="+file, "file://"+page)
	output, err := exec.CommandContext(t.Context(), browser, options...).CombinedOutput()
	require.NoError(t, err, string(output))
	content, err := os.ReadFile(file)
	require.NoError(t, err, string(output))
	picture, err := png.Decode(bytes.NewReader(content))
	require.NoError(t, err)
	require.Equal(t, image.Pt(width, 2400), picture.Bounds().Size())
	return picture
}

func at(picture image.Image, x, y int) color.RGBA {
	r, g, b, a := picture.At(x, y).RGBA()
	return color.RGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), uint8(a >> 8)}
}

// colors counts the pixels of each color.
func colors(picture image.Image) map[color.RGBA]int {
	counts := map[color.RGBA]int{}
	size := picture.Bounds().Size()
	for y := range size.Y {
		for x := range size.X {
			counts[at(picture, x, y)]++
		}
	}
	return counts
}

// keep writes the pictures for people to look at.
func keep(t *testing.T, folder string, pictures map[string]image.Image) {
	t.Helper()
	for name, picture := range pictures {
		var encoded bytes.Buffer
		require.NoError(t, png.Encode(&encoded, picture))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), encoded.Bytes(), 0o600))
	}
}
