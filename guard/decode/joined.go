package decode

// joinedRun is the shortest run of letters and joints that is looked at. Words of
// prose are hardly ever as long.
const joinedRun = 20

// readJoined reads words that stand together, "ignore_all" or "IgnoreAll", and the
// text around them.
func (f *finder) readJoined() {
	text := f.views.Folded
	b := f.edits(text)
	for start, end := range runs(text, &jointed, joinedRun) {
		var s []byte
		for i := start; i < end; {
			if !isLetter[text[i]] {
				s = append(s, ' ')
				i = runEnd(text[:end], i, &joint)
				continue
			}
			to := runEnd(text[:end], i, &isLetter)
			s = appendWords(s, text[i:to])
			i = to
		}
		if end == len(text) {
			f.open(Joined, start)
		}
		if english(s) { // a path, a key or a line of code does not
			b.edit(s, start, end)
		}
	}
	b.finish()
	f.add(&b, Joined, false)
}

// joint is what may stand for a space, or for nothing, between words.
var (
	joint   = setOf("+_-./*~=|,:;#&!?<>(){}[]\"'")
	jointed = setOf("abcdefghijklmnopqrstuvwxyz+_-./*~=|,:;#&!?<>(){}[]\"'")
)

// appendWords appends the words of s, which may be several without anything
// between them.
func appendWords(dst []byte, s string) []byte {
	const longest = 1 << 10 // no phrase of words that long
	l, word := words(), []byte(s)
	if len(word) <= longWord || len(word) > longest || l.knows(word) {
		return append(dst, s...)
	}
	return append(dst, l.part(word)...)
}
