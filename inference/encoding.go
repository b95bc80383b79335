package inference

// Span is a half-open range of bytes of the string that was encoded.
type Span struct{ Start, End int }

// Encoding is one window of a text, ready for the model.
type Encoding struct {
	// IDs holds the token ids of the window, [CLS] first and [SEP] last.
	IDs []int32
	// Span is the range of the encoded string that the window saw.
	Span Span
}

// Len returns the number of tokens of the window, [CLS] and [SEP] included.
// It is the size that a batcher counts.
func (e Encoding) Len() int { return len(e.IDs) }

// Tokenizer turns a text into windows of token ids.
//
// Windows are anchored to the start: window k begins at token k*stride and the
// last one holds what remains, so a window once full never changes while a
// text grows. Together the spans cover every byte of the text, white space
// included, and neighbours overlap. The empty text gives one window of [CLS]
// and [SEP] alone. Encode must be safe for concurrent use and linear in the
// length of the text, whatever the text.
type Tokenizer interface {
	Encode(text string) []Encoding
	// Grow follows one text that is being written.
	Grow() Growth
}

// Growth encodes one text again and again while it grows, each time from where
// it was settled: the work is linear in the text as long as what is open is
// short. It is not safe for concurrent use.
type Growth interface {
	// Encode returns the windows of text that were not closed before, of which the
	// first closed ones are now: however the text goes on, Encode of the whole gives
	// the same. text MUST begin with the text of the call before.
	Encode(text string) (windows []Encoding, closed int)
	// Settled tells from which byte on the next call reads: where the last word
	// begins, which may still grow.
	Settled() int
}
