package server

import (
	"container/list"
	"sort"
	"sync"
	"time"
)

// lobby is where messages are read. Who finds it full takes the place of who has been there
// for the longest: an honest message is there at once.
type lobby struct {
	room     int           // 0: for all
	patience time.Duration // with one message

	mu      sync.Mutex
	inside  list.List // of *reader, in the order in which they came
	watched bool      // a timer runs for who came first then: one for all costs a message nothing
}

// reader is one message that is being read.
type reader struct {
	caller string
	since  time.Time
	ended  chan error // how: it was read or put out, with room for both
	place  *list.Element
}

// enter lets one in until it leaves.
func (b *lobby) enter(caller string) *reader {
	r := &reader{caller: caller, since: time.Now(), ended: make(chan error, 2)}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.room > 0 && b.inside.Len() >= b.room {
		b.put(b.inside.Front(), errSlowMessage)
	}
	r.place = b.inside.PushBack(r)
	if !b.watched {
		b.watch(b.patience)
	}
	return r
}

func (b *lobby) leave(r *reader) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.inside.Remove(r.place) // nothing if it was put out
}

// put puts one out, and tells it why.
func (b *lobby) put(place *list.Element, why error) {
	b.inside.Remove(place).(*reader).ended <- why
}

// watch looks for who is late after d. Nothing need stop it: it ends when nobody is inside.
func (b *lobby) watch(d time.Duration) {
	b.watched = true
	time.AfterFunc(d, b.hurry)
}

// hurry puts out who has been inside for longer than anybody may, and looks again when the
// next one will have been.
func (b *lobby) hurry() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.watched = false
	for first := b.inside.Front(); first != nil; first = b.inside.Front() {
		if left := b.patience - time.Since(first.Value.(*reader).since); left > 0 {
			b.watch(left)
			return
		}
		b.put(first, errSlowMessage)
	}
}

// squeeze puts out some until there are no more than so many: those who came first, of
// callers that have more inside than the others. So who begins many messages and ends none
// has its own ended, and no other's.
func (b *lobby) squeeze(most int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.inside.Len() <= most {
		return
	}
	has := b.count()
	each := share(has, most)
	for next := b.inside.Front(); next != nil; {
		r := next.Value.(*reader)
		if next = next.Next(); has[r.caller] > each {
			has[r.caller]--
			b.put(r.place, errNoMemory)
		}
	}
	for b.inside.Len() > most { // more callers than places
		b.put(b.inside.Front(), errNoMemory)
	}
}

// count is how many are inside by caller.
func (b *lobby) count() map[string]int {
	has := make(map[string]int)
	for e := b.inside.Front(); e != nil; e = e.Next() {
		has[e.Value.(*reader).caller]++
	}
	return has
}

// share is how many each caller may keep of those that it has, one at least, so that all
// together have no more than so many.
func share(has map[string]int, most int) int {
	return 1 + sort.Search(most, func(more int) bool {
		sum := 0
		for _, n := range has {
			sum += min(n, more+2)
		}
		return sum > most
	})
}

// squeeze is for when memory gets tight: what unfinished messages of callers come to shall
// be an eighth of it. When memory is full it is too late for that, as they come as fast as
// the line and all of it is alive.
func (s *Server) squeeze() {
	const part, few = 8, 8
	s.readers.squeeze(max(few, int(s.memory.Limit())/part/s.message))
}
