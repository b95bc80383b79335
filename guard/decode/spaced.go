package decode

// The letters that it takes: of one word, or of several.
const minSpaced = 4

// readSpaced reads letters that something stands between, "i g n o r e" or
// "i.g.n.o.r.e", and the text around them.
func (f *finder) readSpaced() {
	text := f.views.Folded
	b := f.edits(Folded)
	var word []byte
	for from, to := range unpaired(text, 2*minSpaced-1) {
		for i := from; i < to; {
			s, ok := lettersFrom(text, i, to)
			if !ok {
				i = max(s.end, i+1)
				continue
			}
			if s.end+maxGap >= len(text) {
				f.open(Spaced, Folded, s.start)
			}
			word = s.spell(word[:0], text)
			b.edit(word, s.start, s.end)
			i = s.end
		}
	}
	b.finish()
	f.add(&b, Spaced, b.letters >= minStretch && english(b.text))
}

// unpaired yields the stretches of text, n bytes or longer, in which no two letters
// or digits are neighbours. It looks at the end of where one could be first.
func unpaired(text string, n int) func(yield func(start, end int) bool) {
	return func(yield func(start, end int) bool) {
		for i := 0; i+n <= len(text); {
			k := i + n - 2
			for k >= i && (!isWordByte[text[k]] || !isWordByte[text[k+1]]) {
				k--
			}
			if k >= i {
				i = k + 1
				continue
			}
			end := i + n
			for end < len(text) && (!isWordByte[text[end-1]] || !isWordByte[text[end]]) {
				end++
			}
			if !yield(i, end) {
				return
			}
			i = end
		}
	}
}

// isWordByte tells bytes of words. Those of letters outside ASCII are never alone.
var isWordByte = func() (set [256]bool) {
	for c := range set {
		set[c] = isAlnum[c] || c >= 0x80
	}
	return set
}()

// sequence is a row of single letters.
type sequence struct {
	start, end int
	gap        uint32 // what most letters of it have between them
	several    bool   // other gaps too: they part words
}

// maxGap is the most that may stand between two letters, in bytes.
const maxGap = 3

// lettersFrom reads the letters of text[i:to]. Where there are too few it returns
// where they end.
func lettersFrom(text string, i, to int) (s sequence, ok bool) {
	for i < to && !alone(text, i) {
		i++
	}
	s.start, s.end = i, i
	count, votes := 0, 0
	for i < to && alone(text, i) {
		count++
		i++
		s.end = i
		next := i
		for next < to && next-i <= maxGap && !isWordByte[text[next]] {
			next++
		}
		if next == to || next-i > maxGap || !alone(text, next) {
			break
		}
		g := gapOf(text[i:next])
		switch { // the majority, by Boyer and Moore
		case votes == 0:
			s.several = s.several || count > 1 && g != s.gap
			s.gap, votes = g, 1
		case g == s.gap:
			votes++
		default:
			s.several = true
			votes--
		}
		i = next
	}
	return s, count >= minSpaced
}

// alone reports whether text[i] is a letter or digit with no other beside it.
func alone(text string, i int) bool {
	return isAlnum[text[i]] && (i == 0 || !isWordByte[text[i-1]]) && (i+1 == len(text) || !isWordByte[text[i+1]])
}

func gapOf(s string) (gap uint32) {
	for i := range len(s) {
		gap = gap<<8 | uint32(s[i])
	}
	return gap
}

// longWord is from where on a word that is not known may be several.
const longWord = 10

// spell appends the words of a sequence to dst: those that its gaps part, the long
// ones taken apart.
func (s sequence) spell(dst []byte, text string) []byte {
	var word []byte
	for i := s.start; i < s.end; {
		word = append(word, text[i])
		i++
		from := i
		for i < s.end && !isAlnum[text[i]] {
			i++
		}
		if i < s.end && gapOf(text[from:i]) == s.gap {
			continue
		}
		if l := words(); len(word) > longWord && !l.knows(word) {
			word = l.part(lettersOnly(word))
		}
		dst = append(append(dst, word...), ' ')
		word = word[:0]
	}
	return dst[:len(dst)-1]
}

// lettersOnly puts letters in the place of the digits of a word, if most of it are
// letters.
func lettersOnly(word []byte) []byte {
	digits := 0
	for _, c := range word {
		if isDigit(c) {
			digits++
		}
	}
	for i, c := range word {
		if 2*digits < len(word) && isDigit(c) {
			word[i] = leetLetter[c]
		}
	}
	return word
}
