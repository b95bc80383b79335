package guard

import "slices"

// Origins is a set of origins; the empty one stands for all.
type Origins uint8

// OriginsOf makes a set; of none it makes the set of all.
func OriginsOf(origins ...Origin) (s Origins) {
	for _, o := range origins {
		s |= 1 << o
	}
	return s
}

// Has takes an origin that it does not know for one of the set: what is unknown is
// looked at by all.
func (s Origins) Has(o Origin) bool { return s == 0 || o > OriginSystem || s&(1<<o) != 0 }

// concerning returns the findings that are a risk in a text of this origin. Checks know
// no caller, so they find what would be one elsewhere.
func concerning(o Origin, found []Finding) []Finding {
	other := func(f Finding) bool { return !f.From.Has(o) }
	if !slices.ContainsFunc(found, other) {
		return found
	}
	return slices.DeleteFunc(slices.Clone(found), other) // the check may keep its own
}

// concerning returns what a look has seen that is a risk in a text of this origin.
func (s Sight) concerning(o Origin) Sight {
	s.Found, s.Growing, s.Doubtful = concerning(o, s.Found), concerning(o, s.Growing), concerning(o, s.Doubtful)
	return s
}
