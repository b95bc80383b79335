package server

import (
	"bufio"
	"crypto/rand"
	"sync"

	"github.com/google/uuid"
)

// ids makes UUIDv7s. Randomness comes for many at a time: asking the system for it costs
// several times as much as the rest of an id. It is safe for concurrent use.
type ids struct {
	mu     sync.Mutex
	random *bufio.Reader
}

// randomBytes is what is asked for at a time; an id takes 16.
const randomBytes = 4 << 10

func newIDs() *ids { return &ids{random: bufio.NewReaderSize(rand.Reader, randomBytes)} }

// next cannot fail: the system's randomness ends the process rather than return an error.
func (i *ids) next() string {
	i.mu.Lock()
	defer i.mu.Unlock()
	return uuid.Must(uuid.NewV7FromReader(i.random)).String()
}
