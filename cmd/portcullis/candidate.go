package main

import (
	"io/fs"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/policy"
)

// candidate is a policy file that need not be in the folder of the settings.
type candidate struct {
	fsys fs.FS
	file string
}

// join loads the candidate and puts it in the place of the policy of its name.
func (c candidate) join(policies []guard.Policy, env policy.Env) ([]guard.Policy, error) {
	p, err := policy.LoadFile(c.fsys, c.file, env)
	if err != nil {
		return nil, err
	}
	rest := slices.DeleteFunc(policies, func(o guard.Policy) bool { return o.Name() == p.Name() })
	return append(rest, p), nil
}
