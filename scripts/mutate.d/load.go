package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// pkg is a package that is mutated: its files, parsed and with their types.
type pkg struct {
	path, dir string
	fset      *token.FileSet
	files     map[string]*ast.File
	sources   map[string][]byte
	info      *types.Info
	types     *types.Package
	imports   types.Importer
}

// load lists, parses and type-checks the packages that match the patterns.
func load(ctx context.Context, patterns []string) ([]*pkg, error) {
	listed, err := list(ctx, append([]string{"-export", "-deps"}, patterns...)...)
	if err != nil {
		return nil, err
	}
	exports := map[string]string{}
	for _, l := range listed {
		exports[l.ImportPath] = l.Export
	}
	lookUp := func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) }
	var packages []*pkg
	for _, l := range listed {
		// Packages that only tests import are no part of the product.
		if l.DepOnly || strings.HasSuffix(l.ImportPath, "test") {
			continue
		}
		p := &pkg{path: l.ImportPath, dir: l.Dir, files: map[string]*ast.File{}, sources: map[string][]byte{}, fset: token.NewFileSet()}
		p.imports = importer.ForCompiler(p.fset, "gc", lookUp)
		for _, name := range l.GoFiles {
			name = filepath.Join(l.Dir, name)
			if p.sources[name], err = os.ReadFile(name); err != nil {
				return nil, err
			}
			if p.files[name], err = parser.ParseFile(p.fset, name, p.sources[name], parser.SkipObjectResolution); err != nil {
				return nil, err
			}
		}
		p.info = &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
		if p.types, err = p.check(p.files, p.info); err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
	return packages, nil
}

func (p *pkg) check(files map[string]*ast.File, info *types.Info) (*types.Package, error) {
	list := make([]*ast.File, 0, len(files))
	for _, file := range files {
		list = append(list, file)
	}
	config := types.Config{Importer: p.imports}
	return config.Check(p.path, p.fset, list, info)
}

// compiles reports whether the package with the mutant is a valid program.
func (p *pkg) compiles(m *mutant) bool {
	mutated, err := parser.ParseFile(p.fset, m.file, m.source(), parser.SkipObjectResolution)
	if err != nil {
		return false
	}
	files := maps.Clone(p.files)
	files[m.file] = mutated
	_, err = p.check(files, nil)
	return err == nil
}

// listed is what the go command says of a package.
type listed struct {
	ImportPath, Dir, Export   string
	DepOnly                   bool
	GoFiles, Deps             []string
	TestGoFiles, XTestGoFiles []string
	TestImports, XTestImports []string
}

func list(ctx context.Context, arguments ...string) (packages []listed, err error) {
	command := exec.CommandContext(ctx, "go", append([]string{"list", "-json"}, arguments...)...) //nolint:gosec // the patterns are options of the command
	command.Stderr = os.Stderr
	output, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", command, err)
	}
	decoder := json.NewDecoder(bytes.NewReader(output))
	for {
		var l listed
		err := decoder.Decode(&l)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, err
		}
		packages = append(packages, l)
	}
}
