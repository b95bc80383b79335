package server_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/server"
)

// words finds "bad" and "dirty" and counts words as tokens.
type words struct{}

func (words) Name() string { return "words" }

func (words) Inspect(_ context.Context, t *guard.Text) (guard.Inspection, error) {
	n := len(strings.Fields(t.Raw))
	in := guard.Inspection{Coverage: 1, Tokens: &n}
	for word, score := range map[string]float64{"bad": 0.9, "dirty": 0.6} {
		for at := 0; ; at++ {
			i := strings.Index(t.Raw[at:], word)
			if i < 0 {
				break
			}
			at += i
			in.Findings = append(in.Findings, guard.Finding{
				Check: "words", Rule: "words." + word, Category: guard.Toxicity, Severity: guard.High,
				Score: score, Span: &guard.Span{Start: at, End: at + len(word)}, Message: "a word of the list",
			})
		}
	}
	return in, nil
}

// Follow clears a text up to its last space.
func (words) Follow() guard.Follower { return &following{} }

type following struct {
	words
	found int
}

func (f *following) Look(ctx context.Context, raw string) (guard.Sight, error) {
	text, err := guard.Prepare(raw)
	if err != nil {
		return guard.Sight{}, err
	}
	in, err := f.Inspect(ctx, text)
	s := guard.Sight{Clear: strings.LastIndexByte(raw, ' ') + 1}
	s.Resume = s.Clear
	for _, found := range in.Findings {
		if f.found <= found.Span.Start && found.Span.End <= s.Clear {
			s.Found = append(s.Found, found)
		}
	}
	f.found = s.Clear
	return s, err
}

// script does what the text tells it to, and waits where the text says "wait"
// until the test opens the gate.
type script struct{ gate chan struct{} }

func (script) Name() string { return "script" }

func (s script) Inspect(ctx context.Context, t *guard.Text) (guard.Inspection, error) {
	whole := guard.Inspection{Coverage: 1, Scores: []guard.LabelScore{{Model: "fake", Label: "risk", Score: 0.25}}}
	switch verb, _, _ := strings.Cut(t.Raw, " "); verb {
	case "wait":
		select {
		case <-s.gate:
			return whole, nil
		case <-ctx.Done():
			return guard.Inspection{Coverage: 0.5}, ctx.Err()
		}
	case "panic":
		panic("the text was: " + t.Raw)
	case "index":
		_ = t.Raw[:len(t.Raw)+len(verb)]
	case "fail":
		return guard.Inspection{}, errors.New("the device is lost")
	case "full":
		return guard.Inspection{}, &guard.OverloadedError{RetryAfter: 3 * time.Second}
	}
	return whole, nil
}

// policy blocks from 0.8 on, sanitises from 0.5 on, and blocks what did not
// complete.
type policy struct{ name string }

func (p policy) Name() string   { return p.name }
func (p policy) Digest() string { return "sha256:" + p.name }

func (p policy) Plan(m guard.Meta) guard.Plan {
	plan := guard.Plan{Checks: []string{"words", "script"}, Whole: p.name == "rewrites"}
	if m.Origin == guard.OriginSystem {
		plan.Checks = plan.Checks[:1]
	}
	return plan
}

func (policy) Decide(r guard.Report) guard.Verdict {
	v := guard.Verdict{Decision: guard.Allow}
	for _, c := range r.Checks {
		v.Risk = max(v.Risk, c.Score())
		switch {
		case c.State == guard.Failed, c.State == guard.TimedOut, c.Score() >= 0.8:
			v.Decision = guard.Block
		case c.Score() >= 0.5:
			v.Decision = min(v.Decision, guard.Sanitize)
		}
	}
	return v
}

func (policy) Sanitize(raw string, _ guard.Report) (guard.Redaction, error) {
	return guard.Redaction{Text: strings.ReplaceAll(raw, "dirty", "")}, nil
}

// recorder keeps what it is told, or fails.
type recorder struct {
	mu     sync.Mutex
	events []server.Event
	macs   [][]byte
	fail   error
}

func (r *recorder) Record(_ context.Context, e server.Event) (*server.Receipt, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.macs = append(r.macs, e.TextMAC([]byte("key")))
	e.TextMAC = nil
	r.events = append(r.events, e)
	if r.fail != nil {
		return nil, r.fail
	}
	return &server.Receipt{Log: "test", Index: uint64(len(r.events)), LeafHash: []byte{1}}, nil
}

func (r *recorder) all() []server.Event {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]server.Event(nil), r.events...)
}
