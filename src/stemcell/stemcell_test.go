package stemcell

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/klauspost/pgzip"
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

func open(t *testing.T, name string) *Archive {
	t.Helper()
	opened, err := Open(name)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, opened.Close()) })
	return opened
}

// The image can be read several times, also before the one before is read to its
// end, which is closed.
func TestImage(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"root.img", "./root.img"} {
		opened := open(t, archive(t, map[string][]byte{name: []byte("a disk")}))
		size, err := opened.Size()
		require.NoError(t, err)
		assert.Equal(t, int64(6), size)
		first, err := opened.Image()
		require.NoError(t, err)
		_, err = first.Read(make([]byte, 1))
		require.NoError(t, err)
		second, err := opened.Image()
		require.NoError(t, err)
		data, err := io.ReadAll(second)
		require.NoError(t, err)
		assert.Equal(t, "a disk", string(data))
		_, err = second.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
		_, err = first.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrClosed)
	}
}

func TestFilesThatAreNoArchive(t *testing.T) {
	t.Parallel()
	plain := filepath.Join(t.TempDir(), "plain")
	require.NoError(t, os.WriteFile(plain, []byte("this is no gzip file"), 0o600))

	_, err := open(t, archive(t, map[string][]byte{"other": []byte("x")})).Size()
	require.ErrorIs(t, err, ErrNoRootImage)
	_, err = open(t, plain).Image()
	require.ErrorIs(t, err, pgzip.ErrHeader)
	require.ErrorContains(t, err, "read stemcell archive "+plain)
	_, err = Open(filepath.Join(t.TempDir(), "absent"))
	require.ErrorIs(t, err, os.ErrNotExist)
	for _, endless := range []string{"/dev/zero", t.TempDir()} {
		_, err = Open(endless)
		require.ErrorContains(t, err, "open stemcell archive: "+endless+" is not a regular file")
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
		image, err := open(t, name).Image()
		require.NoError(t, err, what)
		_, err = io.Copy(io.Discard, image)
		require.Error(t, err, what)
	}
}

// Reading a stemcell of 64 MiB needs only the 2 MiB of the blocks that are
// uncompressed ahead, and a few hundred KiB.
func TestMemoryIsConstant(t *testing.T) {
	name := archive(t, map[string][]byte{"root.img": make([]byte, 64<<20)})
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	image, err := open(t, name).Image()
	require.NoError(t, err)
	size, err := io.Copy(io.Discard, image)
	require.NoError(t, err)
	runtime.ReadMemStats(&after)
	assert.Equal(t, int64(64<<20), size)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(3<<20))
}

// Archives have the same fingerprint only if they have the same length and ends.
// gzip's checksum at the end makes it depend on all of the content.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	content := make([]byte, 1<<20)
	_, err := rand.NewChaCha8([32]byte{}).Read(content)
	require.NoError(t, err)
	original := archive(t, map[string][]byte{"root.img": content})
	fingerprint := open(t, original).Fingerprint
	assert.Len(t, fingerprint, 64)
	whole, err := os.ReadFile(original)
	require.NoError(t, err)
	twin := filepath.Join(t.TempDir(), "twin")
	require.NoError(t, os.WriteFile(twin, whole, 0o600))
	assert.Equal(t, fingerprint, open(t, twin).Fingerprint)

	seen := map[string]string{fingerprint: "the original"}
	for what, other := range map[string]string{
		"one byte in the middle": archive(t, map[string][]byte{"root.img": flipped(content, 1<<19)}),
		"the first byte":         archive(t, map[string][]byte{"root.img": flipped(content, 0)}),
		"the last byte":          archive(t, map[string][]byte{"root.img": flipped(content, 1<<20-1)}),
		"one byte less":          archive(t, map[string][]byte{"root.img": content[1:]}),
		"another name":           archive(t, map[string][]byte{"./root.img": content}),
		"empty":                  archive(t, map[string][]byte{"root.img": nil}),
	} {
		found := open(t, other).Fingerprint
		assert.Empty(t, seen[found], what)
		seen[found] = what
	}
}

func flipped(content []byte, at int) []byte {
	changed := bytes.Clone(content)
	changed[at] ^= 1
	return changed
}
