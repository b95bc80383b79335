// Package sink stands between those who write lines and the place where the lines go.
// A place that is slow, full, broken or hangs holds up nobody who writes: lines that it
// does not take in time are lost and counted.
package sink
