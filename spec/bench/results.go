package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
)

// results are the figures of a run on one kind of cloud.
type results struct {
	Date        string            `json:"date"`
	Commit      string            `json:"commit"`
	Machine     string            `json:"machine"`
	Cloud       string            `json:"cloud,omitempty"` // the release of a real one
	Seconds     float64           `json:"seconds"`
	Parameters  map[string]string `json:"parameters,omitempty"`
	Contenders  []string          `json:"contenders"`
	Executable  int64             `json:"executable"` // bytes of this CPI
	Methods     []method          `json:"methods,omitempty"`
	Boots       []boot            `json:"boots,omitempty"`
	Deployments []deployment      `json:"deployments,omitempty"`
	Growth      []growth          `json:"growth,omitempty"`
	Stemcells   []stemcell        `json:"stemcells,omitempty"`
}

// write writes the results.
func (r results) write(path string) error {
	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(r); err != nil {
		return err
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, document.Bytes(), "", "  "); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil { //nolint:gosec // documents are for everyone
		return err
	}
	return os.WriteFile(path, indented.Bytes(), 0o644) //nolint:gosec // as above
}

// readResults returns nil if there are none.
func readResults(path string) (*results, error) {
	content, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil //nolint:nilnil // see above
	}
	if err != nil {
		return nil, err
	}
	var read results
	if err := json.Unmarshal(content, &read); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &read, nil
}

var model = regexp.MustCompile(`(?m)^model name\s*:\s*(.+)$`)

// machine describes this machine.
func machine() string {
	text := fmt.Sprintf("%d CPUs, %s/%s", runtime.NumCPU(), runtime.GOOS, runtime.GOARCH)
	content, err := os.ReadFile("/proc/cpuinfo")
	if match := model.FindSubmatch(content); err == nil && match != nil {
		text += ", " + string(match[1])
	}
	return text
}
