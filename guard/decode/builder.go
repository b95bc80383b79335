package decode

import (
	"sort"
	"unicode"
	"unicode/utf8"
)

// reach is how far around a hidden stretch the text is read together with it, in
// bytes: an attack may hide a few of its letters only.
const reach = 96

// apart stands between stretches that have nothing to do with each other.
const apart = " \n\u2042\n "

// builder writes the reading of one kind from left to right. Without any piece it
// holds no memory.
type builder struct {
	view    string
	of      View // which view it is
	budget  *Budget
	text    []byte
	pieces  []piece
	group   uint32
	last    int // the end of what was read so far; with an open group only
	open    bool
	letters int // letters and other characters of words among what was hidden
}

// put adds what view[from:to] says. A stretch that touches the one before is one
// with it.
func (b *builder) put(s []byte, from, to int) {
	if len(s) == 0 || !b.budget.take(len(s)) {
		return
	}
	n := len(b.pieces)
	if n > 0 && !b.pieces[n-1].copied && b.pieces[n-1].group == b.group && int(b.pieces[n-1].to) == from {
		b.pieces[n-1].to = uint32(to)
	} else {
		b.pieces = append(b.pieces, piece{at: uint32(len(b.text)), from: uint32(from), to: uint32(to), group: b.group})
	}
	b.write(s)
}

// word adds what view[from:to] says, a stretch of its own whatever it touches.
func (b *builder) word(s []byte, from, to int) {
	if len(s) == 0 || !b.budget.take(len(s)) {
		return
	}
	b.pieces = append(b.pieces, piece{at: uint32(len(b.text)), from: uint32(from), to: uint32(to), group: b.group})
	b.write(s)
}

func (b *builder) write(s []byte) {
	b.text = append(b.text, s...)
	for _, c := range s {
		if isLetter[c] || c >= utf8.RuneSelf {
			b.letters++
		}
	}
}

// copy adds view[from:to] as it stands.
func (b *builder) copy(from, to int) {
	if from >= to || !b.budget.take(to-from) {
		return
	}
	b.pieces = append(b.pieces, piece{at: uint32(len(b.text)), from: uint32(from), to: uint32(to), group: b.group, copied: true})
	b.text = append(b.text, b.view[from:to]...)
}

// next ends a group.
func (b *builder) next() {
	if len(b.text) > 0 {
		b.text = append(b.text, apart...)
		b.group++
	}
}

// place adds a stretch that is read by itself: parted by a space from one that
// ends close before it, and apart from one that is farther away.
func (b *builder) place(s []byte, from, to int) {
	switch {
	case len(b.text) == 0:
	case from-b.last > reach || from < b.last:
		b.next()
	default:
		b.text = append(b.text, ' ')
	}
	b.put(s, from, to)
	b.last = to
}

// join adds a stretch that goes on where the one before ended, if that is near.
func (b *builder) join(s []byte, from, to int) {
	if len(b.text) > 0 && (from-b.last > reach || from < b.last) {
		b.next()
	}
	b.put(s, from, to)
	b.last = to
}

// edit adds a stretch together with the text around it. Edits come from left to
// right and do not overlap.
func (b *builder) edit(s []byte, from, to int) {
	if b.open && from-b.last <= reach {
		b.copy(b.last, from)
	} else {
		b.finish()
		b.copy(b.runeStart(max(from-reach, 0)), from)
	}
	b.put(s, from, to)
	b.last, b.open = to, true
}

// finish adds what follows the last edit.
func (b *builder) finish() {
	if b.open {
		b.copy(b.last, b.runeStart(min(b.last+reach, len(b.view))))
		b.next()
		b.open = false
	}
}

func (b *builder) runeStart(i int) int {
	for i > 0 && i < len(b.view) && !utf8.RuneStart(b.view[i]) {
		i--
	}
	return i
}

// reading returns what was built.
func (b *builder) reading(k Kind, language bool) Reading {
	return Reading{Kind: k, View: b.of, Text: string(b.text), Language: language, pieces: b.pieces}
}

// groupStart returns where the last group begins in the view.
func (b *builder) groupStart() int {
	i := len(b.pieces) - 1
	from := b.pieces[i].from
	for group := b.pieces[i].group; i >= 0 && b.pieces[i].group == group; i-- {
		from = min(from, b.pieces[i].from)
	}
	return int(from)
}

// roomBack returns where the room begins in the view that leads to the end of what was
// built: of what was built, for a break may be longer than what it parts. Runs of white
// space count once, and what a folded text does not have counts nothing.
func (b *builder) roomBack() int {
	i, n := len(b.text), 0
	for blank := true; i > 0 && n < room; {
		r, size := utf8.DecodeLastRune(b.text[:i])
		i -= size
		switch {
		case unicode.IsSpace(r):
			if !blank {
				n++
			}
			blank = true
		case !unicode.In(r, unicode.Mn, unicode.Cf):
			n, blank = n+1, false
		}
	}
	k := sort.Search(len(b.pieces), func(k int) bool { return int(b.pieces[k].at) > i }) - 1
	p := b.pieces[max(k, 0)]
	from, _ := p.source(i, i+1)
	return from
}
