package decode

import "slices"

// Views are the views of a text.
type Views struct{ Raw, Clean, Folded string }

func (v *Views) of(which View) string {
	switch which {
	case Raw:
		return v.Raw
	case Clean:
		return v.Clean
	default:
		return v.Folded
	}
}

// Tail says, for each view, from which byte on what follows the text may change
// what is read there: something hidden is still open, or may have begun.
type Tail struct{ Raw, Clean, Folded int }

// Find returns what the views say to somebody who knows how texts are hidden: one
// reading for each kind that is there, or two, of what reads like language and of
// the rest. What does not fit into the budget is left out.
func Find(v Views, budget *Budget) ([]Reading, Tail) {
	f := finder{views: v, budget: budget}
	f.tail = Tail{len(v.Raw) - 2*reach, len(v.Clean) - 2*reach, len(v.Folded) - 2*reach}
	f.readBits()
	f.readNumbers()
	f.flush()
	f.readEscapes()
	f.readHidden()
	f.readDrift()
	f.readLeet()
	f.readSpaced()
	f.readJoined()
	f.readBroken()
	f.readTurned()
	return f.readings, f.tail
}

// finder is the state of one Find.
type finder struct {
	views    Views
	budget   *Budget
	readings []Reading
	tail     Tail
	// placed are the readings of kinds whose stretches are each read by themselves:
	// those that read like language, and those that do not.
	placed [Numbers + 1][2]*builder

	block block // of bits.go, for all runs
	done  int   // the end of the last run of bits.go
}

// found files what clean[from:to] says.
func (f *finder) found(k Kind, s []byte, from, to int) {
	s = slices.DeleteFunc(s, func(c byte) bool { return c == 0 }) // of UTF-16
	i := 0
	if language(s) {
		i = 1
	}
	f.builder(k, i).place(s, from, to)
}

// join files what clean[from:to] says, which goes on where the last stretch of the
// kind ended if that is near.
func (f *finder) join(k Kind, s []byte, from, to int) {
	f.builder(k, 0).join(s, from, to)
}

func (f *finder) builder(k Kind, i int) *builder {
	if f.placed[k][i] == nil {
		f.placed[k][i] = &builder{view: f.views.Clean, of: Clean, budget: f.budget}
	}
	return f.placed[k][i]
}

// flush makes readings of what was found.
func (f *finder) flush() {
	for k := range f.placed {
		for i := range f.placed[k] {
			if b := f.placed[k][i]; b != nil {
				f.add(b, Kind(k), i == 1 || Kind(k) == Numbers && language(b.text))
			}
		}
	}
}

// add files a reading that was built at once.
func (f *finder) add(b *builder, k Kind, language bool) {
	if len(b.pieces) == 0 {
		return
	}
	f.readings = append(f.readings, b.reading(k, language))
	if last := b.pieces[len(b.pieces)-1]; int(last.to)+2*reach >= len(b.view) {
		at := b.groupStart()
		if k == Broken {
			at = max(at, b.roomBack())
		}
		f.open(k, b.of, at)
	}
}

// room is how far back from its end a text is looked at for what is as long as what
// it hides: a phrase of it, and the words around.
const room = 768

// open notes that what begins at the byte of the view may go on. Any text can
// be taken to go on without end in a kind that is as long as what it hides, so of
// that only the room of a phrase counts.
func (f *finder) open(k Kind, v View, at int) {
	if k.Even() && v == Folded {
		at = max(at, len(f.views.Folded)-room)
	}
	switch v {
	case Raw:
		f.tail.Raw = min(f.tail.Raw, at)
	case Clean:
		f.tail.Clean = min(f.tail.Clean, at)
	case Folded:
		f.tail.Folded = min(f.tail.Folded, at)
	}
}

// edits returns a builder for a reading that is the view with stretches replaced.
func (f *finder) edits(v View) builder {
	return builder{view: f.views.of(v), of: v, budget: f.budget}
}
