package decode

// readLeet reads words in which digits and signs stand for letters, and the text
// around them.
func (f *finder) readLeet() {
	text := f.views.Folded
	b := f.edits(Folded)
	known := 0
	for i := 0; i < len(text); {
		if leetLetter[text[i]] == 0 || !inWord(text, i) {
			i++
			continue
		}
		from, to := wordAround(text, i, b.last)
		if !amount(text[from:to]) {
			known += b.leetWords(from, to)
		}
		i = max(to, i+1)
	}
	b.finish()
	f.add(&b, Leet, known >= minKnown && language(b.text))
}

// minKnown is how many words of four letters or more make leetspeak of a text, and
// not of the odd name in it.
const minKnown = 3

// amount reports whether a word is a number with an ending or a unit: "3rd", "20kg".
func amount(word string) bool {
	i := 0
	for i < len(word) && isDigit(word[i]) {
		i++
	}
	if i == 0 {
		return false
	}
	switch word[i:] {
	case "st", "nd", "rd":
		return i > 1 || word == "1st" || word == "2nd" || word == "3rd"
	case "th", "s", "k", "m", "am", "pm", "kg", "km", "cm", "mm", "ms", "gb", "mb", "x", "d":
		return true
	}
	return false
}

func isDigit(c byte) bool { return c-'0' < 10 }

// leetLetter is the letter that a digit or sign is written for first of all.
var leetLetter = func() (first [256]byte) {
	for sign, l := range map[byte]byte{
		'0': 'o', '1': 'i', '2': 'z', '3': 'e', '4': 'a', '5': 's', '6': 'g', '7': 't', '8': 'b', '9': 'g',
		'@': 'a', '$': 's', '!': 'i', '|': 'l', '+': 't',
	} {
		first[sign] = l
	}
	return first
}()

// inWord reports whether a letter stands beside text[i].
func inWord(text string, i int) bool {
	return i > 0 && letter[text[i-1]] > 0 || i+1 < len(text) && letter[text[i+1]] > 0
}

// longestWord is the longest word that is read as leetspeak.
const longestWord = 32

// wordAround returns the letters and signs around text[i], as far as low.
func wordAround(text string, i, low int) (from, to int) {
	from, to = i, i+1
	for from > max(low, i-longestWord) && isLeet(text[from-1]) {
		from--
	}
	for to < min(len(text), i+longestWord) && isLeet(text[to]) {
		to++
	}
	for to > i && !isAlnum[text[to-1]] && text[to-1] != '$' && text[to-1] != '@' { // "Hello!"
		to--
	}
	return from, to
}

func isLeet(c byte) bool { return letter[c] > 0 || leetLetter[c] > 0 }

// leetWords adds the word view[from:to] as it reads, and digits alone beside it if
// they read as a word too. It returns how many words count.
func (b *builder) leetWords(from, to int) (known int) {
	if to <= from {
		return 0
	}
	if start, end := digitsBefore(b.view, from, b.last); end > start {
		b.leetWord(start, end, true, &known)
	}
	b.leetWord(from, to, false, &known)
	for end := to; end+1 < len(b.view) && b.view[end] == ' '; {
		next := end + 1
		for end = next; end < len(b.view) && end < next+6 && leetLetter[b.view[end]] > 0; end++ {
		}
		if end == next || end < len(b.view) && isLeet(b.view[end]) || !b.leetWord(next, end, true, &known) {
			break
		}
	}
	return known
}

// digitsBefore returns the digits and signs before the space at from-1.
func digitsBefore(text string, from, low int) (start, end int) {
	end = from - 1
	if end <= low || text[end] != ' ' {
		return 0, 0
	}
	for start = end; start > low && end-start < 6 && leetLetter[text[start-1]] > 0; start-- {
	}
	if start > low && text[start-1] != ' ' {
		return 0, 0
	}
	return start, end
}

// longUnknown is the longest word that is read though nobody knows it: hashes and
// keys are longer.
const longUnknown = 16

// leetWord adds view[from:to] as it reads best, and counts it if it is known and of
// some length. A word that must be known is left as it is if it is not.
func (b *builder) leetWord(from, to int, must bool, known *int) bool {
	var buf [2 * longestWord]byte
	s := append(buf[:0], b.view[from:to]...)
	ok := unleet(s)
	if !ok && (must || len(s) > longUnknown) {
		return false
	}
	if ok && len(s) >= 4 {
		*known++
	}
	b.edit(s, from, to)
	return true
}

// others are second letters that a sign is written for.
var others = map[byte]byte{'1': 'l', '!': 'l', '|': 'i', '6': 'b', '7': 'l', '4': 'h', '2': 'e'}

// unleet puts letters in the place of signs, each in its first meaning if that
// makes a word, or else in whatever meanings do. It reports whether it is a word.
func unleet(s []byte) bool {
	var signs [longestWord]int // where a sign has two meanings
	n := 0
	var original [2 * longestWord]byte
	copy(original[:], s)
	for i, c := range s {
		if leetLetter[c] == 0 {
			continue
		}
		s[i] = leetLetter[c]
		if others[c] != 0 && n < len(signs) {
			signs[n] = i
			n++
		}
	}
	l := words()
	if l.knows(s) {
		return true
	}
	if n > 4 {
		return false
	}
	for choice := 1; choice < 1<<n; choice++ {
		for bit, i := range signs[:n] {
			s[i] = leetLetter[original[i]]
			if choice>>bit&1 == 1 {
				s[i] = others[original[i]]
			}
		}
		if l.knows(s) {
			return true
		}
	}
	for _, i := range signs[:n] {
		s[i] = leetLetter[original[i]]
	}
	return false
}
