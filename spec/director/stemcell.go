package director

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
)

// WriteStemcell writes the image archive of a stemcell: a gzip tar with the
// disk image root.img. The image's content is unique to the run, and its
// compression ratio is similar to that of a file system.
func WriteStemcell(path, run string, mib int) error {
	size := int64(mib) << 20
	return pack(path, size, func(archive io.Writer) error { return writePattern(archive, run, size) })
}

// PackStemcell writes such an archive of a given disk image.
func PackStemcell(path string, image []byte) error {
	return pack(path, int64(len(image)), func(archive io.Writer) error {
		_, err := archive.Write(image)
		return err
	})
}

func pack(path string, size int64, write func(archive io.Writer) error) (err error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	compressed, err := gzip.NewWriterLevel(file, gzip.BestSpeed)
	if err != nil {
		return err
	}
	archive := tar.NewWriter(compressed)
	if err := archive.WriteHeader(&tar.Header{Name: "root.img", Mode: 0o644, Size: size}); err != nil {
		return err
	}
	if err := write(archive); err != nil {
		return err
	}
	return errors.Join(archive.Close(), compressed.Close())
}

// writePattern writes blocks of 4 KiB: three quarters of text and zeros, one
// quarter of pseudo-random bytes.
func writePattern(w io.Writer, run string, size int64) error {
	block := make([]byte, 4096)
	noise := uint64(size) | 1
	for number := range size / int64(len(block)) {
		copy(block, fmt.Sprintf("openstack_cpi stemcell of %s, block %d\n", run, number))
		for i := 3 * len(block) / 4; i < len(block); i++ {
			// xorshift64
			noise ^= noise << 13
			noise ^= noise >> 7
			noise ^= noise << 17
			block[i] = byte(noise)
		}
		if _, err := w.Write(block); err != nil {
			return err
		}
	}
	return nil
}
