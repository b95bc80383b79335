package gpu

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/portcullis-ai/portcullis/inference"
)

// Draw makes windows and texts, the same ones for the same seed. It is for one
// goroutine.
type Draw struct{ rng *rand.Rand }

// NewDraw starts a sequence.
func NewDraw(seed uint64) *Draw {
	return &Draw{rng: rand.New(rand.NewPCG(seed, 0))} //nolint:gosec // lengths and words, no secrets
}

// Length returns a number of tokens from low to high, each as likely.
func (d *Draw) Length(low, high int) int { return low + d.rng.IntN(high-low+1) }

// The mix of lengths that the batcher was designed for (median, spread of the
// logarithm): most texts are short, some are long.
const (
	mixMedian = 40
	mixSigma  = 0.99
)

// Mix returns n lengths as real texts have them: lognormal with a median of 40, cut
// at longest. At 512 their mean is 64.
func (d *Draw) Mix(n, longest int) []int {
	lengths := make([]int, n)
	for i := range lengths {
		drawn := mixMedian * math.Exp(mixSigma*d.rng.NormFloat64())
		lengths[i] = min(max(3, int(drawn)), longest)
	}
	return lengths
}

// Window returns a window of so many ids below vocabulary.
func (d *Draw) Window(tokens, vocabulary int) inference.Encoding {
	ids := make([]int32, tokens)
	for i := range ids {
		ids[i] = d.rng.Int32N(int32(vocabulary))
	}
	return inference.Encoding{IDs: ids}
}

// Windows returns a window for each length.
func (d *Draw) Windows(lengths []int, vocabulary int) []inference.Encoding {
	out := make([]inference.Encoding, len(lengths))
	for i, n := range lengths {
		out[i] = d.Window(n, vocabulary)
	}
	return out
}

// Text returns a text that is a window of so many tokens to the model, 3 or more.
func (d *Draw) Text(words []string, tokens int) string {
	drawn := make([]string, tokens-2)
	for i := range drawn {
		drawn[i] = words[d.rng.IntN(len(words))]
	}
	return strings.Join(drawn, " ")
}
