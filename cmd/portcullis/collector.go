package main

import (
	"os"
	"runtime/debug"
)

// heapGrowth is by how many percent of what is alive Go's heap grows before it is
// collected, in place of Go's 100. A service holds little and throws away much: at 100 a
// good tenth of all but the model is spent on collecting.
const heapGrowth = 400

// collectLess makes the collector take heapGrowth, unless GOGC says otherwise. limit is
// how many bytes Go was told to keep to, and what it costs to keep to them comes first;
// where there is no limit memory would not be bounded, so nothing changes.
func collectLess(limit int64) {
	if _, set := os.LookupEnv("GOGC"); !set && limit > 0 {
		debug.SetGCPercent(heapGrowth)
	}
}
