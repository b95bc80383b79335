package batching

// ring is a circular list whose links live inside its members: to join, to
// leave and to pass the turn allocate nothing and cost the same in any ring.
// The zero ring is empty.
type ring[T any] struct{ head *link[T] }

// link is a member's place in a ring. It belongs to one ring at a time.
type link[T any] struct {
	of         *T
	prev, next *link[T]
}

func (r *ring[T]) empty() bool { return r.head == nil }

// push adds l at the end: its turn comes after everyone's who is here.
func (r *ring[T]) push(l *link[T]) {
	if r.head == nil {
		l.prev, l.next = l, l
		r.head = l
		return
	}
	l.prev, l.next = r.head.prev, r.head
	l.prev.next, l.next.prev = l, l
}

// turn sends the head to the end.
func (r *ring[T]) turn() { r.head = r.head.next }

// remove takes l, which must be a member, out of the ring.
func (r *ring[T]) remove(l *link[T]) {
	if l.next == l {
		r.head = nil
	} else if r.head == l {
		r.head = l.next
	}
	l.prev.next, l.next.prev = l.next, l.prev
	l.prev, l.next = nil, nil
}
