package server

import "sync/atomic"

// admission bounds how many texts are judged at a time. It never makes one wait:
// a queue here would only hide from callers that the service is full.
type admission struct {
	limit int64
	used  atomic.Int64
	gauge func(n int)
}

// enter takes a permit, which leave gives back; it is false if there is none.
func (a *admission) enter() bool {
	if a.used.Add(1) > a.limit {
		a.used.Add(-1)
		return false
	}
	a.gauge(1)
	return true
}

func (a *admission) leave() {
	a.used.Add(-1)
	a.gauge(-1)
}
