package main

import (
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"time"

	"github.com/portcullis-ai/portcullis/internal/gpu"
	"github.com/portcullis-ai/portcullis/internal/process"
)

// machine is where and when it was measured.
type machine struct {
	Day, Version, CPU string
	Cores             int
	Cards             []gpu.Card
	Others            float64 // share of the machine that others had meanwhile
}

// describe names the machine and what is measured on it.
func describe(ctx context.Context, o options) (m machine, err error) {
	m = machine{Day: time.Now().Format(time.DateOnly), Cores: runtime.NumCPU(), CPU: process.CPUName()}
	if m.Cards, err = gpu.Cards(ctx); err != nil {
		return m, err
	}
	version, err := exec.CommandContext(ctx, o.Binary, "version").Output() //nolint:gosec // the binary to measure
	if err != nil {
		return m, fmt.Errorf("%s version: %w", o.Binary, err)
	}
	m.Version = strings.TrimSpace(string(version))
	return m, nil
}
