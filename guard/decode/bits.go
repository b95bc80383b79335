package decode

// alphabet is a way of writing bytes: each character stands for so many bits.
type alphabet struct {
	kind   Kind
	bits   uint
	shifts int // after how many characters a byte begins where a character does
	min    int // the shortest run that is looked at, in characters
	values [256]uint8
	set    [256]bool
}

// alphabets begins with the one whose characters include those of the others.
// Base64's two alphabets differ in two characters, and no text uses both.
var alphabets = [...]*alphabet{
	newAlphabet(Base64, 6, 4, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", "-_", 62),
	newAlphabet(Hex, 4, 2, 20, "0123456789abcdef", "ABCDEF", 10),
	newAlphabet(Base32, 5, 1, 24, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "", 0),
	newAlphabet(Base32, 5, 1, 24, "abcdefghijklmnopqrstuvwxyz234567", "", 0),
}

// newAlphabet takes the characters by value, and other characters for the values
// from a given one.
func newAlphabet(k Kind, bits uint, shifts, shortest int, members, others string, from uint8) *alphabet {
	a := &alphabet{kind: k, bits: bits, shifts: shifts, min: shortest, set: setOf(members + others)}
	for i := range len(members) {
		a.values[members[i]] = uint8(i)
	}
	for i := range len(others) {
		a.values[others[i]] = from + uint8(i)
	}
	return a
}

// readBits reads base64, base32 and hex. Who wrote a run may have put other
// characters before it, so every place where a byte could begin is tried; but not
// of base32, whose letters are of one case and have eight.
func (f *finder) readBits() {
	widest := alphabets[0]
	for start, end := range runs(f.views.Clean, &widest.set, widest.min) {
		if start < f.done {
			continue // taken as a line of the run before
		}
		end = f.wrapped(end, widest)
		if f.done = end; end+longestWrap >= len(f.views.Clean) {
			f.open(widest.kind, Clean, start)
		}
		f.readRun(widest, start, end)
		for _, a := range alphabets[1:] {
			done := 0
			for from, to := range runs(f.views.Clean[:end][start:], &a.set, a.min) {
				if from < done {
					continue
				}
				done = f.wrapped(start+to, a) - start
				f.readRun(a, start+from, start+done)
			}
		}
	}
}

// wrapped returns the end of a run that goes on in the next lines, or after a
// single space.
func (f *finder) wrapped(end int, a *alphabet) int {
	text := f.views.Clean
	for {
		next := runEnd(text, end, &wrapping)
		if next == end || next-end > longestWrap {
			return end
		}
		length := runEnd(text, next, &a.set) - next
		if length < 2 || length < 8 && next-end == 1 && text[end] == ' ' {
			return end
		}
		end = next + length
	}
}

// longestWrap is the most that stands between two lines of a run, in bytes.
const longestWrap = 16

// wrapping is what stands between the lines of a run: white space, the marks of
// quoted mail and of string literals. Padding ends a run.
var wrapping = setOf(" \t\r\n>\"'|")

func (f *finder) readRun(a *alphabet, start, end int) {
	b, text := &f.block, f.views.Clean
	b.reset()
	b.grow(end - start)
	for i := start; i < end; i++ {
		if a.set[text[i]] {
			b.values, b.at = append(b.values, a.values[text[i]]), append(b.at, uint32(i))
		}
	}
	for shift := range min(a.shifts, len(b.values)) {
		f.readShifted(a, shift)
	}
}

// readShifted takes the run from its character number shift.
func (f *finder) readShifted(a *alphabet, shift int) {
	b := &f.block
	b.bytes = b.bytes[:0]
	pending, n := uint(0), uint(0)
	for _, v := range b.values[shift:] {
		pending = pending<<a.bits | uint(v)
		if n += a.bits; n >= 8 {
			n -= 8
			b.bytes = append(b.bytes, byte(pending>>n))
		}
	}
	for from, to := range stretches(b.bytes) {
		first, last := shift+from*8/int(a.bits), shift+(to*8-1)/int(a.bits)
		until := runEnd(f.views.Clean, int(b.at[last])+1, &padding)
		f.found(a.kind, b.bytes[from:to], int(b.at[first]), until)
	}
}

var padding = setOf("=")
