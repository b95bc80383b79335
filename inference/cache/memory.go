package cache

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
)

// key is the digest of a window under the secret of a memory.
type key [sha256.Size]byte

// memory is rows by key, within bytes. It is safe for concurrent use.
type memory struct {
	secret [32]byte
	rows   *otter.Cache[key, []float32]
}

// What is counted beside rows, measured on full memories with some to spare.
const (
	entryBytes = 232     // of an entry: key, node, place in the table, share of the sketch that tells which windows come often
	emptyBytes = 1 << 14 // of a memory without entries
)

func newMemory(bytes int, e *evictions) *memory {
	m := &memory{rows: otter.Must(&otter.Options[key, []float32]{
		MaximumWeight: uint64(bytes - emptyBytes),
		Weigher:       weight,
		StatsRecorder: e,
		Executor:      func(tidy func()) { tidy() }, // by who reads or writes: no goroutine without an owner
	})}
	_, _ = rand.Read(m.secret[:]) // it never fails
	return m
}

// key is stated over a prefix of fixed length, so no two windows give one input.
func (m *memory) key(ids []int32) key {
	const usual = 512 // tokens, for which the stack has room
	input := append(make([]byte, 0, len(m.secret)+4*usual), m.secret[:]...)
	for _, id := range ids {
		input = binary.LittleEndian.AppendUint32(input, uint32(id))
	}
	return sha256.Sum256(input)
}

func (m *memory) recall(k key) ([]float32, bool) { return m.rows.GetIfPresent(k) }

// keep remembers a row if it is one. It copies it: a row may be a part of a whole
// batch's, and values that are not finite are a fault of the device that the next
// run may not have.
func (m *memory) keep(k key, row []float32) {
	if len(row) > 0 && !slices.ContainsFunc(row, broken) {
		m.rows.Set(k, slices.Clone(row))
	}
}

func broken(v float32) bool { return math.IsNaN(float64(v)) || math.IsInf(float64(v), 0) }

// weight is bytes. The allocator rounds a row up to its next size class, by at most a
// fifth (internal/runtime/gc/sizeclasses.go; more for the smallest, for which an entry
// has to spare).
func weight(_ key, row []float32) uint32 {
	bytes := 4 * uint32(len(row))
	return entryBytes + bytes + bytes/5
}

// evictions counts rows that had to make room.
type evictions struct {
	stats.NoopRecorder
	count atomic.Uint64
}

// RecordEviction implements stats.Recorder.
func (e *evictions) RecordEviction(uint32) { e.count.Add(1) }
