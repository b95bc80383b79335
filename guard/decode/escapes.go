package decode

import (
	"html"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// readEscapes reads percent signs, HTML entities, backslashes and quoted-printable,
// and the text around them: an attack may escape a single letter.
func (f *finder) readEscapes() {
	text := f.views.Clean
	if !strings.ContainsAny(text, `%&\=`) {
		return
	}
	b := f.edits(Clean)
	percents := 0 // the end of the last percent escape: there a plus is a space
	for i := 0; i < len(text); {
		var buf [utf8.UTFMax]byte
		s, size := buf[:0], 0
		switch text[i] {
		case '%':
			if s, size = percent(s, text[i:]); size > 0 {
				percents = i + size
			}
		case '&':
			s, size = entity(s, text[i:])
		case '\\':
			s, size = backslash(s, text[i:])
		case '=':
			s, size = quotedPrintable(s, text[i:])
		case '+':
			if percents > 0 && i-percents < reach {
				s, size = append(s, ' '), 1
			}
		default:
			i++
			continue
		}
		if size > 0 {
			b.edit(s, i, i+size)
		}
		i += max(size, 1)
	}
	b.finish()
	f.add(&b, Escapes, b.letters >= minStretch && language(b.text))
}

// percent appends the character that s begins with, as %49 or, outside ASCII, as
// several; size is 0 if there is none.
func percent(dst []byte, s string) (_ []byte, size int) {
	if dst, size = byteCodes(dst, s); size > 0 {
		return dst, size
	}
	if len(s) >= 6 && s[1]|0x20 == 'u' { // as JavaScript's escape wrote it
		return codePoint(dst, s, 2, 4)
	}
	return dst, 0
}

// byteCodes appends the character whose bytes stand in s, each as two digits behind
// the sign that s begins with.
func byteCodes(dst []byte, s string) (_ []byte, size int) {
	var b [utf8.UTFMax]byte
	for n := 0; n < len(b) && 3*n+2 < len(s) && s[3*n] == s[0]; n++ {
		c, err := strconv.ParseUint(s[3*n+1:3*n+3], 16, 8)
		if err != nil {
			break
		}
		b[n] = byte(c)
		if utf8.FullRune(b[:n+1]) {
			if r, _ := utf8.DecodeRune(b[:n+1]); r != utf8.RuneError {
				return append(dst, b[:n+1]...), 3 * (n + 1)
			}
			break
		}
	}
	return dst, 0
}

// quotedPrintable appends the character that =49 stands for, or the one in front of
// which a line was broken (RFC 2045, section 6.7).
func quotedPrintable(dst []byte, s string) (_ []byte, size int) {
	end := 1
	for end < len(s) && end < 3 && (s[end] == '\r' || s[end] == '\n') {
		end++
	}
	if end == 1 {
		return byteCodes(dst, s)
	}
	_, n := utf8.DecodeRuneInString(s[end:])
	return append(dst, s[end:end+n]...), end + n
}

// longestEntity is the length of &CounterClockwiseContourIntegral;.
const longestEntity = 33

// entity appends what an HTML entity stands for.
func entity(dst []byte, s string) (_ []byte, size int) {
	if len(s) > 3 && s[1] == '#' {
		digits, base := 2, 10
		if s[2]|0x20 == 'x' {
			digits, base = 3, 16
		}
		end := digits
		for end < len(s) && end < digits+10 && isHexDigit[s[end]] && (base == 16 || s[end] <= '9') {
			end++
		}
		n, err := strconv.ParseUint(s[digits:end], base, 32)
		if err != nil || n == 0 || n > utf8.MaxRune {
			return dst, 0
		}
		if end < len(s) && s[end] == ';' {
			end++
		}
		return utf8.AppendRune(dst, rune(n)), end
	}
	end := 1 + strings.IndexByte(s[:min(len(s), longestEntity)], ';')
	if end < 3 || !isLetter[s[1]] {
		return dst, 0
	}
	if plain := html.UnescapeString(s[:end]); len(plain) <= utf8.UTFMax && plain != s[:end] {
		return append(dst, plain...), end
	}
	return dst, 0
}

// backslash appends what the escapes of C, JSON, JavaScript and Python stand for.
func backslash(dst []byte, s string) (_ []byte, size int) {
	if len(s) < 2 {
		return dst, 0
	}
	switch c := s[1]; c {
	case 'n', 'r', 't':
		return append(dst, ' '), 2
	case '"', '\'', '/', '\\':
		return append(dst, c), 2
	case 'x':
		return codePoint(dst, s, 2, 2)
	case 'U':
		return codePoint(dst, s, 2, 8)
	case 'u':
		if end := strings.IndexByte(s[:min(len(s), 12)], '}'); end > 3 && s[2] == '{' {
			dst, size = codePoint(dst, s, 3, end-3)
			if size > 0 {
				size++
			}
			return dst, size
		}
		return surrogates(dst, s)
	case '0', '1':
		if n, err := strconv.ParseUint(s[1:min(len(s), 4)], 8, 8); err == nil && len(s) >= 4 && n >= ' ' {
			return append(dst, byte(n)), 4
		}
	}
	return dst, 0
}

// surrogates reads \uXXXX, and two of them where it takes two.
func surrogates(dst []byte, s string) (_ []byte, size int) {
	if len(s) >= 12 && s[6:8] == `\u` {
		hi, err := strconv.ParseUint(s[2:6], 16, 32)
		lo, err2 := strconv.ParseUint(s[8:12], 16, 32)
		if r := utf16.DecodeRune(rune(hi), rune(lo)); err == nil && err2 == nil && r != utf8.RuneError {
			return utf8.AppendRune(dst, r), 12
		}
	}
	return codePoint(dst, s, 2, 4)
}

// codePoint appends the character whose number in hexadecimal is s[from:from+n].
func codePoint(dst []byte, s string, from, n int) (_ []byte, size int) {
	if len(s) < from+n || n == 0 {
		return dst, 0
	}
	r, err := strconv.ParseUint(s[from:from+n], 16, 32)
	if err != nil || r == 0 || r > utf8.MaxRune || !utf8.ValidRune(rune(r)) {
		return dst, 0
	}
	return utf8.AppendRune(dst, rune(r)), from + n
}

var isHexDigit = setOf("0123456789abcdefABCDEF")
