package pattern

import (
	"embed"
	"fmt"
	"io/fs"
	"slices"
)

//go:embed rules/*.yaml
var builtin embed.FS

// Builtin returns the rules that come with Portcullis.
func Builtin() ([]Rule, error) {
	sub, err := fs.Sub(builtin, "rules")
	if err != nil {
		return nil, err
	}
	return Load(sub)
}

// Load reads the rules of all *.yaml files at the root of fsys, file by file in
// the order of their names. What a file may hold is checked here, with errors
// that name file and line; what a rule must be, New checks.
func Load(fsys fs.FS) ([]Rule, error) { return Extend(nil, fsys) }

// Extend returns the rules of base with those of fsys, read as Load does. A file
// may take rules of base out by their ids, under disable, and put one of its own
// in the place of another by replace: true. Both name what base has, or are
// refused: a rule that was renamed must not come back unseen.
func Extend(base []Rule, fsys fs.FS) ([]Rule, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	all := slices.Clone(base)
	var added []Rule
	for _, name := range names {
		f, err := readFile(fsys, name)
		if err != nil {
			return nil, fmt.Errorf("%s:%w", name, err)
		}
		for _, out := range f.outs {
			if all, err = without(all, out.id); err != nil {
				return nil, fmt.Errorf("%s:%d: %w", name, out.line, err)
			}
		}
		added = append(added, f.rules...)
	}
	return append(all, added...), nil
}

// without takes the rule out.
func without(rules []Rule, id string) ([]Rule, error) {
	at := slices.IndexFunc(rules, func(r Rule) bool { return r.ID == id })
	if at < 0 {
		return nil, fmt.Errorf("there is no built-in rule %s to disable or replace, or another line does so: correct the id, or leave it out", id)
	}
	return slices.Delete(rules, at, at+1), nil
}
