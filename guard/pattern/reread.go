package pattern

import (
	"math"
	"slices"
	"sort"
)

// unread is the reach of a run that was not made.
const unread = math.MaxUint32

// stretch is what the smoothed text and the folded one have in common between two gaps.
type stretch struct {
	from, to int  // of the folded text
	by       int  // how much further on it stands in the smoothed one
	apart    bool // no word goes on into it from what stands before
	last     bool
}

// stretch returns the one before the gap, or behind the last one.
func (s *smoothed) stretch(gap int) stretch {
	t := stretch{to: len(s.folded), apart: gap == 0, last: gap == len(s.gaps)}
	if gap > 0 {
		before := s.gaps[gap-1]
		t.from, t.by = int(before.next), int(before.at)-int(before.next)
		t.apart = before.at > 0 && s.text[before.at-1] == ' ' && wordBytes[s.folded[before.next-1]] == 0
	}
	if !t.last {
		t.to = int(s.gaps[gap].start)
	}
	return t
}

// stretchAt returns the stretch that byte i of the folded text is in, or the one in
// front of which it stands.
func (s *smoothed) stretchAt(i int) stretch {
	return s.stretch(sort.Search(len(s.gaps), func(k int) bool { return int(s.gaps[k].next) > i }))
}

// begins reports whether what stands at i is read alike in both texts, as far as that
// hangs on what is before it.
func (t stretch) begins(i int) bool { return i > t.from || i == t.from && t.apart }

// ends reports whether both texts are the same from i to reach.
func (t stretch) ends(reach int) bool { return t.last || reach <= t.to }

// reread puts into s.again where matches may begin in the smoothed text that hold marks
// or follow them. The folded text has been read, and what is the same in both is not
// looked at again.
func (c *Check) reread(s *subject) {
	spotter, text, places, seam := c.spotters[Folded], s.smoothed.string(), s.places[Folded], 0
	t := s.smoothed.stretch(0)
	for k, g := range s.smoothed.gaps {
		for ; len(places) > 0 && int(places[0].at)+sieved <= t.to; places = places[1:] {
			if p := places[0]; !t.ends(int(p.reach)) && t.begins(int(p.at)) {
				p.at += uint32(t.by)
				spotter.ask(text, p, &s.again)
			}
		}
		seam, t = max(seam, t.to+t.by-sieved+1), s.smoothed.stretch(k+1)
		end := int(g.at)
		if !t.apart {
			end = min(end+1, len(text))
		}
		spotter.lookCloser(text, seam, end, &s.again)
		seam = max(seam, end)
	}
	for _, n := range s.which {
		if m := c.matchers[n]; m.rule.View == Folded && !m.rule.Weak {
			s.runAgain(n)
		}
	}
	slices.Sort(s.again.which)
}

// runAgain puts into s.again where runs of the expression through the folded text that
// began apart from marks have come upon some behind their lead.
func (s *subject) runAgain(n uint32) {
	for _, b := range s.begins[n] {
		at := int(b.at)
		t := s.smoothed.stretchAt(at)
		if t.begins(at) && t.ends(at+b.lead.bytes()) && !t.ends(int(b.reach)) {
			s.again.add(n, begin{at: uint32(at + t.by), lead: b.lead})
		}
	}
}
