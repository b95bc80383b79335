package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/bench/figures"
)

// part is one question and how it is answered.
type part struct {
	name, title string
	run         func(*proof, context.Context) (figures.Part, error)
}

var parts = []part{
	{"efficiency", "Texts a second over a bare loop around ONNX Runtime", (*proof).efficiency},
	{"idle", "A lone text over its bare inference", (*proof).idle},
	{"load", "Latency under load", (*proof).underLoad},
	{"cpu", "What all but the model costs", (*proof).cpu},
	{"padding", "Batches and padding", (*proof).padding},
	{"overload", "Three times too much", (*proof).overload},
	{"peers", "Others on the same machine, texts and model", (*proof).peers},
}

// choose returns the parts of those names, all where there are none.
func choose(only []string) ([]part, error) {
	if len(only) == 0 {
		return parts, nil
	}
	var chosen []part
	for _, name := range only {
		i := slices.IndexFunc(parts, func(p part) bool { return p.name == name })
		if i < 0 {
			names := make([]string, len(parts))
			for i, p := range parts {
				names[i] = p.name
			}
			return nil, fmt.Errorf("no part is named %q; there are %s", name, strings.Join(names, ", "))
		}
		chosen = append(chosen, parts[i])
	}
	return chosen, nil
}
