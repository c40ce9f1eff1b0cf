// Package settings reads paths from the environment variables that configure
// the test suites.
package settings

import (
	"os"
	"path/filepath"
)

// Path returns the path in an environment variable, or "" if it is not set. A
// relative path is relative to the root of the module: go test runs the tests
// of a package in its folder, which is not where the variable was set.
func Path(variable string) string {
	path := os.Getenv(variable)
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	folder, err := os.Getwd()
	if err != nil {
		return path
	}
	for folder != filepath.Dir(folder) {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return filepath.Join(folder, path)
		}
		folder = filepath.Dir(folder)
	}
	return path
}
