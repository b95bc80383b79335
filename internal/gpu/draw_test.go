package gpu

import (
	"slices"
	"testing"
)

// The mix is the one that the batcher was designed for: median 40, mean 64 at a window
// of 512.
func TestMix(t *testing.T) {
	lengths := NewDraw(1).Mix(100_000, 512)
	slices.Sort(lengths)
	sum := 0
	for _, n := range lengths {
		sum += n
	}
	median, mean := lengths[len(lengths)/2], float64(sum)/float64(len(lengths))
	if median < 38 || median > 41 || mean < 61 || mean > 66 || lengths[0] < 3 || lengths[len(lengths)-1] != 512 {
		t.Errorf("median %d, mean %.1f, from %d to %d", median, mean, lengths[0], lengths[len(lengths)-1])
	}
}

func TestTheSameSeedDrawsTheSame(t *testing.T) {
	words := []string{"one", "two", "three", "four"}
	a, b := NewDraw(7), NewDraw(7)
	if x, y := a.Text(words, 50), b.Text(words, 50); x != y {
		t.Errorf("%q and %q", x, y)
	}
	if x, y := a.Window(9, 100), b.Window(9, 100); !slices.Equal(x.IDs, y.IDs) {
		t.Errorf("%v and %v", x, y)
	}
}

func TestWhatNvidiaSmiSays(t *testing.T) {
	cards, err := parseCards("NVIDIA H200, 580.159.03, 1234\nNVIDIA H200, 580.159.03, 0\n")
	if err != nil || len(cards) != 2 || cards[0] != (Card{Name: "NVIDIA H200", Driver: "580.159.03", Used: 1234 << 20}) {
		t.Errorf("%+v, %v", cards, err)
	}
	for _, bad := range []string{"NVIDIA H200, 580\n", "NVIDIA H200, 580, [N/A]\n"} {
		if cards, err := parseCards(bad); err == nil {
			t.Errorf("%q: %+v", bad, cards)
		}
	}
}
