package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/portcullis-ai/portcullis/guard/policy"
)

type policyCmd struct {
	Validate policyValidateCmd `cmd:"" help:"Say whether policy files would load."`
	Show     policyShowCmd     `cmd:"" help:"Show what a policy came to: inherited, overridden and looked up."`
	Test     policyTestCmd     `cmd:"" help:"Run a policy over labelled texts, or two against each other."`
}

func (policyCmd) Help() string {
	return `A policy is a YAML file; docs/policies.md explains the keys. 'policies: DIR' in the settings has the
service load those of a folder, and load them again when a file changes or on SIGHUP.

Examples:
  portcullis policy validate policies/*.yaml
  portcullis policy show strict
  portcullis policy test --policy policies/support.yaml --against balanced mails.jsonl`
}

type policyValidateCmd struct {
	settings
	Files []string `arg:"" name:"file" help:"Policy files."`
}

func (policyValidateCmd) Help() string {
	return `A file is read as serve would read it, with the rules and the models of the settings; no model is
loaded. The exit code is 0 if all files are good and 1 if one is not.`
}

// Run looks at every file, whatever the ones before it are.
func (c policyValidateCmd) Run(std stdio) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	env, err := unloadedEnv(cfg)
	if err != nil {
		return err
	}
	bad := 0
	t := &table{}
	for _, file := range c.Files {
		name := filepath.Base(file)
		p, err := policy.LoadFile(os.DirFS(filepath.Dir(file)), name, env)
		if err != nil {
			bad++
			t.add(cell{text: file}, cell{text: "refused", ink: red}, cell{text: strings.TrimPrefix(err.Error(), name+": ")})
			continue
		}
		t.add(cell{text: file}, cell{text: "ok", ink: green}, cell{text: p.Digest(), ink: dim})
	}
	if err := t.write(std.out, "", std.color); err != nil {
		return err
	}
	if bad > 0 {
		return fmt.Errorf("%d of %d files would not load", bad, len(c.Files))
	}
	return nil
}
