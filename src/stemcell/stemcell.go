// Package stemcell reads stemcell archives: gzip-compressed tar files that
// contain the disk image root.img. It streams the image; it writes nothing to
// disk, and its use of memory does not depend on the size of the image.
package stemcell

import (
	"archive/tar"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
)

// rootImage is the name of the disk image in the archive.
const rootImage = "root.img"

// ErrNoRootImage reports an intact archive without root.img.
var ErrNoRootImage = errors.New("Root image is missing from stemcell archive")

// Root is the disk image in a stemcell archive. It can be read once.
type Root struct {
	// Size is the length of the image in bytes.
	Size int64

	file    *os.File
	gunzip  *gzip.Reader
	archive *tar.Reader
}

// Open opens the archive and finds root.img in it. The caller closes the
// result.
func Open(name string) (*Root, error) {
	file, err := openRegular(name)
	if err != nil {
		return nil, fmt.Errorf("open stemcell archive: %w", err)
	}
	root := &Root{file: file}
	if err := root.find(); err != nil {
		return nil, errors.Join(fmt.Errorf("read stemcell archive %s: %w", name, err), file.Close())
	}
	return root, nil
}

// openRegular opens a file that has an end and can be read more than once: no
// device, pipe or folder.
func openRegular(name string) (*os.File, error) {
	about, err := os.Stat(name)
	if err != nil {
		return nil, err
	}
	if !about.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", name)
	}
	return os.Open(name)
}

func (r *Root) find() (err error) {
	if r.gunzip, err = gzip.NewReader(r.file); err != nil {
		return err
	}
	r.archive = tar.NewReader(r.gunzip)
	for {
		header, err := r.archive.Next()
		switch {
		case errors.Is(err, io.EOF):
			return ErrNoRootImage
		case err != nil:
			return err
		case path.Base(header.Name) == rootImage && header.Typeflag == tar.TypeReg:
			r.Size = header.Size
			return nil
		}
	}
}

// Read implements io.Reader. At the end of the image it reads the rest of the
// archive, because gzip's checksum is at the end, and a damaged image must not
// be taken for a complete one.
func (r *Root) Read(p []byte) (int, error) {
	n, err := r.archive.Read(p)
	if !errors.Is(err, io.EOF) {
		return n, err
	}
	if _, err := io.Copy(io.Discard, r.gunzip); err != nil {
		return n, fmt.Errorf("stemcell archive is damaged: %w", err)
	}
	return n, io.EOF
}

// Close closes the archive.
func (r *Root) Close() error { return r.file.Close() }

// Digest returns the SHA-256 of the archive in hexadecimal. It identifies a
// stemcell; name and version do not, because a rebuilt stemcell may have the
// same.
func Digest(name string) (string, error) {
	file, err := openRegular(name)
	if err != nil {
		return "", fmt.Errorf("open stemcell archive: %w", err)
	}
	hash := sha256.New()
	_, err = io.Copy(hash, file)
	if err := errors.Join(err, file.Close()); err != nil {
		return "", fmt.Errorf("read stemcell archive: %w", err)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}
