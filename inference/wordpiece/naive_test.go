package wordpiece

import (
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// naive is BERT's tokenizer as its paper's code has it, pass by pass over
// strings, sharing nothing with the one under test but tables and rules of
// single characters. It is slow and plain.
type naive struct {
	vocab        map[string]int32
	lower, strip bool
}

func newNaive(tb testing.TB, o Options) naive {
	n := naive{vocab: map[string]int32{}, lower: o.Lowercase, strip: o.strip()}
	for i, line := range strings.Split(strings.TrimSuffix(string(vocab(tb)), "\n"), "\n") {
		n.vocab[line] = int32(i)
	}
	return n
}

func (n naive) encode(text string) []int32 {
	var ids []int32
	for _, chunk := range strings.FieldsFunc(n.normalize(text), unicode.IsSpace) {
		for _, w := range splitPunctuation(chunk) {
			ids = append(ids, n.pieces(w)...)
		}
	}
	return ids
}

func (n naive) normalize(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == 0 || r == utf8.RuneError || r < 0x80 && ascii[r] == controlByte || unicode.Is(removed, r):
		case unicode.IsSpace(r):
			b.WriteByte(' ')
		case ideograph(r):
			b.WriteString(" " + string(r) + " ")
		default:
			b.WriteRune(r)
		}
	}
	s := b.String()
	if n.strip {
		s = stripMarks(s)
	}
	if n.lower {
		s = strings.ReplaceAll(s, "İ", "i\u0307")
		s = strings.Map(lowerCase, s)
	}
	return s
}

// stripMarks decomposes, sorts runs of marks and drops those of marks.
func stripMarks(s string) string {
	var all []rune
	for _, r := range s {
		all = append(all, []rune(decompose(r))...)
	}
	class := func(r rune) uint8 {
		if unicode.Is(marks, r) {
			return norm.NFD.PropertiesString(string(r)).CCC()
		}
		return classOf(r)
	}
	for i := 0; i < len(all); i++ {
		j := i
		for j < len(all) && class(all[j]) != 0 {
			j++
		}
		slices.SortStableFunc(all[i:j], func(a, b rune) int { return int(class(a)) - int(class(b)) })
		i = max(i, j-1)
	}
	return string(slices.DeleteFunc(all, func(r rune) bool { return unicode.Is(marks, r) }))
}

func splitPunctuation(chunk string) []string {
	var words []string
	start := 0
	for i, r := range chunk {
		if r < 0x80 && ascii[r] == punctuationByte || unicode.Is(punctuation, r) {
			words = append(words, chunk[start:i], string(r))
			start = i + utf8.RuneLen(r)
		}
	}
	return slices.DeleteFunc(append(words, chunk[start:]), func(w string) bool { return w == "" })
}

func (n naive) pieces(word string) []int32 {
	unknown := []int32{n.vocab[unkToken]}
	if utf8.RuneCountInString(word) > maxWordRunes {
		return unknown
	}
	var ids []int32
	for prefix := ""; word != ""; prefix = "##" {
		end := len(word)
		for end > 0 {
			if id, ok := n.vocab[prefix+word[:end]]; ok {
				ids = append(ids, id)
				break
			}
			_, size := utf8.DecodeLastRuneInString(word[:end])
			end -= size
		}
		if end == 0 {
			return unknown
		}
		word = word[end:]
	}
	return ids
}

// corpus is where fuzzing starts and what the property tests run over.
var corpus = []string{
	"", " ", "a", "hello world", "  Leading and trailing\t\n", "unaffable playing UNAFFABLE",
	"H\u00e9llo na\u00efve \u0130stanbul stra\u00dfe \ufb01ne", "don't, won't; can't.", "\u751f\u6d3bab\u7684\u771f",
	"\uac01\ub098\ub2e4 \ud55c\uad6d\uc5b4", "e\u0301\u0323\u302e\u1d165\u302e x", "a\u302e\u0300\u302f\u1b44b",
	"\u200bzero\u200dwidth\ufeff", "1\u00002\ufffd3", "\xff\xfeab\xc3", "[CLS] [SEP] ##ing [MASK]", "\u2260\u037e\u1fef",
	strings.Repeat("a", 100), strings.Repeat("a", 101), strings.Repeat("\uac01", 33), strings.Repeat("\uac01", 34),
	strings.Repeat("\u302e", 120) + "a", strings.Repeat("x\u0301", 100), "\U0001f468\u200d\U0001f469\U0001f3fd",
	"\u0928\u092e\u0938\u094d\u0924\u0947 \u0645\u0631\u062d\u0628\u0627 \u05e9\u05dc\u05d5\u05dd", "\U00011935\U00011930\U00011938",
}

// FuzzIDs compares ids with the plain port, uncased, cased and in between.
func FuzzIDs(f *testing.F) {
	for _, s := range corpus {
		f.Add(s)
	}
	yes, no := true, false
	type pair struct {
		fast *Tokenizer
		slow naive
	}
	var pairs []pair
	for _, o := range []Options{
		{Lowercase: true}, {Lowercase: false}, {Lowercase: true, StripAccents: &no}, {Lowercase: false, StripAccents: &yes},
	} {
		o.Window = 16
		pairs = append(pairs, pair{load(f, o), newNaive(f, o)})
	}
	f.Fuzz(func(t *testing.T, text string) {
		for i, p := range pairs {
			got, want := p.fast.AppendIDs(nil, text), p.slow.encode(text)
			if !slices.Equal(got, want) {
				t.Fatalf("options %d, %+q\n got %v\nwant %v", i, text, got, want)
			}
		}
	})
}
