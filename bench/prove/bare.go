package main

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/portcullis-ai/portcullis/inference"
	"github.com/portcullis-ai/portcullis/inference/ort"
)

// bare runs every window once on a session, one at a time in each of so many callers, and
// returns how long all took: the model without anything around it. On a CPU that is the
// ideal grouping; see bench/peers/bare.py for the others.
func bare(ctx context.Context, s *ort.Session, windows []inference.Encoding, callers int) (time.Duration, error) {
	errs := make([]error, callers)
	var next atomic.Int64
	var all sync.WaitGroup
	began := time.Now()
	for i := range callers {
		all.Go(func() {
			for at := next.Add(1) - 1; at < int64(len(windows)) && errs[i] == nil; at = next.Add(1) - 1 {
				_, errs[i] = s.Run(ctx, windows[at:at+1])
			}
		})
	}
	all.Wait()
	took := time.Since(began)
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}

// median returns the middle one of some times.
func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[(len(times)-1)/2]
}
