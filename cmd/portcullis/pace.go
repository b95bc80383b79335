package main

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
	"github.com/portcullis-ai/portcullis/model"
)

// pace is how batches are given to a device; see batching.Executor.
type pace struct {
	inFlight, maxItems, maxCost int
	cost                        func(count, longest, sum int) int
	alone                       bool // only for the text that is alone
}

const (
	cardInFlight = 2   // one is filled while one is computed
	cardMaxItems = 256 // texts in a batch, as many as the batcher looks at
)

// cpuPace is a text at a time at its own length, as many as there are cores: on a
// CPU a batch gains nothing and its padding costs.
func cpuPace(window int) pace {
	return pace{inFlight: runtime.GOMAXPROCS(0), maxItems: 1, maxCost: window, cost: batching.Padded(0)}
}

// lonePace is a text that is alone, with all the cores.
func lonePace(window int) pace {
	p := cpuPace(window)
	p.inFlight, p.alone = 1, true
	return p
}

// cardPace lets batches grow to as many tokens as were measured to be worth it.
// tokens is how a card counts those of a batch.
func cardPace(s speed, tokens func(count, longest, sum int) int) pace {
	return pace{inFlight: cardInFlight, maxItems: cardMaxItems, maxCost: s.fixed + s.budget, cost: func(count, longest, sum int) int {
		return s.fixed + tokens(count, longest, sum)
	}}
}

// paceOf warms a device, measures it if it is a card, and says how to use it. text
// is the longest that the model allows.
func (l modelLoader) paceOf(ctx context.Context, name string, at place, s *ort.Session, text inference.Encoding) (pace, error) {
	if l.runtime.Info().Provider == ort.CPU {
		p := cpuPace(text.Len())
		if at.lone > 0 {
			p = lonePace(text.Len())
		}
		return p, atOnce(ctx, p.inFlight, s, []inference.Encoding{text})
	}
	began := time.Now()
	c := card{backend: s, tokens: s.Tokens, text: text, limit: l.cfg.ONNXRuntime.Card.BatchTime}
	v, err := c.prepare(ctx)
	if err != nil {
		return pace{}, err
	}
	log := l.log.With(slog.String("device", name))
	if v.failed != nil {
		log.WarnContext(ctx, "larger batches do not run", slog.Any("error", v.failed))
	}
	log.LogAttrs(ctx, slog.LevelInfo, "device measured",
		slog.Duration("call", v.call), slog.Int("call_in_tokens", v.fixed), slog.Float64("tokens_per_second", v.perSecond()),
		slog.Int("batch_tokens", v.budget), slog.Duration("took", time.Since(began).Round(time.Millisecond)))
	return cardPace(v, s.Tokens), nil
}

// newBatcher puts one executor for each device behind one queue. forget is called when
// one of them is retired.
func (l modelLoader) newBatcher(m model.Manifest, ds devices, forget func()) (*batching.Batcher[inference.Encoding, []float32], error) {
	executors := make([]batching.Executor[inference.Encoding, []float32], len(ds))
	for i, d := range ds {
		executors[i] = batching.Executor[inference.Encoding, []float32]{
			Name: d.name, Run: d.backend.Run, Healthy: d.test, TestEvery: l.cfg.Trust.SelfTestEvery, TestLimit: d.limit,
			InFlight: d.pace.inFlight, MaxItems: d.pace.maxItems, MaxCost: d.pace.maxCost, Cost: d.pace.cost, Alone: d.pace.alone,
		}
	}
	return batching.New(l.cfg.Batching, inference.Encoding.Len, executors, batching.WithObserver(l.observer(m.Name, forget)))
}

// atOnce runs a batch n times at once, so that the memory of a busy moment is
// taken before the first request.
func atOnce(ctx context.Context, n int, b inference.Backend, batch []inference.Encoding) error {
	done := make(chan error, n)
	for range n {
		go func() {
			_, err := b.Run(ctx, batch)
			done <- err
		}()
	}
	var failed error
	for range n {
		if err := <-done; err != nil {
			failed = fmt.Errorf("warm-up: %w", err)
		}
	}
	return failed
}
