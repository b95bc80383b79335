package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/portcullis-ai/portcullis/internal/gpu"
)

// machine is where and when it was measured.
type machine struct {
	Day, Version, CPU string
	Cores             int
	Load              float64 // average of the minute before
	Cards             []gpu.Card
}

// describe looks before anything is measured, so that the load is that of others.
func describe(ctx context.Context, o options) (m machine, err error) {
	m = machine{Day: time.Now().Format(time.DateOnly), Cores: runtime.NumCPU()}
	if m.Cards, err = gpu.Cards(ctx); err != nil {
		return m, err
	}
	version, err := exec.CommandContext(ctx, o.Binary, "version").Output() //nolint:gosec // the binary to measure
	if err != nil {
		return m, fmt.Errorf("%s version: %w", o.Binary, err)
	}
	m.Version, m.CPU = strings.TrimSpace(string(version)), processor()
	data, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return m, err
	}
	first, _, _ := strings.Cut(string(data), " ")
	m.Load, err = strconv.ParseFloat(first, 64)
	return m, err
}

// processor is the model of the CPU as Linux names it.
func processor() string {
	data, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}

// busy reports whether others had more than a fifth of the machine.
func (m machine) busy() bool { return m.Load > 0.2*float64(m.Cores) }
