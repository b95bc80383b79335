package wordpiece

import (
	"unicode/utf8"

	"github.com/portcullis-ai/portcullis/inference"
)

// mark is the place of a piece in the text: twice the offset of the character
// it starts with, plus one if the piece starts inside what that character was
// folded to (a syllable of Hangul may end up in two pieces).
type mark int

func at(offset int) mark     { return mark(offset) << 1 }
func within(offset int) mark { return mark(offset)<<1 | 1 }

// start returns the offset from which a window that begins with this piece has
// seen the text.
func (m mark) start() int { return int(m >> 1) }

// before returns the offset up to which a window that ends before this piece
// has seen the text: a character that is shared belongs to both.
func (m mark) before(text string) int {
	if m&1 == 0 {
		return m.start()
	}
	_, size := utf8.DecodeRuneInString(text[m.start():])
	return m.start() + size
}

// cutter lays windows over the pieces of a text.
type cutter struct {
	content, stride int // pieces a window, and from one window to the next
	cls, sep        int32
}

func newCutter(o Options, cls, sep int32) cutter {
	content := o.Window - 2
	return cutter{content: content, stride: content - o.Overlap, cls: cls, sep: sep}
}

// count returns the number of windows over n pieces. A window follows only while
// the one before has not reached the end, so none repeats pieces alone.
func (c cutter) count(n int) int {
	if n <= c.content {
		return 1
	}
	return 1 + (n-c.content+c.stride-1)/c.stride
}

// cut returns the windows of text from number first on, of whose pieces ids and
// marks are; all their ids share one array.
func (c cutter) cut(text string, first int, ids []int32, marks []mark) []inference.Encoding {
	windows := make([]inference.Encoding, c.count(len(ids)))
	last := len(windows) - 1
	store := make([]int32, 0, len(ids)+last*(c.content-c.stride)+2*len(windows))
	for k := range windows {
		from := k * c.stride
		to := min(from+c.content, len(ids))
		begin := len(store)
		store = append(store, c.cls)
		store = append(store, ids[from:to]...)
		store = append(store, c.sep)
		span := inference.Span{Start: 0, End: len(text)}
		if first+k > 0 {
			span.Start = marks[from].start()
		}
		if k < last {
			span.End = marks[to].before(text)
		}
		windows[k] = inference.Encoding{IDs: store[begin:len(store):len(store)], Span: span}
	}
	return windows
}
