package main

import (
	"context"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/metrics"
)

// benchWords is English, about five bytes a token.
const benchWords = "The committee met on Tuesday to look at the figures of the last quarter, and found little to add. "

// BenchmarkValidate is one text on its way through every check and back, with a model
// that costs nothing: all but gRPC and the model.
func BenchmarkValidate(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"40 tokens", 200}, {"400 tokens", 2000}} {
		text := strings.Repeat(benchWords, size.bytes/len(benchWords)+1)[:size.bytes]
		for name, enabled := range map[string]bool{"cache": true, "no cache": false} {
			b.Run(size.name+"/"+name, func(b *testing.B) { benchValidate(b, text, enabled) })
		}
	}
}

func benchValidate(b *testing.B, text string, cached bool) {
	counter, err := counted()
	if err != nil {
		b.Fatal(err)
	}
	cfg := config.Default()
	cfg.Cache.Enabled = cached
	loader := modelLoader{cfg: cfg, metrics: metrics.New(), log: slog.New(slog.DiscardHandler), devicesChanged: func() {}}
	model := (&stubborn{logit: -4}).model(b, loader, "d", 0)
	defer func() { _ = model.close(context.Background()) }()
	engine, err := builder{cfg: cfg, counter: counter, loader: loader}.engine([]*loadedModel{model})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	began := cpuTime()
	for b.Loop() {
		if _, err := engine.Validate(b.Context(), guard.Request{Text: text}, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((cpuTime()-began).Microseconds())/float64(b.N), "cpu-µs/op")
}

// cpuTime is what the process has used of processors: other than the time that passed,
// it says something on a busy machine too.
func cpuTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it fails only for a bad pointer
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
