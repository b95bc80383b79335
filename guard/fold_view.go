package guard

import (
	"strings"
	"unicode/utf8"
)

// viewBuilder writes a view from left to right. Until it has to differ from the
// raw text it writes nothing and only remembers how far both are equal.
type viewBuilder struct {
	raw   string
	equal int // bytes of raw that the view equals; counts until own is called
	owned bool
	text  strings.Builder
	runs  []run
}

func (b *viewBuilder) size() int {
	if b.owned {
		return b.text.Len()
	}
	return b.equal
}

// done returns the view with spans counted from base. The builder is used up.
func (b *viewBuilder) done(base int) View {
	if b.owned {
		return View{Text: b.text.String(), base: base, runs: b.runs}
	}
	return View{Text: b.raw[:b.equal], base: base}
}

// keep adds raw[from:to] as it is.
func (b *viewBuilder) keep(from, to int) {
	if !b.owned && from == b.equal {
		b.equal = to
		return
	}
	b.aligned(from)
	b.text.WriteString(b.raw[from:to])
}

// replace adds s for raw[from:to].
func (b *viewBuilder) replace(from, to int, s []byte) {
	if string(s) == b.raw[from:to] {
		b.keep(from, to)
		return
	}
	b.own()
	b.push(run{view: uint32(b.text.Len()), raw: uint32(from), end: uint32(to)})
	b.text.Write(s)
}

// shift adds s, one character or ASCII, for as many bytes of raw.
func (b *viewBuilder) shift(from int, s []byte) {
	if to := from + len(s); string(s) == b.raw[from:to] {
		b.keep(from, to)
		return
	}
	b.aligned(from)
	b.text.Write(s)
}

// lower adds raw[from:to], which is ASCII, in lower case.
func (b *viewBuilder) lower(from, to int) {
	i := from
	for i < to && lowerASCII[b.raw[i]] == b.raw[i] {
		i++
	}
	b.keep(from, i)
	if i == to {
		return
	}
	b.aligned(i)
	var chunk [256]byte
	for i < to {
		n := min(len(chunk), to-i)
		for j := range n {
			chunk[j] = lowerASCII[b.raw[i+j]&(utf8.RuneSelf-1)]
		}
		b.text.Write(chunk[:n])
		i += n
	}
}

// aligned says that what is written next comes byte by byte from raw[from:].
func (b *viewBuilder) aligned(from int) {
	b.own()
	at := b.text.Len()
	if len(b.runs) == 0 && at == from {
		return // as far as this, every byte of the view came from the same place
	}
	if n := len(b.runs); n > 0 && b.runs[n-1].same && at-int(b.runs[n-1].view) == from-int(b.runs[n-1].raw) {
		return
	}
	b.push(run{view: uint32(at), raw: uint32(from), same: true})
}

func (b *viewBuilder) push(r run) {
	if len(b.runs) == 0 && r.view > 0 {
		b.runs = append(b.runs, run{same: true})
	}
	if n := len(b.runs); n > 0 && !r.same && !b.runs[n-1].same && b.runs[n-1].raw == r.raw && b.runs[n-1].end == r.end {
		return // one more character of the same cluster
	}
	b.runs = append(b.runs, r)
}

func (b *viewBuilder) own() {
	if b.owned {
		return
	}
	b.owned = true
	b.text.Grow(len(b.raw))
	b.text.WriteString(b.raw[:b.equal])
}
