package auth

import (
	"bytes"
	"crypto/sha256"
	"sync/atomic"
)

// reloaded is a value made of files, and made anew when what they hold changes. Files
// that cannot be used leave the value as it was: a certificate half copied must not end
// the service.
type reloaded[T any] struct {
	what  string // for the log
	read  func() ([][]byte, error)
	parse func(files [][]byte) (T, error)

	now   atomic.Pointer[T]
	stale atomic.Bool // the files hold something that could not be used
	seen  [sha256.Size]byte
}

// load reads the value for the first time.
func (r *reloaded[T]) load() error {
	_, err := r.look()
	return err
}

// look reads the files, and exchanges the value if they have changed. It is called by
// one goroutine.
func (r *reloaded[T]) look() (changed bool, err error) {
	files, err := r.read()
	if err != nil {
		r.stale.Store(true)
		return false, err
	}
	sum := sha256.Sum256(bytes.Join(files, []byte{0}))
	if r.now.Load() != nil && sum == r.seen {
		r.stale.Store(false)
		return false, nil
	}
	value, err := r.parse(files)
	if err != nil {
		r.stale.Store(true)
		return false, err
	}
	r.now.Store(&value)
	r.stale.Store(false)
	r.seen = sum
	return true, nil
}

func (r *reloaded[T]) get() T { return *r.now.Load() }
