package main

import (
	"context"
	"io"
	"log/slog"
	"os/signal"
	"syscall"
	"time"

	"github.com/portcullis-ai/portcullis/internal/config"
	"github.com/portcullis-ai/portcullis/internal/sink"
)

// How much of the log may wait for whoever reads it, some thousands of lines, and how
// long for at the end.
const (
	logRoom = 1 << 20
	logEnd  = time.Second
)

// serviceLog is the log of a service. A line never waits for the terminal, pipe or disk
// that it goes to, and so no verdict does. A reader that has gone does not end the process
// either: without Ignore the next line would.
func serviceLog(ctx context.Context, cfg config.Log, to io.Writer) (*slog.Logger, *sink.Sink, error) {
	signal.Ignore(syscall.SIGPIPE)
	lines := sink.New(to, logRoom)
	log, err := logger(cfg, lines)
	if err != nil {
		endLog(ctx, lines)
		return nil, nil, err
	}
	return log, lines, nil
}

// endLog gives the last lines a moment to be written, whatever became of ctx. What hangs
// is left behind.
func endLog(ctx context.Context, lines *sink.Sink) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), logEnd)
	defer cancel()
	_ = lines.Close(ctx) // there is nowhere to say that it failed
}
