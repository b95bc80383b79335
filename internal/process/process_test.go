package process

import (
	"context"
	"errors"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAProgramThatEndsTellsWhy(t *testing.T) {
	p, err := Start("", "sh", "-c", "echo no luck; exit 3")
	if err != nil {
		t.Fatal(err)
	}
	err = p.Await(t.Context(), func(context.Context) error { return errors.New("not yet") })
	if err == nil || !strings.Contains(err.Error(), "no luck") || p.ExitCode() != 3 {
		t.Errorf("%v, exit %d", err, p.ExitCode())
	}
}

func TestCPUCountsWork(t *testing.T) {
	p, err := Start("0", "sh", "-c", "while :; do :; done")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	err = p.Await(ctx, func(context.Context) error {
		if used, err := p.CPU(); err != nil || used < 50*time.Millisecond {
			return errors.Join(err, errors.New("nothing used"))
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestStopEndsAProgramAndSignalsReachIt(t *testing.T) {
	for _, end := range []func(*Process){(*Process).Stop, func(p *Process) { _ = p.Signal(syscall.SIGTERM); <-p.Ended() }} {
		p, err := Start("", "sleep", "600")
		if err != nil {
			t.Fatal(err)
		}
		if end(p); p.ExitCode() != -1 {
			t.Errorf("exit %d, want that of a signal", p.ExitCode())
		}
	}
}
