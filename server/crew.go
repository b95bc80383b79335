package server

import "context"

// crew runs functions on goroutines that it keeps: the stack of a new one has to grow
// before a text is judged on it, which costs microseconds. It has no queue: what finds nobody
// idle gets a goroutine of its own.
type crew chan func()

// work is the life of one of the crew.
func (c crew) work(ctx context.Context) {
	for {
		select {
		case f := <-c:
			f()
		case <-ctx.Done():
			return
		}
	}
}

// run runs f soon and does not wait for it.
func (c crew) run(f func()) {
	select {
	case c <- f:
	default:
		go f()
	}
}
