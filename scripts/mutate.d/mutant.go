package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

type outcome int

const (
	untested outcome = iota
	killed
	survived
	broken // it does not compile
)

func (o outcome) String() string {
	return [...]string{"not tested", "killed", "SURVIVED", "does not compile"}[o]
}

// mutant is one change of one file.
type mutant struct {
	pkg        *pkg
	operator   string
	file       string
	start, end int // in the file
	text       string
	outcome    outcome
}

// source returns the file with the change.
func (m *mutant) source() []byte {
	original := m.pkg.sources[m.file]
	return slices.Concat(original[:m.start], []byte(m.text), original[m.end:])
}

// place returns the file, below the current folder, and the line.
func (m *mutant) place() string {
	name := m.file
	if folder, err := os.Getwd(); err == nil {
		if below, err := filepath.Rel(folder, m.file); err == nil {
			name = below
		}
	}
	return fmt.Sprintf("%s:%d", name, 1+bytes.Count(m.pkg.sources[m.file][:m.start], []byte("\n")))
}

// diff returns the changed lines, at most three of each side.
func (m *mutant) diff() string {
	original := m.pkg.sources[m.file]
	first := bytes.LastIndexByte(original[:m.start], '\n') + 1
	end := len(original)
	if n := bytes.IndexByte(original[m.end:], '\n'); n >= 0 {
		end = m.end + n
	}
	changed := m.source()
	return marked("-", original[first:end]) + marked("+", changed[first:len(changed)-(len(original)-end)])
}

func marked(sign string, text []byte) string {
	lines := strings.Split(string(text), "\n")
	if len(lines) > 3 {
		lines = append(lines[:3], "\t…")
	}
	var result strings.Builder
	for _, line := range lines {
		result.WriteString("    " + sign + " " + strings.TrimSpace(line) + "\n")
	}
	return result.String()
}

// report prints the table of operators, then every survivor.
func report(mutants []*mutant, p *printer) {
	const row = "%-10s  %7v  %6v  %8v  %15v  %10v\n"
	p.printf("\n"+row, "operator", "mutants", "killed", "survived", "did not compile", "not tested")
	for _, name := range append(operatorNames(), "all") {
		count := map[outcome]int{}
		total := 0
		for _, m := range mutants {
			if m.operator == name || name == "all" {
				count[m.outcome]++
				total++
			}
		}
		if total > 0 {
			p.printf(row, name, total, count[killed], count[survived], count[broken], count[untested])
		}
	}
	for _, m := range mutants {
		if m.outcome == survived {
			p.printf("\nsurvived: %s: %s\n%s", m.place(), m.operator, m.diff())
		}
	}
}
