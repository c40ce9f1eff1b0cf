// Package day replays what a director asked of the CPI, call for call, and audits
// the cloud after each operation. README.md describes the recordings.
package day

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Chapter is a series of operations that begins and ends without any object in the
// cloud.
type Chapter struct {
	Name       string
	Operations []Operation
}

// Operation is what a director did for one command of its operator.
type Operation struct {
	Name  string
	Steps []Step
}

// Step is one call of the CPI, or a change of the cloud by another client.
type Step struct {
	// At is when the step began after the begin of the operation, and Duration
	// how long it took, in milliseconds.
	At       int `json:"at"`
	Duration int `json:"ms"`
	// Added is true for calls that were not recorded.
	Added bool `json:"added,omitempty"`

	Method    string            `json:"method,omitempty"`
	Arguments []json.RawMessage `json:"arguments"`
	// CPI is the name of the cpi-config's entry whose properties the call has, if
	// the director has several.
	CPI string `json:"cpi,omitempty"`
	// APIVersion of the call, and Stemcell, that of the stemcell's API; both are 3
	// if they are 0.
	APIVersion int `json:"api_version,omitempty"`
	Stemcell   int `json:"stemcell,omitempty"`
	// Result is the name of the result.
	Result string `json:"result,omitempty"`
	// Answer is the result itself, if later calls depend on it.
	Answer json.RawMessage `json:"answer,omitempty"`
	// Error is the type of the error, without Bosh::Clouds.
	Error string `json:"error,omitempty"`
	// Refusable calls may be answered by NotSupported.
	Refusable bool `json:"refusable,omitempty"`
	// Copy has the names of two disks. The director makes the call only if the
	// first one could not be changed in place, and was copied to the second one.
	Copy []string `json:"copy,omitempty"`

	// Outside is what another client does, instead of a call.
	Outside string `json:"outside,omitempty"`
	// Properties are what the operator configures.
	Properties map[string]any `json:"properties,omitempty"`
}

// ReadChapters reads the chapters of a folder in order: each subfolder is a
// chapter, each of its files an operation, each line a step.
func ReadChapters(folder fs.FS) (chapters []Chapter, err error) {
	files, err := fs.Glob(folder, "*/*.jsonl") // sorted
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		steps, err := readSteps(folder, file)
		if err != nil {
			return nil, err
		}
		name := path.Dir(file)
		if len(chapters) == 0 || chapters[len(chapters)-1].Name != name {
			chapters = append(chapters, Chapter{Name: name})
		}
		last := &chapters[len(chapters)-1]
		last.Operations = append(last.Operations, Operation{Name: strings.TrimSuffix(path.Base(file), ".jsonl"), Steps: steps})
	}
	return chapters, nil
}

func readSteps(folder fs.FS, file string) (steps []Step, err error) {
	content, err := fs.ReadFile(folder, file)
	if err != nil {
		return nil, err
	}
	for number, line := range bytes.Split(bytes.TrimSpace(content), []byte("\n")) {
		var step Step
		decoder := json.NewDecoder(bytes.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&step); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, number+1, err)
		}
		if (step.Method == "") == (step.Outside == "") {
			return nil, fmt.Errorf("%s:%d: a step has either a method or something outside", file, number+1)
		}
		steps = append(steps, step)
	}
	return steps, nil
}

// predecessors returns, for each step, the steps that had ended before it began.
// With this order the replay is as parallel as the director was: steps that
// overlapped may overlap again.
func predecessors(steps []Step) [][]int {
	before := make([][]int, len(steps))
	for i, step := range steps {
		for j, other := range steps {
			if other.At+other.Duration <= step.At && i != j {
				before[i] = append(before[i], j)
			}
		}
	}
	return before
}
