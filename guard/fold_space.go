package guard

import "unicode/utf8"

// foldedBuilder writes the Folded view: it squeezes white space and leaves the
// rest to a viewBuilder.
type foldedBuilder struct {
	view viewBuilder
	// A run of white space that was read and not yet written: its bytes of raw,
	// none while to is 0.
	from, to int
}

// done returns the view with spans counted from base. The builder is used up.
func (b *foldedBuilder) done(base int) View {
	b.flush()
	return b.view.done(base)
}

// add adds r, folded already, for raw[from:to]. alone says that nothing else
// comes from there.
func (b *foldedBuilder) add(r rune, from, to int, alone bool) {
	if isSpace(r) {
		b.space(from, to)
		return
	}
	b.flush()
	var buf [utf8.UTFMax]byte
	n := utf8.EncodeRune(buf[:], r)
	if alone && n == to-from {
		b.view.shift(from, buf[:n])
	} else {
		b.view.replace(from, to, buf[:n])
	}
}

// addAll adds the characters of s, folded already, for raw[from:to].
func (b *foldedBuilder) addAll(s []byte, from, to int) {
	alone := utf8.RuneCount(s) == 1
	for len(s) > 0 {
		r, size := utf8.DecodeRune(s)
		b.add(r, from, to, alone)
		s = s[size:]
	}
}

// ascii adds raw[from:to], which is ASCII without invisible characters.
func (b *foldedBuilder) ascii(from, to int) {
	for from < to {
		end := b.wordsEnd(from, to)
		if end == from {
			end++
			b.space(from, end)
		} else {
			b.flush()
			b.view.lower(from, end)
		}
		from = end
	}
}

// wordsEnd returns the end of the words from i that single spaces part. A space
// whose neighbours could be white space is left out.
func (b *foldedBuilder) wordsEnd(i, to int) int {
	raw := b.view.raw
	if b.to > 0 && isSpaceASCII[raw[i]] {
		return i
	}
	for i < to && (!isSpaceASCII[raw[i]] || raw[i] == ' ' && i+1 < to && !isSpaceASCII[raw[i+1]]) {
		i++
	}
	return i
}

func (b *foldedBuilder) space(from, to int) {
	if b.to == 0 {
		b.from = from
	}
	b.to = to
}

// flush writes the white space that was read, if any, as one space.
func (b *foldedBuilder) flush() {
	if b.to == 0 {
		return
	}
	if b.to-b.from == 1 {
		b.view.shift(b.from, []byte{' '})
	} else {
		b.view.replace(b.from, b.to, []byte{' '})
	}
	b.to = 0
}

var isSpaceASCII = func() (space [256]bool) {
	for c := range rune(utf8.RuneSelf) {
		space[c] = isSpace(c)
	}
	return space
}()
