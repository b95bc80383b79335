package inference

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"sync"
)

// Remembering returns the same classifier with a memory: it runs no window twice.
// It is for one text that is scored while it grows; the memory grows with it.
func (c *Classifier) Remembering() *Classifier {
	return &Classifier{model: c.model, tokenizer: c.tokenizer, run: remember(c.run)}
}

// memory holds the row of each window that was run, by the digest of its ids.
type memory struct {
	mu   sync.Mutex
	rows map[[sha256.Size]byte][]float32
}

// remember returns a Runner that asks run only for what it has not seen.
func remember(run Runner) Runner {
	m := memory{rows: make(map[[sha256.Size]byte][]float32)}
	return func(ctx context.Context, windows []Encoding) ([][]float32, error) {
		keys := make([][sha256.Size]byte, len(windows))
		for i, w := range windows {
			keys[i] = w.digest()
		}
		rows := m.recall(keys)
		var fresh []Encoding
		var at []int
		for i, row := range rows {
			if row == nil {
				fresh, at = append(fresh, windows[i]), append(at, i)
			}
		}
		if len(fresh) == 0 {
			return rows, nil
		}
		more, err := run(ctx, fresh)
		for i, row := range more[:min(len(more), len(at))] {
			rows[at[i]] = row
			m.keep(keys[at[i]], row)
		}
		return rows, err
	}
}

func (m *memory) recall(keys [][sha256.Size]byte) [][]float32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	rows := make([][]float32, len(keys))
	for i, k := range keys {
		rows[i] = m.rows[k]
	}
	return rows
}

// keep remembers a row; a window that was not scored has none.
func (m *memory) keep(key [sha256.Size]byte, row []float32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if row != nil {
		m.rows[key] = row
	}
}

// digest tells windows apart as the model does. It is a cryptographic one: whoever
// found two windows of one digest could have one judged for the other.
func (e Encoding) digest() [sha256.Size]byte {
	b := make([]byte, 0, 4*len(e.IDs))
	for _, id := range e.IDs {
		b = binary.LittleEndian.AppendUint32(b, uint32(id))
	}
	return sha256.Sum256(b)
}
