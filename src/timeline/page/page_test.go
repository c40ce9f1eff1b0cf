package page_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/timeline"
	"github.com/piston/openstack-bosh-cpi/src/timeline/page"
)

func drawn(t *testing.T, log string) string {
	t.Helper()
	found, err := timeline.Read(strings.NewReader(log))
	require.NoError(t, err)
	var out bytes.Buffer
	require.NoError(t, page.Write(&out, found, "task <42>"))
	wellFormed(t, out.Bytes())
	return out.String()
}

// wellFormed fails the test unless every element is closed, nothing is loaded
// from elsewhere, and no number is impossible.
func wellFormed(t *testing.T, document []byte) {
	t.Helper()
	require.True(t, utf8.Valid(document))
	decoder := xml.NewDecoder(bytes.NewReader(document))
	decoder.Strict, decoder.AutoClose, decoder.Entity = false, []string{"meta"}, xml.HTMLEntity
	depth := 0
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		require.NoError(t, err)
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			assert.NotContains(t, []string{"script", "link", "img", "iframe", "image", "use"}, token.Name.Local)
			for _, attr := range token.Attr {
				assert.NotContains(t, attr.Value, "NaN", attr.Name.Local)
				assert.NotContains(t, attr.Value, "Inf", attr.Name.Local)
				assert.False(t, strings.HasPrefix(attr.Name.Local, "on"), attr.Name.Local)
				if name := attr.Name.Local; name == "width" || name == "height" {
					assert.False(t, strings.HasPrefix(attr.Value, "-"), "%s of %s is %s", name, token.Name.Local, attr.Value)
				}
				if attr.Name.Local == "href" || attr.Name.Local == "src" {
					assert.True(t, strings.HasPrefix(attr.Value, "#"), attr.Value)
				}
			}
		case xml.EndElement:
			depth--
		}
	}
	assert.Zero(t, depth)
}

func sample(tb testing.TB, name string) string {
	tb.Helper()
	content, err := os.ReadFile("../testdata/" + name)
	require.NoError(tb, err)
	return string(content)
}

func TestPageOfTheSample(t *testing.T) {
	t.Parallel()
	text := drawn(t, sample(t, "deploy.debug"))
	for _, part := range []string{
		"<title>CPI timeline: task &lt;42&gt;</title>", "create_vm web/0", "Where the time went", `class="s-compute"`, "prefers-color-scheme: dark",
		"with the director", "No valid host was found", ">503<", `href="#call-1"`, `id="call-1"`, "POST /servers", "API requests per second",
	} {
		assert.Contains(t, text, part)
	}
	assert.NotContains(t, text, "log_level: debug")
}

func TestPageWithoutRequests(t *testing.T) {
	t.Parallel()
	var info strings.Builder
	for line := range strings.Lines(sample(t, "deploy.cpi")) {
		if !strings.Contains(line, "DEBUG") {
			info.WriteString(line)
		}
	}
	text := drawn(t, info.String())
	assert.Contains(t, text, "log_level: debug")
	assert.Contains(t, text, "Methods")
	assert.NotContains(t, text, "API requests per second")
}

func TestPageOfNothing(t *testing.T) {
	t.Parallel()
	assert.Contains(t, drawn(t, ""), "The log has no lines about CPI calls.")
}

func TestLogCannotChangeThePage(t *testing.T) {
	t.Parallel()
	text := drawn(t, strings.NewReplacer("cpi-131676", `<script>alert(1)</script>`, "/servers", `/"><script>`, "create_disk", "javascript:x").Replace(sample(t, "deploy.debug")))
	assert.NotContains(t, text, "<script")
	assert.Contains(t, text, "&lt;script&gt;")
}

func TestPageOfManyCalls(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	for i := range 2500 {
		started := fmt.Sprintf("started=2026-11-21T%02d:%02d:%02d.000Z", i/1200, i/20%60, i%20*3)
		fmt.Fprintf(&log, "[openstack_cpi] 2026/11/21 13:22:10 INFO - [req_id cpi-%d] call started method=has_vm global_request_id=req-1 %s\n", i, started)
		for j := range 3 {
			fmt.Fprintf(&log, "[openstack_cpi] 2026/11/21 13:22:10 DEBUG - [req_id cpi-%d] OpenStack API call service=compute method=GET host=h path=/servers/%d status=500 start_ms=%d ms=90 openstack_request_id=r\n", i, j, j*100)
		}
		fmt.Fprintf(&log, "[openstack_cpi] 2026/11/21 13:22:10 INFO - [req_id cpi-%d] call finished method=has_vm seconds=0.3 calls=3\n", i)
	}
	text := drawn(t, log.String())
	assert.Contains(t, text, "500 later calls are not drawn.")
	assert.Contains(t, text, "2200 shorter calls are left out.")
	assert.Contains(t, text, "and 7400 more")
	assert.Less(t, len(text), 8<<20)
}

// FuzzPage checks that a page can be made of any text, whole or damaged.
func FuzzPage(f *testing.F) {
	for _, name := range []string{"deploy.debug", "deploy.cpi"} {
		lines := strings.SplitAfter(sample(f, name), "\n")
		for i := 0; i+12 < len(lines); i += 40 {
			f.Add(strings.Join(lines[i:i+12], ""))
		}
	}
	f.Add("[openstack_cpi] 2026/11/21 13:22:10 INFO - call started method=\xff started=9999-12-31T23:59:59Z\n[openstack_cpi] 0001/01/01 00:00:00 INFO - call finished seconds=1e300\n")
	f.Fuzz(func(t *testing.T, log string) {
		found, err := timeline.Read(strings.NewReader(log), strings.NewReader(log))
		require.NoError(t, err)
		for _, call := range found.Calls {
			assert.False(t, call.End.Before(call.Start))
			assert.False(t, call.Start.Before(found.Start))
			assert.False(t, call.End.After(found.End))
		}
		shares := found.Shares()
		assert.InDelta(t, float64(found.Took()), float64(shares.Sum()), 1e6+float64(found.Took())*1e-6)
		require.NoError(t, found.Text(io.Discard))
		var out bytes.Buffer
		require.NoError(t, page.Write(&out, found, "a log"))
		wellFormed(t, out.Bytes())
	})
}
