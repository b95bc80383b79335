package tokens

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"math/bits"
	"strconv"
	"strings"

	"github.com/pkoukk/tiktoken-go-loader/assets"
)

const (
	// maxToken is the length in bytes of the longest token of each encoding.
	maxToken = 128
	// none is the rank of a byte string that is no token. It sorts after all ranks.
	none = 1<<rankBits - 1

	rankBits = 18
)

// ranks is the vocabulary: byte string to rank, the order in which BPE merges.
// It is an open hash table without pointers: for cl100k_base 2 MB in three
// allocations, where a map[string]int takes 5 MB, and a miss, the usual answer while
// merging, seldom reads more than one slot: at most 4 in 10 hold a token.
type ranks struct {
	bytes string   // all tokens, in the order of their ranks
	start []uint32 // token r is bytes[start[r]:start[r+1]]
	slots []uint32 // 14 bits of the hash, then the rank; empty holds none
	shift int      // what of a hash is left is a slot
	// within[a] has bit b set if some token has the bytes a, b side by side.
	within [256][4]uint64
}

// loadRanks reads the ranks that tiktoken-go-loader embeds. Nothing is fetched.
func loadRanks(e encoding) (*ranks, error) {
	f, err := assets.Assets.Open(e.file())
	if err != nil {
		return nil, fmt.Errorf("open the embedded ranks: %w", err)
	}
	defer f.Close()
	r, err := parseRanks(f, e.tokens)
	if err != nil {
		return nil, fmt.Errorf("read the embedded %s: %w", e.file(), err)
	}
	return r, nil
}

// parseRanks reads count lines of "base64 rank", with ranks counting up from 0.
func parseRanks(from io.Reader, count int) (*ranks, error) {
	r := &ranks{start: make([]uint32, 1, count+1)}
	var all strings.Builder
	token := make([]byte, 0, maxToken)
	lines := bufio.NewScanner(from)
	for n := 0; lines.Scan(); n++ {
		code, rank, _ := bytes.Cut(lines.Bytes(), []byte(" "))
		if got, err := strconv.Atoi(string(rank)); err != nil || got != n {
			return nil, fmt.Errorf("line %d has rank %q, want %d", n+1, rank, n)
		}
		var err error
		if token, err = base64.StdEncoding.AppendDecode(token[:0], code); err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		all.Write(token)
		r.start = append(r.start, uint32(all.Len()))
	}
	if err := lines.Err(); err != nil {
		return nil, err
	}
	if r.count() != count {
		return nil, fmt.Errorf("%d tokens, want %d", r.count(), count)
	}
	r.bytes = all.String()
	r.index()
	return r, nil
}

func (r *ranks) count() int { return len(r.start) - 1 }

// index fills the hash table and the table of neighbours.
func (r *ranks) index() {
	slotBits := bits.Len(uint(2 * r.count()))
	r.slots, r.shift = make([]uint32, 1<<slotBits), 64-slotBits
	for i := range r.slots {
		r.slots[i] = none
	}
	for rank := range uint32(r.count()) {
		h := hash(r.token(rank))
		i := int(h >> r.shift)
		for r.slots[i] != none {
			i = (i + 1) & (len(r.slots) - 1)
		}
		r.slots[i] = uint32(h)&^none | rank
		for k, token := 1, r.token(rank); k < len(token); k++ {
			r.within[token[k-1]][token[k]/64] |= 1 << (token[k] % 64)
		}
	}
}

func (r *ranks) token(rank uint32) string {
	return r.bytes[r.start[rank]:r.start[rank+1]]
}

// of returns the rank of s, none if s is no token.
func (r *ranks) of(s string) uint32 {
	if len(s) > maxToken {
		return none
	}
	h := hash(s)
	tag := uint32(h) &^ none
	for i := int(h >> r.shift); ; i = (i + 1) & (len(r.slots) - 1) {
		slot := r.slots[i]
		if slot == none {
			return none
		}
		if rank := slot & none; slot&^none == tag && r.token(rank) == s {
			return rank
		}
	}
}

// apart returns the first place of s that is inside no token, whatever stands
// around it: nothing is ever joined across it. Without one it is the end of s.
func (r *ranks) apart(s string) int {
	for i := 1; i < len(s); i++ {
		if r.within[s[i-1]][s[i]/64]>>(s[i]%64)&1 == 0 {
			return i
		}
	}
	return len(s)
}

// hash mixes s eight bytes at a time. It needs no secret: texts are only looked
// up, never stored, so the longest probe is that of the fixed vocabulary.
func hash(s string) uint64 {
	h := uint64(len(s))
	for ; len(s) > 8; s = s[8:] {
		h = mix(h ^ load(s[:8]))
	}
	return mix(h ^ load(s))
}

func mix(x uint64) uint64 {
	hi, lo := bits.Mul64(x^0xa0761d6478bd642f, 0xe7037ed1a0b428db)
	return hi ^ lo
}

// load reads at most eight bytes. Strings of equal length and different content
// give different numbers.
func load(s string) uint64 {
	if n := len(s); n >= 4 {
		return load4(s) | load4(s[n-4:])<<32
	}
	return uint64(s[0]) | uint64(s[len(s)/2])<<8 | uint64(s[len(s)-1])<<16
}

func load4(s string) uint64 {
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
}
