package main

import (
	"fmt"

	"github.com/portcullis-ai/portcullis/internal/build"
)

type versionCmd struct{}

// Run prints what this binary is.
func (versionCmd) Run(std stdio) error {
	_, err := fmt.Fprintln(std.out, "portcullis", build.Version())
	return err
}
