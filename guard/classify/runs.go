package classify

import (
	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/inference"
)

// stretch is a part of a text over which a label stays at the floor or above.
type stretch struct {
	start, end int // bytes of the string that was encoded
	score      float64
}

// runs joins neighbouring windows whose score for a label reaches the floor.
func runs(windows []inference.WindowScore, label int) (found []stretch) {
	for _, w := range windows {
		found = join(found, w, label)
	}
	return found
}

// join adds the window behind those that found is of. Windows overlap, so windows
// are neighbours when their spans touch.
func join(found []stretch, w inference.WindowScore, label int) []stretch {
	if w.Scores == nil || w.Scores[label] < guard.ScoreFloor {
		return found
	}
	n := len(found)
	if n == 0 || w.Span.Start > found[n-1].end {
		return append(found, stretch{start: w.Span.Start, end: w.Span.End, score: w.Scores[label]})
	}
	found[n-1].end = w.Span.End
	found[n-1].score = max(found[n-1].score, w.Scores[label])
	return found
}

// coverage returns the share of the text's bytes that lie in scored windows.
// Windows come in order of their start. An empty text is seen once its only
// window is.
func coverage(windows []inference.WindowScore, size int) float64 {
	seen, end := 0, 0
	for _, w := range windows {
		if w.Scores == nil {
			continue
		}
		if size == 0 {
			return 1
		}
		seen += max(0, w.Span.End-max(end, w.Span.Start))
		end = max(end, w.Span.End)
	}
	if size == 0 {
		return 0
	}
	return float64(seen) / float64(size)
}
