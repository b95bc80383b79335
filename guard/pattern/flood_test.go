package pattern

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/portcullis-ai/portcullis/guard"
)

// steps counts the characters that a machine looks at from a place.
func steps(m *machine, text string, at int) int {
	n, t := 0, m.known.Load()
	for s, i := m.start(t, kindBefore(text, at)), at; s&^matched != over; n++ {
		class, size := m.classes.at(text, i)
		s, i = m.next(t, s, class), i+size
	}
	return n
}

// work returns how many steps all machines take on a text.
func work(c *Check, s *subject) (all int) {
	for v, text := range s.views {
		all += askedFor(c.spotters[v], text, s.places[v])
	}
	for _, n := range s.which {
		m := c.matchers[n]
		all += stepsOf(m, s.views[m.rule.View], s.begins[n])
	}
	return all
}

// stepsOf returns how many steps a machine takes from the places where matches may begin.
func stepsOf(m matcher, text string, begins []begin) (all int) {
	from := 0
	slices.SortFunc(begins, func(a, b begin) int { return cmp.Compare(a.at, b.at) })
	for _, b := range begins {
		if int(b.at) < from {
			continue
		}
		all += steps(m.machine, text, int(b.at))
		if end := m.machine.match(nil, text, int(b.at)); end >= 0 && m.judge == nil {
			from = end
		}
	}
	return all
}

// askedFor returns how many steps machines take at most before a run from the places of a
// text is of interest.
func askedFor(s *spotter, text string, places []place) (all int) {
	for _, p := range places {
		if p.families&longOnes == 0 {
			continue
		}
		word := wordAt(text, int(p.at))
		nothing, more := s.long.beginningWith(word)
		for _, t := range slices.Concat(nothing, more) {
			if uint32(word>>32)&t.mask == t.bytes {
				all += lasting * int(t.n)
			}
		}
	}
	return all
}

// TestFloods makes texts of nothing but what rules begin with, and of matches and
// of the larger part of them, for every rule, and of what judges look for. The machines look at no character
// more than some dozens of times, all of them together, however long the text; nor do the judges of
// all matches, nor does what reads the text once more without its marks.
func TestFloods(t *testing.T) {
	t.Parallel()
	const most, size = 64, 2 << 10
	c := Shared(t)
	units := make(map[string]string) // whose it is, by unit
	for _, m := range c.matchers {
		hit := m.rule.Hits[0]
		for _, unit := range []string{hit + " ", hit[:len(hit)*3/4], m.leading[0], strings.Join(m.leading, " ")} {
			units[unit] = m.rule.ID
		}
	}
	for i, unit := range floods() {
		units[unit] = fmt.Sprint("flood ", i)
	}
	for unit, name := range units {
		raw := strings.ToValidUTF8(strings.Repeat(unit, size/len(unit)+1), "?")
		text, err := guard.Prepare(raw)
		if err != nil {
			t.Fatal(err)
		}
		s := c.scan(text, nil)
		for what, n := range map[string]int{"machines": work(c, s), "judges": judging(c, s), "marks": smoothing(c, s)} {
			if n > most*len(raw) {
				t.Errorf("%s, %q: %d steps a byte of %s", name, unit, n/len(raw), what)
			}
		}
		c.release(s)
	}
}

// BenchmarkFlood has 64 KiB and 1 MiB of the literals of all rules.
func BenchmarkFlood(b *testing.B) {
	c := Shared(b)
	var unit strings.Builder
	for _, m := range c.matchers {
		unit.WriteString(strings.Join(m.leading, " ") + " ")
	}
	for name, size := range map[string]int{"64KB": 64 << 10, "1MB": 1 << 20} {
		text, err := guard.Prepare(strings.ToValidUTF8(strings.Repeat(unit.String(), size/unit.Len()+1)[:size], "?"))
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Inspect(b.Context(), text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkLoad reads and proves the rules that come with Portcullis, as a start
// does.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		rules, err := Builtin()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := New(rules); err != nil {
			b.Fatal(err)
		}
	}
}
