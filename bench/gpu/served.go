package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/portcullis-ai/portcullis/internal/gpu"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// served is what the whole service does, asked over gRPC streams from this machine.
type served struct {
	Load     gpu.Load
	Texts    int
	Rate     float64 // texts a second
	P50, P99 time.Duration
	Alone    time.Duration // one text at a time, median
}

// serve starts the service with a model and sends it the mix of lengths.
func (o options) serve(ctx context.Context, dir string) (served, error) {
	subject, err := gpu.OpenSubject(dir)
	if err != nil {
		return served{}, err
	}
	service, err := gpu.StartService(ctx, o.Binary, "--model", dir, "--provider", o.Provider,
		"--library", os.Getenv("PORTCULLIS_ONNXRUNTIME_LIBRARY"), "--set", "server.default_deadline=60s")
	if err != nil {
		return served{}, err
	}
	defer service.Stop() //nolint:errcheck // it was measured
	load := gpu.Load{Conn: service.Conn, Streams: 8, Window: 64}
	if o.Provider == "cpu" {
		load.Streams, load.Window = 1, 2*runtime.GOMAXPROCS(0) // more would wait beyond any deadline
	}
	draw, texts := gpu.NewDraw(4), make([]string, o.Texts)
	for i, n := range draw.Mix(o.Texts, subject.Model.Manifest().Window.Tokens) {
		texts[i] = draw.Text(subject.Words, n)
	}
	some := texts[:min(len(texts), 200)]
	load.Run(ctx, some) // the first ones find the service cold
	full, alone := load.Run(ctx, texts), gpu.Load{Conn: service.Conn, Streams: 1, Window: 1}.Run(ctx, some)
	for _, out := range []gpu.Outcome{full, alone} {
		if err := scored(out, subject.Model.Manifest().Check); err != nil {
			return served{}, err
		}
	}
	n := len(full.Took)
	return served{
		Load: load, Texts: n, Rate: float64(n) / full.Elapsed.Seconds(),
		P50: full.Took[n/2], P99: full.Took[n*99/100], Alone: alone.Took[len(alone.Took)/2],
	}, nil
}

// scored is an error unless the model has seen every text: a service that refuses or
// fails is fast.
func scored(out gpu.Outcome, check string) error {
	if len(out.Verdicts) != out.Sent || len(out.Ended) > 0 {
		return fmt.Errorf("%d verdicts on %d texts, %d rejected: %v %v", len(out.Verdicts), out.Sent, len(out.Rejected), out.Rejected, out.Ended)
	}
	for _, v := range out.Verdicts {
		for _, c := range v.GetChecks() {
			if c.GetCheck() == check && c.GetState() != pb.CheckState_CHECK_STATE_COMPLETED {
				return fmt.Errorf("the model did not see a text: %v", c)
			}
		}
	}
	return nil
}
