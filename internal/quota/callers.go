package quota

import (
	"errors"
	"sync"
	"time"
)

// What a caller may have had enough of. An *Error wraps the first with how long to wait.
var (
	ErrRate     = errors.New("more a second than a caller may ask for")
	ErrInFlight = errors.New("as many texts of a caller as may be judged at a time")
	ErrCalls    = errors.New("as many calls as a caller may have")
	ErrStreams  = errors.New("as many streams as a caller may have")
)

// Error says which limit was met, and after how long there is room again.
type Error struct {
	Limit      error
	RetryAfter time.Duration
}

func (e *Error) Error() string { return e.Limit.Error() }
func (e *Error) Unwrap() error { return e.Limit }

// Callers keeps account of every caller by its name. One who has nothing open, and
// whose buckets are full, is forgotten: there are never many more than were there in
// the time that a bucket takes to fill. It is safe for concurrent use.
type Callers struct {
	cfg Config
	now func() time.Time

	mu    sync.Mutex
	by    map[string]*account
	sweep int // how many there may be before those who left are looked for
}

type account struct {
	texts, bytes             Bucket
	inFlight, calls, streams int
}

// fewCallers are never swept.
const fewCallers = 1024

// NewCallers returns the accounts of nobody yet.
func NewCallers(cfg Config) *Callers {
	return &Callers{cfg: cfg, now: time.Now, by: make(map[string]*account), sweep: fewCallers}
}

// Enter admits a text of so many bytes, or returns an *Error. leave ends it, and says
// how many bytes it came to in the end: a growing text begins with none.
func (c *Callers) Enter(caller string, bytes int) (leave func(total int), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, now := c.account(caller), c.now()
	if c.cfg.TextsInFlight > 0 && a.inFlight >= c.cfg.TextsInFlight {
		return nil, &Error{ErrInFlight, untilOneEnds}
	}
	if wait := max(a.texts.Wait(now), a.bytes.Wait(now)); wait > 0 {
		return nil, &Error{ErrRate, wait}
	}
	a.texts.Take(now, 1)
	a.bytes.Take(now, float64(bytes))
	a.inFlight++
	return func(total int) { c.leave(a, total-bytes) }, nil
}

// untilOneEnds is a guess of when a caller that has as much open as it may has less.
const untilOneEnds = 100 * time.Millisecond

func (c *Callers) leave(a *account, more int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a.inFlight--
	a.bytes.Take(c.now(), float64(max(0, more)))
}

// Open admits a call, a stream or another, or returns an *Error.
func (c *Callers) Open(caller string, stream bool) (closed func(), err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, streams := c.account(caller), 0
	if stream {
		streams = 1
	}
	switch {
	case c.cfg.Streams > 0 && a.streams+streams > c.cfg.Streams:
		return nil, &Error{ErrStreams, untilOneEnds}
	case c.cfg.Calls > 0 && a.calls >= c.cfg.Calls:
		return nil, &Error{ErrCalls, untilOneEnds}
	}
	a.calls, a.streams = a.calls+1, a.streams+streams
	return func() { c.close(a, streams) }, nil
}

func (c *Callers) close(a *account, streams int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a.calls, a.streams = a.calls-1, a.streams-streams
}

// account finds the caller's, or begins one.
func (c *Callers) account(caller string) *account {
	a, ok := c.by[caller]
	if !ok {
		c.forget()
		a = &account{texts: c.bucket(c.cfg.TextsPerSecond), bytes: c.bucket(c.cfg.BytesPerSecond)}
		c.by[caller] = a
	}
	return a
}

func (c *Callers) bucket(perSecond int) Bucket {
	rate := float64(perSecond)
	return Bucket{Rate: rate, Burst: rate * c.cfg.Burst.Seconds()}
}

// forget drops who has left, whenever there are twice as many as stayed the last time.
func (c *Callers) forget() {
	if len(c.by) < c.sweep {
		return
	}
	now := c.now()
	for name, a := range c.by {
		if a.inFlight == 0 && a.calls == 0 && a.texts.full(now) && a.bytes.full(now) {
			delete(c.by, name)
		}
	}
	c.sweep = max(fewCallers, 2*len(c.by))
}
