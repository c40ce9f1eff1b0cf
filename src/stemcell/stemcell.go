// Package stemcell reads stemcell archives: gzip-compressed tar files that hold
// the disk image root.img. Everything is streamed; nothing is written to disk
// and memory does not grow with the size of the image.
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

// rootImage is the archive member that holds the disk image.
const rootImage = "root.img"

// ErrNoRootImage says that an archive is intact but holds no root.img.
var ErrNoRootImage = errors.New("Root image is missing from stemcell archive")

// Root is the disk image inside a stemcell archive, readable once.
type Root struct {
	// Size is the length of the image in bytes.
	Size int64

	file    *os.File
	gunzip  *gzip.Reader
	archive *tar.Reader
}

// Open finds root.img in the archive at name. The caller closes the result.
func Open(name string) (*Root, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("open stemcell archive: %w", err)
	}
	root := &Root{file: file}
	if err := root.find(); err != nil {
		return nil, errors.Join(fmt.Errorf("read stemcell archive %s: %w", name, err), file.Close())
	}
	return root, nil
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

// Read returns the bytes of the image. At its end it reads the rest of the
// archive as well: gzip's checksum stands at the very end, and an image that
// does not match it must not be taken for whole.
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

// Close releases the archive.
func (r *Root) Close() error { return r.file.Close() }

// Digest returns the SHA-256 of the archive in hexadecimal. It identifies a
// stemcell whose name and version alone would not: a rebuilt one keeps both.
func Digest(name string) (string, error) {
	file, err := os.Open(name)
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
