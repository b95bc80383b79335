package decode

// numeral is what numbers and what parts them are written with. Prose has other
// letters every few bytes.
var numeral = setOf("0123456789abcdefABCDEFxX \t\r\n,;:.-_/|\\()[]{}\"'#%+u")

// numberRun is the shortest run of numerals that is looked at.
const numberRun = 20

// bases are the ways of writing a character code, with how many digits.
var bases = [...]struct{ base, min, max int }{{16, 2, 2}, {10, 2, 3}, {8, 3, 3}, {2, 7, 8}}

// readNumbers reads character codes: "73 103 110", "0x49, 0x67", "49:67:6e",
// "01001001 01100111".
func (f *finder) readNumbers() {
	for start, end := range runs(f.views.Clean, &numeral, numberRun) {
		for b := range bases {
			f.readCodes(b, start, end)
		}
		if end == len(f.views.Clean) {
			f.open(Numbers, Clean, start)
		}
	}
}

// readCodes reads the numbers in clean[start:end] by one base. What is no code in
// it ends a text.
func (f *finder) readCodes(base, start, end int) {
	b := &f.block
	b.reset()
	last := start
	for i := start; i < end; {
		if !isAlnum[f.views.Clean[i]] {
			i++
			continue
		}
		from, to := i, runEnd(f.views.Clean[:end], i, &isAlnum)
		i = to
		if from-last > 8 {
			f.flushCodes()
		}
		f.readCode(base, from, to)
		last = to
	}
	f.flushCodes()
}

func (f *finder) readCode(base, from, to int) {
	token, digits := f.views.Clean[from:to], bases[base]
	if len(token) > 1 && token[0] == '0' && token[1]|0x20 == 'x' {
		token = token[2:]
	} else if len(token) > 1 && (token[0]|0x20 == 'x' || token[0] == 'u') {
		token = token[1:]
	}
	if digits.base == 2 && to-from > 8 && (to-from)%8 == 0 {
		for i := from; i < to; i += 8 {
			f.readCode(base, i, i+8)
		}
		return
	}
	n := -1
	if digits.min <= len(token) && len(token) <= digits.max {
		n = number(token, digits.base)
	}
	if n < 0 || n > 0xff {
		f.flushCodes()
		return
	}
	f.block.spell(byte(n), from, to)
}

// number returns the value of at most 8 digits, -1 if one is none of the base.
func number(digits string, base int) (n int) {
	for i := range len(digits) {
		d := int(alphabets[1].values[digits[i]])
		if !isHexDigit[digits[i]] || d >= base {
			return -1
		}
		n = n*base + d
	}
	return n
}

// flushCodes files the text of the codes so far. Tables of numbers spell something
// too; a text has letters in most places.
func (f *finder) flushCodes() {
	b := &f.block
	if len(b.bytes) == 0 {
		return
	}
	for from, to := range stretches(b.bytes) {
		letters := 0
		for _, c := range b.bytes[from:to] {
			if isLetter[c] || c == ' ' {
				letters++
			}
		}
		if 10*letters >= 7*(to-from) {
			f.join(Numbers, b.bytes[from:to], int(b.at[from]), int(b.ends[to-1]))
		}
	}
	b.reset()
}

var isAlnum = setOf("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
