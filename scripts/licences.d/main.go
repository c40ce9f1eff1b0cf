// Command licences collects the licences of the modules in src/vendor and of
// Go's standard library. scripts/licences runs it.
//
//	licences -goroot GOROOT -sbom SBOM -notice NOTICE
//
// It writes NOTICE, adds the licences to the software bill of materials, and
// removes from the latter what differs from machine to machine. A licence that
// it does not recognise is an error, because it has to be read first.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const vendor = "src/vendor"

// std is the name of the standard library in a bill of materials.
const std = "std"

// module has the licence texts of a module, by the names of their files.
type module struct {
	name, version string
	texts         map[string]string
	spdx          string
}

func main() {
	goroot := flag.String("goroot", "", "`directory` of the Go that the executable is compiled with")
	sbom := flag.String("sbom", "", "CycloneDX `file` in JSON, which is changed")
	notice := flag.String("notice", "", "`file` that is written")
	flag.Parse()
	if err := run(*goroot, *sbom, *notice); err != nil {
		fmt.Fprintln(os.Stderr, "scripts/licences:", err)
		os.Exit(1)
	}
}

func run(goroot, sbom, notice string) error {
	bill, err := readBill(sbom)
	if err != nil {
		return err
	}
	modules, err := vendored(goroot, bill.goVersion())
	if err != nil {
		return err
	}
	if err := bill.addLicences(modules); err != nil {
		return err
	}
	if err := bill.write(sbom); err != nil {
		return err
	}
	return os.WriteFile(notice, []byte(noticeOf(modules)), 0o644) //nolint:gosec // a file of the repository
}

// vendored returns the modules of which src/vendor has files, and the standard
// library.
func vendored(goroot, goVersion string) ([]module, error) {
	list, err := os.ReadFile(filepath.Join(vendor, "modules.txt"))
	if err != nil {
		return nil, err
	}
	modules := []module{{name: std, version: goVersion}}
	for line := range strings.Lines(string(list)) {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == "#" {
			modules = append(modules, module{name: fields[1], version: fields[2]})
		}
	}
	var problems []error
	var found []module
	for _, m := range modules {
		dir := filepath.Join(vendor, m.name)
		if m.name == std {
			dir = goroot
		} else if _, err := os.Stat(dir); os.IsNotExist(err) {
			continue // go.mod names it, but the executable does not import it
		}
		if err := m.read(dir); err != nil {
			problems = append(problems, err)
		}
		found = append(found, m)
	}
	return found, errors.Join(problems...)
}

// read reads the licences of a module from its directory.
func (m *module) read(dir string) error {
	m.texts = map[string]string{}
	for _, pattern := range []string{"LICENSE*", "LICENCE*", "COPYING*", "NOTICE*"} {
		files, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			return err
		}
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				return err
			}
			m.texts[filepath.Base(file)] = strings.TrimSpace(strings.ReplaceAll(string(content), "\r\n", "\n"))
		}
	}
	m.spdx = identify(slices.Collect(maps.Values(m.texts)))
	if m.spdx == "" {
		return fmt.Errorf("%s %s: no known licence in %s: read it, and add it to the list in scripts/licences.d if its conditions are met", m.name, m.version, dir)
	}
	return nil
}

// licence is recognised by a phrase of its text.
type licence struct{ spdx, phrase string }

// licences returns those whose conditions are met: a copy of the text goes with
// the release.
func licences() []licence {
	return []licence{
		{"Apache-2.0", "http://www.apache.org/licenses/"},
		{"MIT", "Permission is hereby granted, free of charge, to any person obtaining a copy"},
		{"BSD-3-Clause", "Neither the name of"},
	}
}

// identify returns an SPDX expression for the texts, or "".
func identify(texts []string) string {
	all := strings.Join(strings.Fields(strings.Join(texts, " ")), " ")
	var found []string
	for _, known := range licences() {
		if strings.Contains(all, known.phrase) {
			found = append(found, known.spdx)
		}
	}
	return strings.Join(found, " AND ")
}

// noticeOf returns the text of NOTICE. A text that several modules have in
// common appears once.
func noticeOf(modules []module) string {
	var text strings.Builder
	text.WriteString("openstack-bosh-cpi\n\n" +
		"This product is licensed under the Apache License, Version 2.0: see LICENSE.\n" +
		"The release contains these modules, and Go's standard library\n" +
		"(std). scripts/licences writes this file.\n\n")
	users := map[string][]string{}
	var texts []string
	for _, m := range modules {
		fmt.Fprintf(&text, "  %s %s (%s)\n", m.name, m.version, m.spdx)
		for _, file := range slices.Sorted(maps.Keys(m.texts)) {
			content := m.texts[file]
			if users[content] == nil {
				texts = append(texts, content)
			}
			users[content] = append(users[content], m.name+" "+file)
		}
	}
	for _, content := range texts {
		fmt.Fprintf(&text, "\n%s\n%s:\n\n%s\n", strings.Repeat("-", 80), strings.Join(users[content], "\n"), content)
	}
	return text.String()
}

// bill is a bill of materials.
type bill map[string]any

func readBill(file string) (bill, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var b bill
	return b, json.Unmarshal(content, &b)
}

// components returns the components of the bill.
func (b bill) components() []map[string]any {
	var found []map[string]any
	list, _ := b["components"].([]any)
	for _, element := range list {
		if component, ok := element.(map[string]any); ok {
			found = append(found, component)
		}
	}
	return found
}

func (b bill) goVersion() string {
	for _, component := range b.components() {
		if component["name"] == std {
			return fmt.Sprint(component["version"])
		}
	}
	return ""
}

// addLicences adds the licence of each component, and removes the digests of the
// tool that made the bill, which depend on the machine.
func (b bill) addLicences(modules []module) error {
	known := map[any]string{}
	for _, m := range modules {
		known[m.name] = m.spdx
	}
	for _, component := range b.components() {
		spdx := known[component["name"]]
		if spdx == "" {
			return fmt.Errorf("%s is a part of the executable and not in %s: run scripts/vendor", component["name"], vendor)
		}
		component["licenses"] = []any{map[string]any{"expression": spdx}}
	}
	metadata, _ := b["metadata"].(map[string]any)
	if product, ok := metadata["component"].(map[string]any); ok {
		product["licenses"] = []any{map[string]any{"expression": "Apache-2.0"}}
	}
	tools, _ := metadata["tools"].([]any)
	for _, tool := range tools {
		if tool, ok := tool.(map[string]any); ok {
			delete(tool, "hashes")
		}
	}
	return nil
}

func (b bill) write(file string) error {
	content, err := json.MarshalIndent(b, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(content, '\n'), 0o644) //nolint:gosec // a file of the repository
}
