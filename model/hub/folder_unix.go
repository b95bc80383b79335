//go:build unix

package hub

import (
	"fmt"
	"os"
	"syscall"
)

// lockFolder keeps other pulls out of dir until release. It locks the folder
// itself: the kernel lets go of it when a process dies, so nothing is left over
// that a person would have to delete.
func lockFolder(dir string) (release func(), err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // the service may run as another user
		return nil, err
	}
	f, err := os.Open(dir) //nolint:gosec // the caller chooses its folder
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", dir, ErrBusy)
	}
	return func() { f.Close() }, nil
}
