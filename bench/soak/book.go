package main

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
)

// book counts what happened, and keeps the first of what must not. It is safe for
// concurrent use.
type book struct {
	mu     sync.Mutex
	counts map[string]int
	faults []string
	wrong  int
}

// manyFaults is how many are kept.
const manyFaults = 20

func (b *book) count(what string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.counts == nil {
		b.counts = make(map[string]int)
	}
	b.counts[what]++
}

func (b *book) fault(format string, args ...any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.wrong++; len(b.faults) < manyFaults {
		b.faults = append(b.faults, fmt.Sprintf(format, args...))
	}
}

// sum is how much happened, and how much of it must not.
func (b *book) sum() (all, wrong int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, n := range b.counts {
		all += n
	}
	return all, b.wrong
}

// show prints the table, and is an error if anything happened that must not.
func (b *book) show(to io.Writer) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, what := range slices.Sorted(maps.Keys(b.counts)) {
		_, _ = fmt.Fprintf(to, "%8d  %s\n", b.counts[what], what)
	}
	if b.wrong > 0 {
		return fmt.Errorf("%d faults, the first of them:\n%q", b.wrong, b.faults)
	}
	_, _ = fmt.Fprintln(to, "       0  faults")
	return nil
}
