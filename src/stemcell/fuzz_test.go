package stemcell_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/piston/openstack-bosh-cpi/src/stemcell"
)

// tarred returns a tar file with the files, given as names and contents.
func tarred(tb testing.TB, files ...string) []byte {
	tb.Helper()
	var content bytes.Buffer
	archive := tar.NewWriter(&content)
	for i := 0; i+1 < len(files); i += 2 {
		require.NoError(tb, archive.WriteHeader(&tar.Header{Name: files[i], Mode: 0o644, Size: int64(len(files[i+1])), Typeflag: tar.TypeReg}))
		_, err := archive.Write([]byte(files[i+1]))
		require.NoError(tb, err)
	}
	require.NoError(tb, archive.Close())
	return content.Bytes()
}

func zipped(tb testing.TB, content []byte) []byte {
	tb.Helper()
	var result bytes.Buffer
	writer := gzip.NewWriter(&result)
	_, err := writer.Write(content)
	require.NoError(tb, err)
	require.NoError(tb, writer.Close())
	return result.Bytes()
}

// FuzzOpen checks that every file is an archive with a complete root.img, or an
// error: the image has the announced size, and a damaged one is noticed. The
// folder stays as it was. With compress, content is the tar file.
func FuzzOpen(f *testing.F) {
	whole := tarred(f, "stemcell.MF", "name: x", "root.img", "disk image")
	f.Add(true, whole)
	f.Add(true, whole[:700])
	f.Add(true, tarred(f, "../../root.img", "outside", "root.img", "second"))
	f.Add(true, tarred(f, "image", "no root image"))
	f.Add(true, []byte{})
	f.Add(false, zipped(f, whole))
	f.Add(false, zipped(f, whole)[:60])
	f.Add(false, append(zipped(f, whole), "rest"...))
	f.Add(false, whole)
	folder := f.TempDir()
	f.Fuzz(func(t *testing.T, compress bool, content []byte) {
		if compress {
			content = zipped(t, content)
		}
		name := filepath.Join(folder, "image")
		require.NoError(t, os.WriteFile(name, content, 0o600))
		archive, err := stemcell.Open(name)
		require.NoError(t, err)
		size, err := archive.Size()
		if err == nil {
			assertReadable(t, archive, size, content)
		} else {
			assert.True(t, errors.Is(err, stemcell.ErrNoRootImage) || err.Error() != "", "an error has a reason")
		}
		require.NoError(t, archive.Close())
		found, err := os.ReadDir(folder)
		require.NoError(t, err)
		assert.Len(t, found, 1, "nothing is unpacked")
	})
}

// assertReadable reads the image and checks its size. content is the archive.
func assertReadable(t *testing.T, archive *stemcell.Archive, size int64, content []byte) {
	t.Helper()
	assert.GreaterOrEqual(t, size, int64(0))
	image, err := archive.Image()
	require.NoError(t, err)
	n, err := io.Copy(io.Discard, image)
	if err == nil {
		assert.Equal(t, size, n, "the announced size is that of the image")
		assertIntact(t, content)
	}
	assert.LessOrEqual(t, n, size)
}

// assertIntact checks gzip's own checksums.
func assertIntact(t *testing.T, content []byte) {
	t.Helper()
	reader, err := gzip.NewReader(bytes.NewReader(content))
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, reader)
	require.NoError(t, err, "a damaged archive is not taken for an intact one")
}
