package pattern

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// each calls f for 0 to n-1, on as many goroutines as there are processors, and returns
// when all calls have. Of the errors it returns that of the lowest, as if they had been
// called in order. A panic of f goes on in the caller.
func each(n int, f func(i int) error) error {
	var (
		all      sync.WaitGroup
		next     atomic.Int64
		errs     = make([]error, n)
		panicked = make(chan any, n) // has room for all of them
	)
	for range min(n, runtime.GOMAXPROCS(0)) {
		all.Go(func() {
			defer func() {
				if p := recover(); p != nil {
					panicked <- p
				}
			}()
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				errs[i] = f(i)
			}
		})
	}
	all.Wait()
	select {
	case p := <-panicked:
		panic(p)
	default:
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
