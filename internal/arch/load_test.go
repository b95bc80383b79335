package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// modulePath is the name of this module and, so that its imports look real, of the one
// in testdata.
const modulePath = "github.com/portcullis-ai/portcullis"

// A pkg is what one folder's files say, tests left out: a test may reach sideways to
// show that two parts fit, and the compiler itself forbids circles.
type pkg struct {
	imports []string // sorted, each once
	exits   []string // "file.go: os.Exit in f", outside of func main
}

// load reads every Go file below root, under whatever build tags it stands. Nested
// modules, testdata and what the go command itself skips are left out.
func load(t *testing.T, root string) map[string]pkg {
	t.Helper()
	pkgs := map[string]pkg{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name != root && skipped(name) {
				return filepath.SkipDir
			}
			return nil
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			add(t, pkgs, root, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return pkgs
}

func skipped(dir string) bool {
	base := filepath.Base(dir)
	if base == "testdata" || base == "node_modules" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return true
	}
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func add(t *testing.T, pkgs map[string]pkg, root, name string) {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	rel, err := filepath.Rel(root, name)
	if err != nil {
		t.Fatal(err)
	}
	dir, base := path.Split(filepath.ToSlash(rel))
	dir = path.Clean(dir)

	p := pkgs[dir]
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		p.imports = append(p.imports, imported)
	}
	slices.Sort(p.imports)
	p.imports = slices.Compact(p.imports)
	p.exits = append(p.exits, exits(file, base)...)
	pkgs[dir] = p
}

// exits finds the calls that end the process. Only func main may: anywhere else they
// skip what was deferred, such as draining a server, and cannot be tested.
func exits(file *ast.File, base string) []string {
	var found []string
	for _, decl := range file.Decls {
		where := "a declaration"
		if f, ok := decl.(*ast.FuncDecl); ok {
			if file.Name.Name == "main" && f.Name.Name == "main" && f.Recv == nil {
				continue
			}
			where = f.Name.Name
		}
		ast.Inspect(decl, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && isExit(sel) {
				found = append(found, base+": os.Exit in "+where)
			}
			return true
		})
	}
	return found
}

func isExit(sel *ast.SelectorExpr) bool {
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == "os" && sel.Sel.Name == "Exit"
}
