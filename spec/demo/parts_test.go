package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTableIsReadable(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	table := newTable(&out)
	table.header()
	table.row("create_vm", "server 5b1c2d3e at 10.0.0.10", measurement{wall: 2345 * time.Millisecond, apiCalls: 9, peakKiB: 20 << 10})
	table.row("delete_vm", "FAILED", measurement{wall: time.Millisecond, apiCalls: -1, peakKiB: 10 << 10})
	table.failure(errors.New("Bosh::Clouds::CloudError: no\nmore"), strings.Repeat("line\n", 40))
	table.check("nothing left", "no server")
	table.total(2, 5*time.Millisecond)

	assert.Equal(t, `
 step               result                                              wall ms API calls peak MiB
 -------------------------------------------------------------------------------------------------
 create_vm          server 5b1c2d3e at 10.0.0.10                           2345         9     20.0
 delete_vm          FAILED                                                    1         -     10.0
     Bosh::Clouds::CloudError: no
     more
   the CPI's log ends:
`+strings.Repeat("     line\n", 15)+` nothing left       no server
 -------------------------------------------------------------------------------------------------
 total              2 calls of the CPI                                     2346         9     20.0

 Before each call the CPI was asked for info, as a director does: 2 times, 2.5 ms each.
`, out.String())
	assert.True(t, table.anyFailed)
}

func TestStemcellIsARealArchive(t *testing.T) {
	t.Parallel()
	read := func(run string) []byte {
		path := filepath.Join(t.TempDir(), "image")
		require.NoError(t, writeStemcell(path, run, 2))
		file, err := os.Open(path)
		require.NoError(t, err)
		defer func() { assert.NoError(t, file.Close()) }()
		unpacked, err := gzip.NewReader(file)
		require.NoError(t, err)
		archive := tar.NewReader(unpacked)
		header, err := archive.Next()
		require.NoError(t, err)
		assert.Equal(t, "root.img", header.Name)
		content, err := io.ReadAll(archive)
		require.NoError(t, err)
		_, err = archive.Next()
		require.ErrorIs(t, err, io.EOF)
		return content
	}
	first, second := read("run-1"), read("run-2")
	assert.Len(t, first, 2<<20)
	assert.NotEqual(t, first, second, "no cloud has the image already")
}

func TestAnswerIsHeldToTheContract(t *testing.T) {
	t.Parallel()
	result, err := readAnswer([]byte(`{"result":"cid","error":null,"log":""}`))
	require.NoError(t, err)
	assert.JSONEq(t, `"cid"`, string(result))

	var failure *cpiError
	_, err = readAnswer([]byte(`{"result":null,"error":{"type":"Bosh::Clouds::VMNotFound","message":"m","ok_to_retry":true},"log":""}`))
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, cpiError{Type: "Bosh::Clouds::VMNotFound", Message: "m", OKToRetry: true}, *failure)

	for text, problem := range map[string]string{
		``:                                     "not one JSON object",
		`[]`:                                   "not one JSON object",
		`{"result":1,"error":null,"log":""}x`:  "not one JSON object",
		`{"error":null,"log":""}`:              `no "result"`,
		`{"result":1,"error":null}`:            `no "log"`,
		`{"result":1,"error":null,"log":null}`: "log is not a string",
		`{"result":1,"error":"no","log":""}`:   "neither null nor an object",
	} {
		_, err := readAnswer([]byte(text))
		assert.ErrorContains(t, err, problem, text)
	}
}

func TestAPICallsComeFromTheLastSummaryLine(t *testing.T) {
	t.Parallel()
	assert.Equal(t, 9, countedCalls("x INFO - call finished method=a calls=1\nx INFO - call finished method=create_vm seconds=2.31 calls=9 retries=0 services.image.calls=1\nmore\n"))
	assert.Equal(t, -1, countedCalls("progress percent=50 calls=3\n"))
	assert.Equal(t, -1, countedCalls(""))
}

func TestEnvironmentIsADirectors(t *testing.T) {
	t.Setenv("HOME", "/home/vcap")
	t.Setenv("OS_PASSWORD", "secret")
	t.Setenv("TMPDIR", "/tmp")
	assert.Equal(t, []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=/tmp", "HOME=/home/vcap"}, wipedEnvironment())
}

func TestAddressRanges(t *testing.T) {
	t.Parallel()
	subnet := netip.MustParsePrefix("10.0.0.0/24")
	for text, want := range map[string][2]string{
		"10.0.0.5":            {"10.0.0.5", "10.0.0.5"},
		"10.0.0.5 - 10.0.0.9": {"10.0.0.5", "10.0.0.9"},
		"":                    {"10.0.0.10", "255.255.255.254"},
	} {
		first, last, err := addressRange(text, subnet)
		require.NoError(t, err, text)
		assert.Equal(t, want, [2]string{first.String(), last.String()}, text)
	}
	_, _, err := addressRange("10.0.0.x", subnet)
	require.ErrorContains(t, err, `static_ips "10.0.0.x"`)
	assert.Equal(t, "255.255.240.0", placement{subnet: netip.MustParsePrefix("10.0.0.0/20")}.netmask())
}

func TestNextPage(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"servers":[],"servers_links":[{"rel":"next","href":"http://cloud/servers/detail?marker=x"}]}`: "http://cloud/servers/detail?marker=x",
		`{"servers":[],"next":"/v2/images?marker=x"}`:                                                   "/v2/images?marker=x",
		`{"servers":[]}`: "",
	} {
		var page map[string]json.RawMessage
		require.NoError(t, json.Unmarshal([]byte(body), &page))
		assert.Equal(t, want, nextPage(page, "servers"))
	}
}

func TestSimulatorStartsAndStops(t *testing.T) {
	t.Parallel()
	simulator, err := startSimulator(t.Context(), "testdata/fake_cpi", t.TempDir())
	require.NoError(t, err)
	assert.FileExists(t, simulator.config)
	simulator.stop()
	assert.NotNil(t, simulator.process.ProcessState, "it has ended")
}

func TestSimulatorThatDoesNotStartTellsWhy(t *testing.T) {
	t.Setenv("FAKE_SIMULATE_FAILS", "yes")
	_, err := startSimulator(t.Context(), "testdata/fake_cpi", t.TempDir())
	assert.ErrorContains(t, err, "address in use")
}
