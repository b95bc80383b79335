package process

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// CPUName is the model of the processor as Linux names it.
func CPUName() string {
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

// Work is processor time since some moment: of the whole machine, and of this process
// with those that it started and has waited for.
type Work struct{ All, Own time.Duration }

// Working tells how much there was so far.
func Working() (w Work, err error) {
	data, err := os.ReadFile("/proc/stat")
	if err != nil {
		return w, err
	}
	first, _, _ := strings.Cut(string(data), "\n")
	for i, field := range strings.Fields(first) {
		if i == 0 || i == 4 || i == 5 || i > 8 { // its name, idle, waiting for a disk, guests (counted before)
			continue
		}
		n, err := strconv.Atoi(field)
		if err != nil {
			return w, fmt.Errorf("/proc/stat: %w", err)
		}
		w.All += time.Duration(n) * tick
	}
	for _, who := range []int{syscall.RUSAGE_SELF, syscall.RUSAGE_CHILDREN} {
		var used syscall.Rusage
		if err := syscall.Getrusage(who, &used); err != nil {
			return w, err
		}
		w.Own += time.Duration(used.Utime.Nano() + used.Stime.Nano())
	}
	return w, nil
}

// Others is which share of the machine other programs had since before.
func (w Work) Others(before Work, elapsed time.Duration) float64 {
	foreign := (w.All - before.All) - (w.Own - before.Own)
	return max(0, foreign.Seconds()) / (elapsed.Seconds() * float64(runtime.NumCPU()))
}
