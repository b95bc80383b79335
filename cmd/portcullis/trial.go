package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// testBench judges texts with policies that are not served.
type testBench struct {
	ctx         context.Context
	builder     builder
	generations []*generation
	open        closers
}

func (c policyTestCmd) bench(ctx context.Context, std stdio) (*testBench, error) {
	cfg, err := c.load(config.Setting{Key: "log.level", Value: orElse(c.LogLevel, "warn")})
	if err != nil {
		return nil, err
	}
	log, err := logger(cfg.Log, std.err)
	if err != nil {
		return nil, err
	}
	b, open, err := openBuilder(ctx, cfg, log, metrics.New(), func() {})
	return &testBench{ctx: ctx, builder: b, open: open}, err
}

// judge is a policy and the engine that has it.
type judge struct {
	engine         *guard.Engine
	policy, digest string
}

// judge loads a policy, meant by its name or its file. Each has an engine of its own,
// so that two may have the same name; the models are shared.
func (b *testBench) judge(meant string) (judge, error) {
	fsys, file, err := policyFile(b.builder.cfg, meant)
	if err != nil {
		return judge{}, err
	}
	var before *generation
	if len(b.generations) > 0 {
		before = b.generations[0]
	}
	next := b.builder
	next.candidate = &candidate{fsys: fsys, file: file}
	g, err := next.build(b.ctx, before)
	if err != nil {
		return judge{}, err
	}
	b.generations = append(b.generations, g)
	b.open.add(g.close)
	name := strings.TrimSuffix(file, ".yaml")
	i := slices.IndexFunc(g.Engine.Policies(), func(p guard.PolicyInfo) bool { return p.Name == name })
	return judge{engine: g.Engine, policy: name, digest: g.Engine.Policies()[i].Digest}, nil
}

func (b *testBench) close() { _ = closeInTime(b.ctx, b.open.close) } // the report has been printed

// trial is a text and what each judge made of it.
type trial struct {
	labelled
	verdicts []guard.Result
}

// tryAll has every text judged by every judge, several at a time. one is called after
// each text, by one goroutine at a time. The first error ends it.
func tryAll(ctx context.Context, judges []judge, texts []labelled, one func()) ([]trial, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	trials := make([]trial, len(texts))
	next := make(chan int)
	var workers sync.WaitGroup
	var mu sync.Mutex
	for range 2 * runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				t, err := try(ctx, judges, texts[i])
				if err != nil {
					cancel(fmt.Errorf("%s: %w", texts[i].place, err))
				}
				mu.Lock()
				trials[i] = t
				one()
				mu.Unlock()
			}
		})
	}
	for i := range texts {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	workers.Wait()
	return trials, context.Cause(ctx)
}

func try(ctx context.Context, judges []judge, l labelled) (trial, error) {
	t := trial{labelled: l}
	for _, j := range judges {
		r := l.request
		r.Policy = j.policy
		verdict, err := patiently(ctx, j.engine, r)
		if err != nil {
			return t, err
		}
		t.verdicts = append(t.verdicts, verdict)
	}
	return t, nil
}

// patiently asks again while the engine has no room.
func patiently(ctx context.Context, e *guard.Engine, r guard.Request) (guard.Result, error) {
	for {
		verdict, err := e.Validate(ctx, r, nil)
		full, ok := errors.AsType[*guard.OverloadedError](err)
		if !ok {
			return verdict, err
		}
		select {
		case <-time.After(max(full.RetryAfter, time.Millisecond)):
		case <-ctx.Done():
			return verdict, context.Cause(ctx)
		}
	}
}
