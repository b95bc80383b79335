package main

import (
	"bufio"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

// labelled is a text of which somebody has said what should become of it.
type labelled struct {
	place   string // FILE:LINE
	source  string
	expect  expectation
	request guard.Request
}

// expectation is what should become of a text.
type expectation string

// The expectations beside the names of the decisions: it must not pass as it is, or
// it must pass, sanitised or not.
const (
	expectStop expectation = "stop"
	expectPass expectation = "pass"
)

var expectations = []string{"allow", "sanitize", "review", "block", string(expectStop), string(expectPass)}

// met tells whether a decision is what was expected.
func (e expectation) met(d guard.Decision) bool {
	switch e {
	case expectStop:
		return d <= guard.Review
	case expectPass:
		return d >= guard.Sanitize
	}
	return string(e) == strings.ToLower(d.String())
}

// harmless tells whether the text should reach whom it is for.
func (e expectation) harmless() bool { return e.met(guard.Allow) || e.met(guard.Sanitize) }

// row is a line of a file. Keys that it does not name are not read.
type row struct {
	Text        *string           `json:"text"`
	Expect      string            `json:"expect"`
	Source      string            `json:"source"`
	Direction   string            `json:"direction"`
	Origin      string            `json:"origin"`
	TokenLimit  int               `json:"token_limit"`
	Annotations map[string]string `json:"annotations"`
}

// maxRow is the longest line that is read: a text of the engine's usual limit, with
// every byte escaped.
const maxRow = 8 << 20

// readLabelled reads a file of labelled texts, JSON lines, gzipped if its name says
// so; "-" is stdin. Rows that expect nothing are taken to expect what otherwise says.
func readLabelled(name string, stdin io.Reader, otherwise string) ([]labelled, error) {
	in := stdin
	if name != "-" {
		f, err := os.Open(name) //nolint:gosec // the person chooses the file
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	if strings.HasSuffix(name, ".gz") {
		z, err := gzip.NewReader(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		in = z
	}
	var all []labelled
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxRow)
	n := 1
	for ; lines.Scan(); n++ {
		if len(strings.TrimSpace(lines.Text())) == 0 {
			continue
		}
		l, err := parseRow(lines.Bytes(), otherwise)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		if l.place = fmt.Sprintf("%s:%d", name, n); l.source == "" {
			l.source = strings.TrimSuffix(filepath.Base(name), ".gz")
		}
		all = append(all, l)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", name, n, err)
	}
	return all, nil
}

func parseRow(line []byte, otherwise string) (labelled, error) {
	var r row
	if err := json.Unmarshal(line, &r); err != nil {
		return labelled{}, err
	}
	if r.Text == nil {
		return labelled{}, errors.New(`it has no "text"`)
	}
	if r.Expect == "" {
		r.Expect = otherwise
	}
	if !slices.Contains(expectations, r.Expect) {
		return labelled{}, fmt.Errorf(`"expect" is %q; write one of %s, or give --expect for rows without it`, r.Expect, strings.Join(expectations, ", "))
	}
	meta, err := r.meta()
	return labelled{source: r.Source, expect: expectation(r.Expect), request: guard.Request{Text: *r.Text, Meta: meta}}, err
}

// meta is what the service would have made of the row.
func (r row) meta() (guard.Meta, error) {
	m := guard.Meta{TokenLimit: r.TokenLimit, Labels: r.Annotations}
	switch r.Direction {
	case "", guard.Input.String():
	case guard.Output.String():
		m.Direction, m.Origin = guard.Output, guard.OriginModel
	default:
		return m, fmt.Errorf(`"direction" is %q, which is neither input nor output`, r.Direction)
	}
	if r.Origin != "" {
		var ok bool
		if m.Origin, ok = guard.ParseOrigin(r.Origin); !ok {
			return m, fmt.Errorf(`"origin" is %q; write user, tool, document, model or system`, r.Origin)
		}
	}
	return m, nil
}
