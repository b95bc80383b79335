package main

import (
	"fmt"
	"os"

	"github.com/portcullis-ai/portcullis/internal/auth"
)

type keyCmd struct {
	Name string `arg:"" help:"Whose key it is; auth.keys.roles gives roles to it."`
	File string `placeholder:"FILE" help:"Add its digest to this file of keys (auth.keys.file)."`
}

func (keyCmd) Help() string {
	return `The key is printed once and kept nowhere: only its digest goes into the file, which the service
reads anew within auth.reload_every. A name may have several keys, so a key is replaced by adding
another one, and taken back by removing its line.

Examples:
  (umask 077; portcullis key ci --file keys > ci.key)
  portcullis check --addr localhost:50051 --token file:ci.key "What is the weather in Rome?"`
}

// Run makes a key.
func (c keyCmd) Run(std stdio) error {
	key, line, err := auth.NewKey(c.Name)
	if err != nil {
		return err
	}
	if err := c.store(std, line); err != nil {
		return err
	}
	_, err = fmt.Fprintln(std.out, key.Reveal())
	return err
}

// store writes the line, before the key is shown.
func (c keyCmd) store(std stdio, line string) error {
	if c.File == "" {
		_, err := fmt.Fprintf(std.err, "The line for the file of keys (auth.keys.file):\n%s\n", line)
		return err
	}
	f, err := os.OpenFile(c.File, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintln(f, line); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}
