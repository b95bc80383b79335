// Package wordpiece is the tokenizer of BERT: a text becomes the ids of the
// longest vocabulary entries that its words are made of.
//
// The ids are those of the reference, Hugging Face's `tokenizers` (BertNormalizer,
// BertPreTokenizer, WordPiece), for every text, with one difference that is
// meant: entries such as [SEP] or [MASK] written in a text are text, four
// characters and a bracket on either side, never the special token. A tokenizer
// loaded from a tokenizer.json matches them, which would let a caller end the
// sentence that the model judges.
//
//	text → words (ASCII where they stand, others folded) → trie → ids and marks → windows
//
// The time is linear in the text whatever it holds: a word is cut only up to a
// hundred characters, and a place is looked up once, in a trie.
package wordpiece

import (
	"fmt"
	"io"
	"sync"

	"github.com/portcullis-ai/portcullis/inference"
)

// Options are the settings of a model's tokenizer and of its windows.
type Options struct {
	// Lowercase is set for uncased models.
	Lowercase bool
	// StripAccents drops accents. BERT does so where it lower-cases, which nil
	// stands for.
	StripAccents *bool
	// Window is the longest encoding, in tokens, [CLS] and [SEP] included.
	Window int
	// Overlap is the number of tokens that neighbouring windows share. It is at
	// most half of a window, or the work would be a multiple of the text.
	Overlap int
}

// Validate reports the first option that is out of its bounds.
func (o Options) Validate() error {
	switch {
	case o.Window < 3:
		return fmt.Errorf("wordpiece: window is %d tokens, want at least 3: [CLS], a piece, [SEP]", o.Window)
	case o.Overlap < 0 || o.Overlap > (o.Window-2)/2:
		return fmt.Errorf("wordpiece: overlap is %d tokens, want 0 to %d, half of what a window of %d holds",
			o.Overlap, (o.Window-2)/2, o.Window)
	}
	return nil
}

func (o Options) strip() bool {
	if o.StripAccents != nil {
		return *o.StripAccents
	}
	return o.Lowercase
}

// Tokenizer implements inference.Tokenizer. It is safe for concurrent use.
type Tokenizer struct {
	trie        *trie
	folder      *folder
	lower       *[256]byte
	punctuation [256]int32 // ids of ASCII punctuation
	unk         int32
	size        int
	cutter      cutter
	scans       sync.Pool // of *scan
}

var _ inference.Tokenizer = (*Tokenizer)(nil)

// New reads a vocab.txt, one entry a line.
func New(vocab io.Reader, opts Options) (*Tokenizer, error) {
	if err := opts.Validate(); err != nil {
		return nil, err
	}
	v, err := readVocabulary(vocab)
	if err != nil {
		return nil, err
	}
	t := &Tokenizer{
		trie:   newTrie(v.words, v.tails),
		folder: &folder{strip: opts.strip(), lower: opts.Lowercase},
		lower:  &identity,
		unk:    v.unk,
		size:   v.size,
		cutter: newCutter(opts, v.cls, v.sep),
	}
	if opts.Lowercase {
		t.lower = &lowerASCII
	}
	for b := range t.punctuation {
		t.punctuation[b] = v.unk
		if id, ok := v.words[string(rune(b))]; ok {
			t.punctuation[b] = id
		}
	}
	t.scans.New = func() any { return &scan{Tokenizer: t} }
	return t, nil
}

// Size returns one more than the highest id that Encode gives.
func (t *Tokenizer) Size() int { return t.size }

// Encode returns the windows of text as inference.Tokenizer promises. A full
// window is settled once a white space or punctuation mark follows the last
// word that it touches; until then that word may still grow.
//
// Bytes that are not UTF-8 are dropped, as U+FFFD is; spans count them.
func (t *Tokenizer) Encode(text string) []inference.Encoding {
	s := t.scan(text)
	s.wantMarks = true
	s.run(0)
	windows := t.cutter.cut(text, 0, s.ids, s.marks)
	t.release(s)
	return windows
}

// AppendIDs appends the ids of text, without [CLS] and [SEP], to dst. It
// allocates nothing where dst has room.
func (t *Tokenizer) AppendIDs(dst []int32, text string) []int32 {
	s := t.scan(text)
	own := s.ids
	s.ids, s.wantMarks = dst, false
	s.run(0)
	dst, s.ids = s.ids, own
	t.release(s)
	return dst
}

func (t *Tokenizer) scan(text string) *scan {
	s := t.scans.Get().(*scan)
	s.text = text
	return s
}

// keepPieces bounds what a pooled scan holds on to: 12 bytes a piece.
const keepPieces = 1 << 16

func (t *Tokenizer) release(s *scan) {
	s.text = ""
	if cap(s.ids) > keepPieces {
		s.ids, s.marks = nil, nil
	}
	s.ids, s.marks = s.ids[:0], s.marks[:0]
	t.scans.Put(s)
}
