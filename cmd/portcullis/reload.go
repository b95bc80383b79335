package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"time"
)

// tend keeps the service as it should be until it closes: it reloads when hangup
// says so or a folder has changed, keeps credentials up to date, and has the files
// verified.
func (s *service) tend(hangup <-chan os.Signal) {
	s.tending.Go(func() { s.reloads(s.life, hangup) })
	s.tending.Go(func() { s.gate.Run(s.life) })
	if every := s.cfg.Trust.VerifyEvery; every > 0 {
		i := &inspector{every: every, rotation: s.rotation, metrics: s.metrics, log: s.log}
		s.tending.Go(func() { i.run(s.life) })
	}
}

// reloads exchanges what is served whenever it should be. One goroutine does all of
// it, so no two reloads meet, and there are never three generations.
func (s *service) reloads(ctx context.Context, hangup <-chan os.Signal) {
	var watch folderWatch
	var tick <-chan time.Time
	if every := s.cfg.Trust.WatchEvery; every > 0 {
		ticker := time.NewTicker(every)
		defer ticker.Stop()
		tick = ticker.C
	}
	for {
		s.metrics.ReadingSince(time.Time{})
		why := "SIGHUP"
		select {
		case <-ctx.Done():
			return
		case <-hangup:
			s.metrics.ReadingSince(time.Now())
		case <-tick:
			s.metrics.ReadingSince(time.Now()) // a volume that hangs would not be noticed otherwise
			if !watch.due(s.served()) {
				continue
			}
			why = "a folder of models, rules or policies has changed"
		}
		watch.trying(s.served())
		watch.ended(!s.reload(ctx, why))
	}
}

// served is what is served. It stays: only this goroutine swaps.
func (s *service) served() *generation {
	now, release := s.room.Acquire()
	release()
	return now
}

// attempt builds a generation and makes an error of a panic: a file that a parser
// stumbles over is one that cannot be loaded, and no reason to stop serving.
func (s *service) attempt(ctx context.Context) (next *generation, err error) {
	defer func() {
		if p := recover(); p != nil {
			next, err = nil, fmt.Errorf("it panicked, please report this: %v\n%s", p, debug.Stack())
		}
	}()
	return s.build(ctx, s.served())
}

// reload builds a generation beside the one that serves, puts it in its place and
// closes the old one when the last text that it judges has its verdict. A generation
// that cannot be built is refused: the old one stays, as it is, and reload is false.
// The end of ctx gives up building.
func (s *service) reload(ctx context.Context, why string) (ok bool) {
	began := time.Now()
	s.log.InfoContext(ctx, "reloading", slog.String("reason", why))
	next, err := s.attempt(ctx)
	switch {
	case ctx.Err() != nil && err != nil:
		s.log.InfoContext(ctx, "reload given up: the service ends")
		return false
	case err != nil:
		s.metrics.Reloaded(false, began)
		s.server.SetReloaded(false)
		s.log.ErrorContext(ctx, "reload refused: what was served is served on", slog.Any("error", err))
		return false
	}
	old, idle := s.room.Swap(next)
	s.show(next)
	s.metrics.Reloaded(true, time.Now())
	s.server.SetReloaded(true)
	s.log.InfoContext(ctx, "reloaded", slog.Any("models", next.names()), slog.Duration("took", time.Since(began).Round(time.Millisecond)))
	<-idle
	if err := closeInTime(ctx, old.close); err != nil {
		s.log.ErrorContext(ctx, "what was served before is not closed", slog.Any("error", err))
	}
	return true
}
