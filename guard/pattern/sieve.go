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
	var found [sifted]uint32
	for from := 0; from < len(text); from += sifted {
		n := s.pairs.sieve(text, from, min(from+sifted, len(text)), &found)
		for _, at := range found[:s.narrow(text, found[:n])] {
			if p := s.look(text, int(at)); p.families != 0 {
				places = append(places, p)
			}
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

// narrow keeps of the places found those where what follows may go on as literals do, and
// returns how many they are; it leaves those at the end of the text to others. As in
// pairs.sieve no branch hangs on the text.
func (s *spotter) narrow(text string, found []uint32) (n int) {
	f := s.long.filter
	for _, at := range found {
		found[n] = at
		if int(at)+8 > len(text) {
			n++
			continue
		}
		word, before := wordOf(text[at:at+8]), behindWord(text, int(at))
		short := uint64(s.short.at(uint32(word), before))
		n += int((short|-short)>>63 | f.has(keyOfFour(word, before)) | f.has(keyOfSix(word, before)))
	}
	return n
}

// look tells of one place.
func (s *spotter) look(text string, i int) place {
	word, before := wordAt(text, i), behindWord(text, i)
	f := s.short.at(uint32(word), before)
	if s.long != nil && s.long.filter.may(word, before) != 0 {
		f |= longOnes
	}
	return place{at: uint32(i), families: f}
}

// ask puts into c the expressions that may match what stands at the place, and returns
// where what it looked at ends.
func (s *spotter) ask(text string, p place, c *candidates) uint32 {
	a := asked{spotter: s, candidates: c, text: text, at: int(p.at), reach: int(p.at) + sieved}
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
	a.reach = max(a.reach, a.at+enough)
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
	long := a.spotter.long
	for k := t.first; k < t.first+t.n; k++ {
		u := &long.uses[k]
		if u.fresh && behindWord || a.strong && u.weak {
			continue
		}
		ok, reach := u.sequel.follows(a.text, a.at+int(u.size))
		if a.reach = max(a.reach, reach); !ok {
			continue
		}
		ok, reach = a.expressions[u.expression].goesOn(&long.leads[k], a.text, a.at)
		if a.reach = max(a.reach, reach); ok {
			a.add(u.expression, begin{at: uint32(a.at), lead: &long.leads[k]})
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
