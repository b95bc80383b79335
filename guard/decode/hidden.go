package decode

import (
	"strings"
	"unicode/utf8"
)

// readHidden reads what characters that nobody sees spell: tag characters, which
// are ASCII once more; variation selectors, one for every byte; and zero-width
// characters of two kinds, which are bits. Where they spell a text it does not
// matter what visible characters stand between them.
func (f *finder) readHidden() {
	raw := f.views.Raw
	if strings.IndexByte(raw, 0xF3) < 0 && strings.IndexByte(raw, 0xEF) < 0 && strings.IndexByte(raw, 0xE2) < 0 {
		return // the first bytes of all of them
	}
	for _, find := range []func(*block, string){tagBytes, selectedBytes, zeroWidthBytes} {
		h, b := f.edits(Raw), &f.block
		b.reset()
		find(b, raw)
		for from, to := range printed(b.bytes, minHidden) {
			for i := from; i < to; i++ {
				h.join(b.bytes[i:i+1], int(b.at[i]), int(b.ends[i]))
			}
			h.next()
		}
		f.add(&h, Hidden, h.letters >= minStretch && language(h.text))
	}
}

// minHidden is the shortest text that hidden characters are taken for. No honest
// text has so many of them that spell something.
const minHidden = 4

// tagBytes spells the tag characters of a text, but for those of flags, which name
// a region.
func tagBytes(b *block, raw string) {
	const blackFlag, base = '\U0001F3F4', 0xE0000
	flag := false
	for i := strings.IndexByte(raw, 0xF3); i >= 0 && i < len(raw); {
		r, size := utf8.DecodeRuneInString(raw[i:])
		if tag := base+' ' <= r && r < base+0x7f; tag && !flag {
			b.spell(byte(r-base), i, i+size)
		} else if !tag {
			flag = r == blackFlag
		}
		i += size
	}
}

// selectedBytes spells the variation selectors of a text, one byte each.
func selectedBytes(b *block, raw string) {
	for i := 0; i < len(raw); {
		if raw[i] < 0xEF {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(raw[i:])
		switch {
		case 0xFE00 <= r && r <= 0xFE0F:
			b.spell(byte(r-0xFE00), i, i+size)
		case 0xE0100 <= r && r <= 0xE01EF:
			b.spell(byte(r-0xE0100+16), i, i+size)
		}
		i += size
	}
}

// zeroWidthBytes spells the zero-width characters of a text, eight to the byte:
// the first kind is a 0, the second a 1, and others part the bytes.
func zeroWidthBytes(b *block, raw string) {
	var zero, one rune
	value, n, start := 0, 0, 0
	for i := strings.IndexByte(raw, 0xE2); i >= 0 && i < len(raw); {
		if raw[i] < 0xE2 {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(raw[i:])
		i += size
		if !zeroWidth(r) {
			continue
		}
		switch {
		case zero == 0 || r == zero:
			zero, value = r, value<<1
		case one == 0 || r == one:
			one, value = r, value<<1|1
		default:
			continue
		}
		if n++; n == 1 {
			start = i - size
		}
		if n == 8 {
			b.spell(byte(value), start, i)
			value, n = 0, 0
		}
	}
}

// zeroWidth tells the characters that such encodings use.
func zeroWidth(r rune) bool {
	return 0x200B <= r && r <= 0x200F || 0x2060 <= r && r <= 0x2064 || r == 0xFEFF || r == 0x180E
}
