package director_test

import (
	"archive/tar"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/spec/director"
)

func TestStemcellArchive(t *testing.T) {
	t.Parallel()
	read := func(run string) []byte {
		path := filepath.Join(t.TempDir(), "image")
		require.NoError(t, director.WriteStemcell(path, run, 2))
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
	assert.NotEqual(t, first, second, "each run has a unique image")
}

func TestReadResponse(t *testing.T) {
	t.Parallel()
	result, err := director.ReadResponse([]byte(`{"result":"cid","error":null,"log":""}`))
	require.NoError(t, err)
	assert.JSONEq(t, `"cid"`, string(result))

	var failure *director.Error
	_, err = director.ReadResponse([]byte(`{"result":null,"error":{"type":"Bosh::Clouds::VMNotFound","message":"m","ok_to_retry":true},"log":""}`))
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, director.Error{Type: "Bosh::Clouds::VMNotFound", Message: "m", OKToRetry: true}, *failure)

	for text, problem := range map[string]string{
		``:                                     "not one JSON object",
		`[]`:                                   "not one JSON object",
		`{"result":1,"error":null,"log":""}x`:  "not one JSON object",
		`{"error":null,"log":""}`:              `no "result"`,
		`{"result":1,"error":null}`:            `no "log"`,
		`{"result":1,"error":null,"log":null}`: "log is not a string",
		`{"result":1,"error":"no","log":""}`:   "neither null nor an object",
	} {
		_, err := director.ReadResponse([]byte(text))
		assert.ErrorContains(t, err, problem, text)
	}
}

func TestWipedEnvironment(t *testing.T) {
	t.Setenv("HOME", "/home/vcap")
	t.Setenv("OS_PASSWORD", "secret")
	t.Setenv("TMPDIR", "/tmp")
	assert.Equal(t, []string{"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TMPDIR=/tmp", "HOME=/home/vcap"}, director.WipedEnvironment())
}
