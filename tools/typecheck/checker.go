package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"runtime"
)

// checker checks each package once, after what it imports.
type checker struct {
	files *token.FileSet
	known map[string]listed
	done  map[string]*types.Package
	wrong []error // in packages of the module
}

func newChecker(packages []listed) *checker {
	c := &checker{files: token.NewFileSet(), known: make(map[string]listed), done: make(map[string]*types.Package)}
	for _, p := range packages {
		c.known[p.ImportPath] = p
	}
	return c
}

// check returns the package of a path, with errors if it has some.
func (c *checker) check(path string) *types.Package {
	if path == "unsafe" {
		return types.Unsafe
	}
	if p, ok := c.done[path]; ok {
		return p
	}
	l, ok := c.known[path]
	if !ok {
		c.wrong = append(c.wrong, fmt.Errorf("%s is imported and not listed", path))
		return types.NewPackage(path, path)
	}
	conf := types.Config{
		Importer: from{c, l}, IgnoreFuncBodies: !l.own(), FakeImportC: true,
		Sizes: types.SizesFor("gc", runtime.GOARCH),
		Error: func(err error) { c.note(l, err) },
	}
	p, _ := conf.Check(path, c.files, c.parse(l), nil) // whose error was noted
	c.done[path] = p
	return p
}

// note keeps errors of the module's packages: dependencies were compiled by others, and a
// body that was left out may leave an import unused.
func (c *checker) note(l listed, err error) {
	if l.own() {
		c.wrong = append(c.wrong, err)
	}
}

func (c *checker) parse(l listed) (files []*ast.File) {
	for _, name := range l.GoFiles {
		f, err := parser.ParseFile(c.files, filepath.Join(l.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			c.note(l, err)
		}
		if f != nil {
			files = append(files, f)
		}
	}
	return files
}

// from imports for one package: what a name means depends on who says it.
type from struct {
	*checker
	importer listed
}

// Import implements types.Importer.
func (f from) Import(path string) (*types.Package, error) {
	if other, ok := f.importer.ImportMap[path]; ok {
		path = other
	}
	return f.check(path), nil
}
