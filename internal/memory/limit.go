// Package memory says when the process has as much memory as it may have.
package memory

import (
	"errors"
	"math"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
)

// Limit is how many bytes Go's side of this process may have: configured, where that is
// not 0; else GOMEMLIMIT; else half of what the container may have, or the machine has, as
// the other half is for models, which are outside Go's memory. The collector is told to
// keep to it. 0 is no limit: nobody knows one here, or GOMEMLIMIT is off.
func Limit(configured int64) int64 {
	limit := configured
	if limit == 0 && os.Getenv("GOMEMLIMIT") == "off" {
		return 0
	}
	if limit == 0 {
		limit = debug.SetMemoryLimit(-1) // asks only
	}
	if limit == math.MaxInt64 {
		limit = available(os.ReadFile) / 2
	}
	if limit > 0 {
		debug.SetMemoryLimit(limit)
	}
	return limit
}

// available is what the container may have, by its control group of either version, and at
// most what the machine has; 0 if neither says.
func available(read func(path string) ([]byte, error)) int64 {
	least := int64(0)
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		least = lesser(least, bytesIn(read(path)))
	}
	return lesser(least, machine(read("/proc/meminfo")))
}

// lesser takes 0 for unknown.
func lesser(a, b int64) int64 {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

// bytesIn reads a file that holds a number or "max".
func bytesIn(content []byte, err error) int64 {
	n, wrong := strconv.ParseInt(strings.TrimSpace(string(content)), 10, 64)
	if errors.Join(err, wrong) != nil {
		return 0
	}
	return n
}

// machine reads MemTotal of /proc/meminfo, which is in KiB.
func machine(content []byte, err error) int64 {
	_, after, found := strings.Cut(string(content), "MemTotal:")
	if err != nil || !found {
		return 0
	}
	number, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	return bytesIn([]byte(number), nil) << 10
}
