// Command toolchain writes an official Go distribution as a tar archive:
//
//	toolchain -version 1.26.8 -platform linux-amd64 > go1.26.8.linux-amd64.tar.gz
//
// The distribution comes from the Go module proxy as the module
// golang.org/toolchain, and the go command compares it with the checksum
// database. The archive depends only on the distribution and on the compressor
// of the Go that this program is compiled with. scripts/blobs runs it with the
// same version of Go.
package main

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"time"
)

func main() {
	version := flag.String("version", "", "Go `release`, such as 1.26.8")
	platform := flag.String("platform", "", "`OS-ARCHITECTURE`")
	flag.Parse()
	if err := run(context.Background(), "v0.0.1-go"+*version+"."+*platform, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "toolchain:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, version string, out io.Writer) error {
	module := "golang.org/toolchain@" + version
	archive, err := download(ctx, module)
	if err != nil {
		return err
	}
	distribution, err := zip.OpenReader(archive)
	if err != nil {
		return fmt.Errorf("open %s: %w", module, err)
	}
	defer distribution.Close() //nolint:errcheck // it was only read
	buffered := bufio.NewWriter(out)
	if err := repack(distribution.File, module+"/", buffered); err != nil {
		return fmt.Errorf("repack %s: %w", module, err)
	}
	return buffered.Flush()
}

// download returns the path of the module's zip in the module cache.
func download(ctx context.Context, module string) (string, error) {
	command := exec.CommandContext(ctx, "go", "mod", "download", "-json", module) //nolint:gosec // the caller is scripts/blobs
	// Outside of any module, because its go.mod could replace the download.
	command.Dir = os.TempDir()
	command.Env = append(os.Environ(), "GOFLAGS=-mod=mod")
	command.Stderr = os.Stderr
	answer, failed := command.Output()
	var result struct{ Zip, Error string }
	if err := json.Unmarshal(answer, &result); err != nil || result.Error != "" || failed != nil {
		return "", fmt.Errorf("download %s: %s: %w", module, result.Error, failed)
	}
	return result.Zip, nil
}

// repack copies the files below prefix to a compressed tar archive, below "go/"
// and in the order of their names.
func repack(files []*zip.File, prefix string, out io.Writer) error {
	slices.SortFunc(files, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	compressor := gzip.NewWriter(out)
	archive := tar.NewWriter(compressor)
	for _, file := range files {
		if err := add(archive, file, strings.TrimPrefix(file.Name, prefix)); err != nil {
			return fmt.Errorf("%s: %w", file.Name, err)
		}
	}
	if err := archive.Close(); err != nil {
		return err
	}
	return compressor.Close()
}

func add(archive *tar.Writer, file *zip.File, name string) error {
	// A module contains no other module and no file modes. Restore both.
	if path.Base(name) == "_go.mod" {
		name = path.Join(path.Dir(name), "go.mod")
	}
	mode := int64(0o644)
	if strings.HasPrefix(name, "bin/") || strings.HasPrefix(name, "pkg/tool/") {
		mode = 0o755
	}
	header := &tar.Header{
		Typeflag: tar.TypeReg,
		Name:     "go/" + name,
		Mode:     mode,
		Size:     int64(file.UncompressedSize64),
		ModTime:  time.Date(2000, time.January, 1, 0, 0, 0, 0, time.UTC),
	}
	if err := archive.WriteHeader(header); err != nil {
		return err
	}
	content, err := file.Open()
	if err != nil {
		return err
	}
	defer content.Close()
	_, err = io.Copy(archive, content) //nolint:gosec // its checksum was verified
	return err
}
