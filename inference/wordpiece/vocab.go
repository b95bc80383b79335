package wordpiece

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The entries that every BERT vocabulary has and a tokenizer needs.
const (
	clsToken = "[CLS]"
	sepToken = "[SEP]"
	unkToken = "[UNK]"
)

// vocabulary is a vocab.txt: one entry a line, the id is the line number from
// 0. Entries with "##" continue a word.
type vocabulary struct {
	words, tails  map[string]int32
	cls, sep, unk int32
	size          int // one more than the highest id
}

// readVocabulary reads a vocab.txt. White space at the end of a line is no part
// of the entry and of two equal entries the later counts, as in the reference.
func readVocabulary(r io.Reader) (vocabulary, error) {
	v := vocabulary{words: map[string]int32{}, tails: map[string]int32{}}
	lines := bufio.NewScanner(r)
	var id int32
	for ; lines.Scan(); id++ {
		entry := strings.TrimRightFunc(lines.Text(), unicode.IsSpace)
		if !utf8.ValidString(entry) {
			return v, fmt.Errorf("wordpiece: vocabulary line %d is not UTF-8", id+1)
		}
		v.add(entry, id)
	}
	v.size = int(id)
	if err := lines.Err(); err != nil {
		return v, fmt.Errorf("wordpiece: read vocabulary: %w", err)
	}
	err := v.findSpecial()
	return v, err
}

// add files an entry. "##" alone and the empty line name no text.
func (v *vocabulary) add(entry string, id int32) {
	tail, isTail := strings.CutPrefix(entry, "##")
	switch {
	case entry == "" || entry == "##":
	case isTail:
		v.tails[tail] = id
	default:
		v.words[entry] = id
	}
}

func (v *vocabulary) findSpecial() error {
	for _, s := range []struct {
		name string
		id   *int32
	}{{clsToken, &v.cls}, {sepToken, &v.sep}, {unkToken, &v.unk}} {
		id, ok := v.words[s.name]
		if !ok {
			return fmt.Errorf("wordpiece: the vocabulary has no %s: is it the vocab.txt of a BERT model?", s.name)
		}
		*s.id = id
	}
	return nil
}
