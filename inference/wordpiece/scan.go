package wordpiece

import "unicode/utf8"

// maxWordRunes is the longest word that BERT cuts into pieces, in characters
// after folding. A longer one is [UNK].
const maxWordRunes = 100

// scan walks once over a text and appends the ids of its pieces. It holds the
// word that is being read, so it is reused rather than made for each text.
type scan struct {
	*Tokenizer
	text string
	ids  []int32
	// marks has the place in text of each piece, where wantMarks is set.
	marks     []mark
	wantMarks bool
	word      word
	open      int // where the last word begins that the end of the text may have cut off
}

// run reads the text from i on, where no word has begun. Words of ASCII, nearly
// all of most texts, are looked up where they stand; others are folded into s.word
// first.
func (s *scan) run(i int) {
	text := s.text
	s.open = len(text)
	for i < len(text) {
		switch ascii[text[i]] {
		case spaceByte:
			i++
		case punctuationByte:
			s.emit(s.punctuation[text[i]], at(i))
			i++
		case letterByte:
			end := i + 1
			for end < len(text) && ascii[text[end]] == letterByte {
				end++
			}
			if end == len(text) || ascii[text[end]].ends() {
				if end == len(text) {
					s.open = i
				}
				s.plainWord(i, end)
				i = end
			} else {
				i = s.foldedWords(i)
			}
		default:
			i = s.foldedWords(i)
		}
	}
}

func (s *scan) emit(id int32, m mark) {
	s.ids = append(s.ids, id)
	if s.wantMarks {
		s.marks = append(s.marks, m)
	}
}

// plainWord cuts text[start:end], letters and digits of ASCII, into pieces.
func (s *scan) plainWord(start, end int) {
	if end-start > maxWordRunes {
		s.emit(s.unk, at(start))
		return
	}
	first, root := len(s.ids), int32(wordRoot)
	for i := start; i < end; {
		id, size := longest(s.trie, root, s.lower, s.text[i:end])
		if size == 0 {
			s.unknown(first, at(start))
			return
		}
		s.emit(id, at(i))
		i += size
		root = tailRoot
	}
}

// unknown takes back the pieces from first on: a word with one part that is not
// in the vocabulary is [UNK] as a whole.
func (s *scan) unknown(first int, m mark) {
	s.ids = s.ids[:first]
	if s.wantMarks {
		s.marks = s.marks[:first]
	}
	s.emit(s.unk, m)
}

// foldedWords reads words from i on to the next ASCII byte that ends one, or to
// the end of the text, and returns where it stopped.
func (s *scan) foldedWords(i int) int {
	text := s.text
	for i < len(text) {
		b := text[i]
		if b >= utf8.RuneSelf {
			r, size := utf8.DecodeRuneInString(text[i:])
			s.character(r, i)
			i += size
			continue
		}
		if ascii[b].ends() {
			break
		}
		if ascii[b] == letterByte {
			s.word.push(fold(letter, rune(s.lower[b]), 0), i)
		}
		i++
	}
	if i == len(text) && s.word.runes > 0 {
		s.open = s.word.offsets[0]
	}
	s.flush()
	return i
}

// character adds what r, found at offset i, becomes.
func (s *scan) character(r rune, i int) {
	p := s.folder.page(r)
	f := p.folds[r&255]
	if f.kind() != several {
		s.part(f, i)
		return
	}
	place, count := f.rune()>>8, f.rune()&255
	for _, f := range p.more[place : place+count] {
		s.part(f, i)
	}
}

func (s *scan) part(f folded, i int) {
	switch f.kind() {
	case letter:
		s.word.push(f, i)
	case stripped:
		s.word.seal()
	case space:
		s.flush()
	case alone:
		s.flush()
		s.word.push(f, i)
		s.flush()
	}
}

// flush cuts the word that was read into pieces.
func (s *scan) flush() {
	w := &s.word
	if w.runes == 0 {
		return
	}
	bytes := w.encode()
	first, root := len(s.ids), int32(wordRoot)
	for i := 0; i < len(bytes); {
		id, size := longest(s.trie, root, &identity, bytes[i:])
		if size == 0 {
			break
		}
		s.emit(id, w.marks[i])
		i += size
		root = tailRoot
		if i == len(bytes) {
			w.reset()
			return
		}
	}
	s.unknown(first, at(w.offsets[0]))
	w.reset()
}
