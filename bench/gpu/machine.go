package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/portcullis-ai/portcullis/internal/gpu"
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
	m = machine{Day: time.Now().Format(time.DateOnly), Cores: runtime.NumCPU(), CPU: processor()}
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

// work is processor time since some moment, in seconds: of the whole machine, and of this
// process with those that it started and has waited for.
type work struct{ all, own float64 }

// ticks is how many a second /proc/stat counts (USER_HZ of Linux, whatever the kernel).
const ticks = 100

func working() (w work, err error) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return w, err
	}
	first, _, _ := strings.Cut(string(data), "\n")
	for i, field := range strings.Fields(first) {
		if i == 0 || i == 4 || i == 5 || i > 8 { // its name, idle, waiting for a disk, guests (counted before)
			continue
		}
		n, err := strconv.ParseFloat(field, 64)
		if err != nil {
			return w, fmt.Errorf("/proc/stat: %w", err)
		}
		w.all += n / ticks
	}
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var used syscall.Rusage
		if err := syscall.Getrusage(who, &used); err != nil {
			return w, err
		}
		w.own += time.Duration(used.Utime.Nano() + used.Stime.Nano()).Seconds()
	}
	return w, nil
}

// others is which share of the machine other programs had between two moments.
func (m machine) others(from, to work, elapsed time.Duration) float64 {
	return max(0, (to.all-from.all)-(to.own-from.own)) / (elapsed.Seconds() * float64(m.Cores))
}
