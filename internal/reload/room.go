// Package reload exchanges what is served while it is served.
package reload

import "sync"

// Room holds what is served at one moment and lends it. What is lent is a whole:
// whoever borrowed it before a Swap keeps it to the end, whoever comes after gets
// the next, and nobody waits for either. It is safe for concurrent use.
type Room[T any] struct {
	mu  sync.Mutex // guards now, and users and left of every tenant
	now *tenant[T]
}

// tenant is what is or was in the room.
type tenant[T any] struct {
	value   T
	users   int
	left    bool
	idle    chan struct{} // closed when it has left and nobody uses it any more
	release func()        // the same for every borrower, so that lending allocates nothing
}

// NewRoom returns a room that holds first.
func NewRoom[T any](first T) *Room[T] {
	r := &Room[T]{}
	r.now = r.tenant(first)
	return r
}

func (r *Room[T]) tenant(value T) *tenant[T] {
	t := &tenant[T]{value: value, idle: make(chan struct{})}
	t.release = func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		t.users--
		t.settle()
	}
	return t
}

// Acquire lends what the room holds. release gives it back and MUST be called
// once: until then it is not closed.
func (r *Room[T]) Acquire() (value T, release func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.now.users++
	return r.now.value, r.now.release
}

// Swap puts next in the place of what the room holds. idle is closed when the last
// borrower of old has given it back; before, it MUST NOT be closed.
func (r *Room[T]) Swap(next T) (old T, idle <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t := r.now
	r.now = r.tenant(next)
	t.left = true
	t.settle()
	return t.value, t.idle
}

// settle notes that nobody uses what has left. The lock is held.
func (t *tenant[T]) settle() {
	if t.left && t.users == 0 {
		close(t.idle)
	}
}
