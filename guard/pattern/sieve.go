package pattern

// place is where a literal may begin, and what says so.
type place struct {
	at, reach uint32 // reach is where what was looked at ends, once it was
	families  families
}

// sift appends the places of the text where a literal may begin, in order. Prose passes
// its time here.
func (s *spotter) sift(text string, places []place) []place {
	if s.long == nil {
		return s.siftShort(text, places)
	}
	if len(text) < gramBytes {
		return s.siftEnd(text, places)
	}
	long, gram, before := s.long, gramAt(text, 0)<<8, uint32(0)
	ahead := text[gramBytes-1:]
	for i := range len(ahead) {
		gram = gram>>8 | uint32(ahead[i])<<24
		first := s.bytes[byte(gram)]
		if long.may(gram, before) || first&(shortElsewhere<<(before&1)) != 0 && s.short.at(gram, before) != 0 {
			places = append(places, s.look(text, i))
		}
		before = first & inWord
	}
	return s.siftEnd(text, places)
}

// siftEnd is sift for the last places, from which on a text has less than four bytes.
func (s *spotter) siftEnd(text string, places []place) []place {
	for i := max(0, len(text)-gramBytes+1); i < len(text); i++ {
		if p := s.look(text, i); p.families != 0 {
			places = append(places, p)
		}
	}
	return places
}

// siftShort is sift where no literal is long.
func (s *spotter) siftShort(text string, places []place) []place {
	for i := range len(text) {
		if s.short.first[0][text[i]] == 0 {
			continue
		}
		if p := s.look(text, i); p.families != 0 {
			places = append(places, p)
		}
	}
	return places
}

// look tells of one place.
func (s *spotter) look(text string, i int) place {
	gram, before := gramAt(text, i), behindWord(text, i)
	f := s.short.at(gram, before)
	if s.long != nil && s.long.may(gram, before) {
		f |= longOnes
	}
	return place{at: uint32(i), families: f}
}

// ask puts into c the expressions that may match what stands at the place, and returns
// where what it looked at ends.
func (s *spotter) ask(text string, p place, c *candidates) uint32 {
	a := asked{spotter: s, candidates: c, text: text, at: int(p.at), reach: int(p.at) + gramBytes}
	if p.families&longOnes != 0 {
		a.long()
	}
	if short := p.families &^ longOnes; short != 0 {
		a.short(short)
	}
	return uint32(a.reach)
}

// asked is a place that is looked at more closely.
type asked struct {
	*spotter
	*candidates
	text      string
	at, reach int
}

func (a *asked) long() {
	word := wordAt(a.text, a.at)
	a.reach += gramBytes
	behindWord := behindWord(a.text, a.at) != 0
	nothing, more := a.spotter.long.beginningWith(word)
	for k := range nothing {
		a.uses(&nothing[k], behindWord)
	}
	for k := range more {
		if t := &more[k]; uint32(word>>32)&t.mask == t.bytes {
			a.uses(t, behindWord)
		}
	}
}

// uses adds the literal for the expressions that may match what stands there.
func (a *asked) uses(t *tail, behindWord bool) {
	uses := a.spotter.long.uses[t.first : t.first+t.n]
	for k := range uses {
		u := &uses[k]
		if u.fresh && behindWord || a.strong && u.weak {
			continue
		}
		ok, reach := a.expressions[u.expression].goesOn(&u.lead, a.text, a.at)
		if a.reach = max(a.reach, reach); ok {
			a.add(u.expression, begin{at: uint32(a.at), lead: &u.lead})
		}
	}
}

func (a *asked) short(f families) {
	for f != 0 {
		for _, e := range a.spotter.short.take(&f) {
			if a.strong && a.expressions[e].weak {
				continue
			}
			ok, reach := a.expressions[e].outline.fits(a.text, a.at, 0)
			if a.reach = max(a.reach, reach); ok {
				a.add(e, begin{at: uint32(a.at)})
			}
		}
	}
}
