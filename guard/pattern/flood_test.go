package pattern

import (
	"cmp"
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

// work returns how many steps all machines take on a text, but for its second reading.
func work(tb testing.TB, c *Check, raw string) (all int) {
	tb.Helper()
	t, err := guard.Prepare(raw)
	if err != nil {
		tb.Fatal(err)
	}
	s := c.scan(t, nil)
	defer c.release(s)
	for v, text := range s.views {
		all += askedFor(c.spotters[v], text, s.places[v])
	}
	for _, n := range s.which {
		m := c.matchers[n]
		text, from := s.views[m.rule.View], 0
		slices.SortFunc(s.begins[n], func(a, b begin) int { return cmp.Compare(a.at, b.at) })
		for _, b := range s.begins[n] {
			if int(b.at) < from {
				continue
			}
			all += steps(m.machine, text, int(b.at))
			if end := m.machine.match(nil, text, int(b.at)); end >= 0 && m.judge == nil {
				from = end
			}
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
// of the larger part of them, for every rule. The machines look at no character
// more than some dozens of times, all of them together, however long the text.
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
	for unit, name := range units {
		raw := strings.ToValidUTF8(strings.Repeat(unit, size/len(unit)+1), "?")
		if n := work(t, c, raw); n > most*len(raw) {
			t.Errorf("%s, %q: %d steps a byte", name, unit, n/len(raw))
		}
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
