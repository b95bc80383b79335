package sink

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Stats is what became of the lines.
type Stats struct {
	// Crowded is how many lines found no room, as those before were not written yet.
	Crowded uint64
	// Failed is how many lines the place did not take.
	Failed uint64
}

// Sink is a place for lines that never makes its writers wait. One goroutine of its own
// writes them, in the order in which they came. It is safe for concurrent use.
type Sink struct {
	to   io.Writer
	room int
	news chan struct{} // has room for one: there is something to write, or the end
	done chan struct{} // closed when the goroutine has ended

	mu     sync.Mutex // guards what follows
	lines  []byte     // not being written yet
	closed bool
	stats  Stats
}

// New begins to write to a place, with room for so many bytes of lines that wait. Close
// ends it. The place is written to by one goroutine, several lines at a time.
func New(to io.Writer, room int) *Sink {
	s := &Sink{to: to, room: room, news: make(chan struct{}, 1), done: make(chan struct{})}
	go s.run()
	return s
}

// Write takes whole lines, as loggers give them. It keeps no part of p, does not wait
// for the place and never fails: whoever logs could do nothing about it.
func (s *Sink) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.lines)+len(p) > s.room {
		s.stats.Crowded += count(p)
		return len(p), nil
	}
	s.lines = append(s.lines, p...)
	s.announce()
	return len(p), nil
}

// Stats is quick, whatever the place does.
func (s *Sink) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// Close takes no more lines and waits until those that it has are written, or ctx ends:
// that is an error. A write that hangs is then left to itself.
func (s *Sink) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.announce()
	s.mu.Unlock()
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("sink: the last lines are not written: %w", context.Cause(ctx))
	}
}

// announce wakes the goroutine.
func (s *Sink) announce() {
	select {
	case s.news <- struct{}{}:
	default:
	}
}

// run writes what there is until the sink is closed and empty. Two buffers take turns,
// so that in the long run a line costs no memory.
func (s *Sink) run() {
	defer close(s.done)
	var batch []byte
	for range s.news {
		var last bool
		if batch, last = s.take(batch); len(batch) > 0 {
			s.deliver(batch)
		}
		if last {
			return
		}
	}
}

// take gives what waits in exchange for an empty buffer. Nothing comes after the last.
func (s *Sink) take(spare []byte) (batch []byte, last bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch, s.lines = s.lines, spare[:0]
	return batch, s.closed
}

// deliver writes lines and counts those that the place did not take.
func (s *Sink) deliver(lines []byte) {
	n, err := write(s.to, lines)
	if err == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Failed += count(lines[min(max(n, 0), len(lines)):])
}

var errPanicked = errors.New("sink: the writer panicked")

// write makes an error of a panic.
func write(to io.Writer, p []byte) (n int, err error) {
	defer func() {
		if recover() != nil {
			n, err = 0, errPanicked
		}
	}()
	if n, err = to.Write(p); err == nil && n < len(p) {
		err = io.ErrShortWrite
	}
	return n, err
}

func count(lines []byte) uint64 { return uint64(bytes.Count(lines, []byte("\n"))) }
