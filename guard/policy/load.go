package policy

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

//go:embed policies/*.yaml
var policies embed.FS

// Builtin returns the files of the policies that come with Portcullis: balanced,
// the default, strict, monitor and article.
func Builtin() fs.FS {
	sub, err := fs.Sub(policies, "policies")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}

var nameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,63}$`)

// Load compiles the policy of every *.yaml file at the root of fsys, in the order
// of their names; a policy is named after its file. One may extend another of fsys,
// or else a built-in one, that extends none itself. Errors name the file and the
// key.
func Load(fsys fs.FS, env Env) ([]guard.Policy, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	var all []guard.Policy
	for _, name := range names {
		p, err := LoadFile(fsys, name, env)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

// LoadFile compiles the policy of one file at the root of fsys, as Load does.
func LoadFile(fsys fs.FS, filename string, env Env) (guard.Policy, error) {
	name, f, err := resolve(fsys, filename)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filename, err)
	}
	p, err := compile(name, f, env)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", filename, err)
	}
	return p, nil
}

// resolve reads a file and merges into it what it extends.
func resolve(fsys fs.FS, filename string) (name string, f file, err error) {
	name = strings.TrimSuffix(filename, path.Ext(filename))
	if !nameForm.MatchString(name) {
		return name, f, errors.New("rename the file: a policy's name has lower-case letters, digits, - and _")
	}
	if f, err = read(fsys, filename); err != nil || f.Extends == "" {
		return name, f, err
	}
	base, err := readBase(fsys, f.Extends, name)
	if err != nil {
		return name, f, fmt.Errorf("extends: %w", err)
	}
	return name, f.extend(base), nil
}

// readBase prefers fsys, so that whoever replaces balanced replaces what the other
// policies there stand on. The replacement itself may extend what it replaces.
func readBase(fsys fs.FS, name, extendedBy string) (file, error) {
	base, err := read(fsys, name+".yaml")
	if name == extendedBy || errors.Is(err, fs.ErrNotExist) {
		base, err = read(Builtin(), name+".yaml")
	}
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return base, fmt.Errorf("there is no policy %q", name)
	case err != nil:
		return base, fmt.Errorf("%s: %w", name, err)
	case base.Extends != "":
		return base, fmt.Errorf("%s extends %s itself; extend that", name, base.Extends)
	}
	return base, nil
}

func read(fsys fs.FS, filename string) (file, error) {
	text, err := fs.ReadFile(fsys, filename)
	if err != nil {
		return file{}, err
	}
	return parse(text)
}
