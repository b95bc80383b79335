package decode

import "slices"

// Views are the views of a text.
type Views struct{ Raw, Clean, Folded string }

// Find returns what the views say to somebody who knows how texts are hidden: one
// reading for each kind that is there, or two, of what reads like language and of
// the rest. What does not fit into the budget is left out.
func Find(v Views, budget *Budget) []Reading {
	f := finder{views: v, budget: budget}
	f.readBits()
	f.readNumbers()
	f.flush()
	f.readEscapes()
	f.readHidden()
	f.readDrift()
	f.readLeet()
	f.readSpaced()
	f.readJoined()
	return f.readings
}

// finder is the state of one Find.
type finder struct {
	views    Views
	budget   *Budget
	readings []Reading
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
		f.placed[k][i] = &builder{view: f.views.Clean, budget: f.budget}
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
	if len(b.pieces) > 0 {
		f.readings = append(f.readings, b.reading(k, language))
	}
}

// edits returns a builder for a reading that is the view with stretches replaced.
func (f *finder) edits(view string) builder { return builder{view: view, budget: f.budget} }
