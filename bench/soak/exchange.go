package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/portcullis-ai/portcullis/internal/gpu"
)

// folders are what the service reads and this program exchanges.
type folders struct {
	root, model, policies, rules string
	manifest                     []byte
}

// newFolders copies a model, and puts good rules and policies beside it.
func newFolders(model string) (f folders, err error) {
	if f.root, err = os.MkdirTemp("", "portcullis-soak-"); err != nil {
		return f, err
	}
	f.model, f.policies, f.rules = filepath.Join(f.root, "model"), filepath.Join(f.root, "policies"), filepath.Join(f.root, "rules")
	if err := os.CopyFS(f.model, os.DirFS(model)); err != nil {
		return f, err
	}
	if f.manifest, err = os.ReadFile(filepath.Join(f.model, "manifest.json")); err != nil {
		return f, err
	}
	for _, dir := range []string{f.policies, f.rules} {
		if err := os.Mkdir(dir, 0o700); err != nil {
			return f, err
		}
	}
	for _, c := range []change{f.policy(1), f.rule(1)} {
		if err := c.make(); err != nil {
			return f, err
		}
	}
	return f, nil
}

func (f folders) remove() { _ = os.RemoveAll(f.root) }

// change is a file that gets another content.
type change struct {
	name, path string
	content    []byte
}

func (c change) make() error { return os.WriteFile(c.path, c.content, 0o600) }

func (f folders) policy(n int) change {
	return change{"good policy", filepath.Join(f.policies, "own.yaml"), []byte("extends: balanced\nlimits: {tokens: {max: " + strconv.Itoa(100+n) + "}}\n")}
}

func (f folders) rule(n int) change {
	return change{"good rule", filepath.Join(f.rules, "own.yaml"), []byte(`rules:
  - id: own.word
    category: other
    severity: low
    score: 0.2
    description: a word of the soak test
    pattern: 'xylophone` + strconv.Itoa(n) + `'
    hits: ['xylophone` + strconv.Itoa(n) + `']
    misses: ['violin']
`)}
}

// another is the same model under another version, which is loaded as another model.
func (f folders) another(n int) change {
	version := []byte(`"version": "`)
	return change{"good model", filepath.Join(f.model, "manifest.json"), bytes.Replace(f.manifest, version, append(version, []byte(strconv.Itoa(n)+".")...), 1)}
}

// changes are made in turn; each bad one is followed by a good one.
func (f folders) changes(n int) []change {
	bad := func(c change, content string) change {
		return change{"bad" + c.name[len("good"):], c.path, []byte(content)}
	}
	return []change{
		f.policy(n), bad(f.policy(n), "extends: balanced\non_failure: allow\n"), f.policy(n + 1),
		f.rule(n), bad(f.rule(n), "rules: [{id: own.word, pattern: '('}]\n"), f.rule(n + 1),
		f.another(n), bad(f.another(n), string(f.manifest[:len(f.manifest)/2])),
		{"good model", f.another(n).path, f.manifest},
	}
}

// exchange makes a change every few seconds, and asks for it with SIGHUP every other time.
func exchange(ctx context.Context, s *gpu.Service, f folders, b *book) {
	for n := 1; ; n++ {
		for i, c := range f.changes(n) {
			if err := c.make(); err != nil {
				b.fault("%v", err)
			}
			b.count("exchange " + c.name)
			if i%2 == 0 {
				_ = s.Signal(syscall.SIGHUP) // that it lives is seen elsewhere
				b.count("exchange SIGHUP")
			}
			select {
			case <-ctx.Done():
				for _, good := range []change{f.policy(1), f.rule(1), {"good model", f.another(1).path, f.manifest}} {
					_ = good.make() // what lies there at the end is good, whatever was bad just now
				}
				return
			case <-time.After(4 * time.Second):
			}
		}
	}
}
