package stemcell

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// archive writes a stemcell archive with the given members and returns its
// path.
func archive(t *testing.T, members map[string][]byte) string {
	t.Helper()
	var buffer bytes.Buffer
	compressed := gzip.NewWriter(&buffer)
	writer := tar.NewWriter(compressed)
	for name, data := range members {
		require.NoError(t, writer.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: int64(len(data)), Typeflag: tar.TypeReg}))
		_, err := writer.Write(data)
		require.NoError(t, err)
	}
	require.NoError(t, writer.Close())
	require.NoError(t, compressed.Close())
	name := filepath.Join(t.TempDir(), "image")
	require.NoError(t, os.WriteFile(name, buffer.Bytes(), 0o600))
	return name
}

func TestOpenReadsTheRootImage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"root.img", "./root.img"} {
		root, err := Open(archive(t, map[string][]byte{name: []byte("a disk")}))
		require.NoError(t, err)
		data, err := io.ReadAll(root)
		require.NoError(t, err)
		assert.Equal(t, "a disk", string(data))
		assert.Equal(t, int64(6), root.Size)
		assert.NoError(t, root.Close())
	}
}

func TestOpenInvalidArchive(t *testing.T) {
	t.Parallel()
	plain := filepath.Join(t.TempDir(), "plain")
	require.NoError(t, os.WriteFile(plain, []byte("this is no gzip file"), 0o600))

	_, err := Open(archive(t, map[string][]byte{"other": []byte("x")}))
	require.ErrorIs(t, err, ErrNoRootImage)
	_, err = Open(plain)
	require.ErrorIs(t, err, gzip.ErrHeader)
	_, err = Open(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
	for _, endless := range []string{"/dev/zero", t.TempDir()} {
		_, err = Open(endless)
		require.ErrorContains(t, err, endless+" is not a regular file")
		_, err = Digest(endless)
		require.ErrorContains(t, err, endless+" is not a regular file")
	}
}

func TestReadReportsDamage(t *testing.T) {
	t.Parallel()
	whole, err := os.ReadFile(archive(t, map[string][]byte{"root.img": bytes.Repeat([]byte("disk"), 1<<16)}))
	require.NoError(t, err)
	for what, damaged := range map[string][]byte{
		"cut short":      whole[:len(whole)-20],
		"wrong checksum": append(bytes.Clone(whole[:len(whole)-8]), make([]byte, 8)...),
	} {
		name := filepath.Join(t.TempDir(), "damaged")
		require.NoError(t, os.WriteFile(name, damaged, 0o600))
		root, err := Open(name)
		require.NoError(t, err, what)
		_, err = io.Copy(io.Discard, root)
		require.Error(t, err, what)
		assert.NoError(t, root.Close())
	}
}

// Reading a stemcell of 64 MiB needs only a few hundred KiB of memory.
func TestMemoryIsConstant(t *testing.T) {
	name := archive(t, map[string][]byte{"root.img": make([]byte, 64<<20)})
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	root, err := Open(name)
	require.NoError(t, err)
	size, err := io.Copy(io.Discard, root)
	require.NoError(t, err)
	require.NoError(t, root.Close())
	_, err = Digest(name)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	assert.Equal(t, int64(64<<20), size)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
}

func TestDigest(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(name, []byte("abc"), 0o600))
	digest, err := Digest(name)
	require.NoError(t, err)
	assert.Equal(t, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", digest)
	_, err = Digest(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
