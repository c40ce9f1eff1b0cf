// Package stemcell reads stemcell archives: gzip-compressed tar files that
// contain the disk image root.img. It streams the image; it writes nothing to
// disk, and its use of memory does not depend on the size of the image.
package stemcell

import (
	"archive/tar"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"

	"github.com/klauspost/compress/gzip"
)

const (
	// rootImage is the name of the disk image in the archive.
	rootImage = "root.img"
	// endSize is how much of both ends of an archive its fingerprint covers.
	endSize = 64 << 10
	// bufferSize is how much of the archive one system call reads.
	bufferSize = 256 << 10
)

// ErrNoRootImage reports an intact archive without root.img.
var ErrNoRootImage = errors.New("Root image is missing from stemcell archive") //nolint:staticcheck // text operators search for

// Archive is an open stemcell archive. Its disk image can be read several times.
type Archive struct {
	// Fingerprint identifies the archive without reading all of it: the SHA-256
	// of its length and both ends, in hexadecimal. The beginning has the time
	// and the size of the disk image, the end has gzip's CRC-32 of the content.
	Fingerprint string

	file   *os.File
	length int64
	found  *Image // the disk image, until it is taken
}

// Open opens an archive and reads both of its ends. The caller closes it.
func Open(name string) (*Archive, error) {
	about, err := os.Stat(name)
	if err == nil && !about.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a regular file", name) // it may have no end
	}
	if err != nil {
		return nil, fmt.Errorf("open stemcell archive: %w", err)
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open stemcell archive: %w", err)
	}
	archive := &Archive{file: file, length: about.Size()}
	if archive.Fingerprint, err = archive.fingerprint(); err != nil {
		return nil, errors.Join(fmt.Errorf("read stemcell archive: %w", err), file.Close())
	}
	return archive, nil
}

func (a *Archive) fingerprint() (string, error) {
	hash := sha256.New()
	_, _ = fmt.Fprintln(hash, a.length) //nolint:errcheck // a hash never fails
	end := max(a.length-endSize, endSize)
	for _, part := range []*io.SectionReader{io.NewSectionReader(a.file, 0, endSize), io.NewSectionReader(a.file, end, endSize)} {
		if _, err := io.Copy(hash, part); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// Empty reports whether the archive is a file without content, which stands for an
// image that is elsewhere.
func (a *Archive) Empty() bool { return a.length == 0 }

// Size returns the length of the disk image in bytes. It reads the archive up to
// the beginning of the image.
func (a *Archive) Size() (int64, error) {
	image, err := a.Image()
	if err != nil {
		return 0, err
	}
	a.found = image
	return image.size, nil
}

// Image returns the disk image from its beginning. Images are independent of
// each other, because an interrupted upload may read one after the next began.
func (a *Archive) Image() (*Image, error) {
	if found := a.found; found != nil {
		a.found = nil
		return found, nil
	}
	image, err := findImage(io.NewSectionReader(a.file, 0, a.length))
	if err != nil {
		return nil, fmt.Errorf("read stemcell archive %s: %w", a.file.Name(), err)
	}
	return image, nil
}

// Close closes the archive.
func (a *Archive) Close() error { return a.file.Close() }

// Image is the disk image in a stemcell archive. It can be read once.
type Image struct {
	size    int64
	gunzip  *gzip.Reader
	archive *tar.Reader
}

func findImage(data io.Reader) (*Image, error) {
	gunzip, err := gzip.NewReader(bufio.NewReaderSize(data, bufferSize))
	if err != nil {
		return nil, err
	}
	archive := tar.NewReader(gunzip)
	for {
		header, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil, ErrNoRootImage
		case err != nil:
			return nil, err
		case path.Base(header.Name) == rootImage && header.Typeflag == tar.TypeReg:
			return &Image{header.Size, gunzip, archive}, nil
		}
	}
}

// Read implements io.Reader. At the end of the image it reads the rest of the
// archive, because gzip's checksum is at the end, and a damaged image must not
// be taken for a complete one.
func (i *Image) Read(p []byte) (int, error) {
	n, err := i.archive.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	if _, err := io.Copy(io.Discard, i.gunzip); err != nil {
		return n, fmt.Errorf("stemcell archive is damaged: %w", err)
	}
	return n, io.EOF
}
