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
	"sync"

	"github.com/klauspost/pgzip"
)

const (
	// rootImage is the name of the disk image in the archive.
	rootImage = "root.img"
	// endSize is how much of both ends of an archive its fingerprint covers.
	endSize = 64 << 10
	// bufferSize is how much of the archive one system call reads.
	bufferSize = 256 << 10
	// blockSize and blocks are how much of an image is uncompressed before it is
	// read.
	blockSize = 256 << 10
	blocks    = 8
)

// ErrNoRootImage reports an intact archive without root.img.
var ErrNoRootImage = errors.New("Root image is missing from stemcell archive") //nolint:staticcheck // text operators search for

// Archive is an open stemcell archive. Its disk image can be read several times,
// one time after the other.
type Archive struct {
	// Fingerprint identifies the archive without reading all of it: the SHA-256
	// of its length and both ends, in hexadecimal. The beginning has the time
	// and the size of the disk image, the end has gzip's CRC-32 of the content.
	Fingerprint string

	file   *os.File
	length int64
	image  *Image // the one that is open, nil before the first
	unread bool   // image is at its beginning, and nobody has it yet
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
	a.unread = true
	return image.size, nil
}

// Image returns the disk image from its beginning, and closes the one before,
// which an interrupted upload may still read.
func (a *Archive) Image() (*Image, error) {
	if a.unread {
		a.unread = false
		return a.image, nil
	}
	a.closeImage()
	image, err := findImage(io.NewSectionReader(a.file, 0, a.length))
	if err != nil {
		return nil, fmt.Errorf("read stemcell archive %s: %w", a.file.Name(), err)
	}
	a.image = image
	return image, nil
}

// Close closes the archive and its image.
func (a *Archive) Close() error {
	a.closeImage()
	return a.file.Close()
}

func (a *Archive) closeImage() {
	if a.image != nil {
		a.image.close()
		a.image, a.unread = nil, false
	}
}

// Image is the disk image in a stemcell archive. It can be read once, until its
// archive is closed or asked for another image.
type Image struct {
	size int64

	mu      sync.Mutex
	gunzip  *pgzip.Reader
	archive *tar.Reader
	end     error // of all further reads
}

func findImage(data io.Reader) (found *Image, err error) {
	gunzip, err := pgzip.NewReaderN(bufio.NewReaderSize(data, bufferSize), blockSize, blocks)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = gunzip.Close() //nolint:errcheck // it has the error of Next
		}
	}()
	archive := tar.NewReader(gunzip)
	for {
		header, err := archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil, ErrNoRootImage
		case err != nil:
			return nil, err
		case path.Base(header.Name) == rootImage && header.Typeflag == tar.TypeReg:
			return &Image{size: header.Size, gunzip: gunzip, archive: archive}, nil
		}
	}
}

// Read implements io.Reader. At the end of the image it reads the rest of the
// archive, because gzip's checksum is at the end, and a damaged image must not
// be taken for a complete one.
func (i *Image) Read(p []byte) (int, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.end != nil {
		return 0, i.end
	}
	n, err := i.archive.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	i.end = io.EOF
	if _, err := io.Copy(io.Discard, i.gunzip); err != nil {
		i.end = fmt.Errorf("stemcell archive is damaged: %w", err)
	}
	return n, i.end
}

// close ends the goroutine that uncompresses the image.
func (i *Image) close() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.end = os.ErrClosed
	_ = i.gunzip.Close() //nolint:errcheck // Read has returned its error
}
