package policy

import (
	"fmt"
	"math"

	"github.com/portcullis-ai/portcullis/guard"
)

// lines are the scores at which findings decide; 0 means never.
type lines struct{ Block, Review, Sanitize float64 }

// newLines refuses thresholds that no finding can meet or that a stricter line
// always takes first.
func newLines(t thresholds) (lines, error) {
	for name, v := range map[string]*float64{"block": t.Block, "review": t.Review, "sanitize": t.Sanitize} {
		if v != nil && !(*v >= guard.ScoreFloor && *v <= 1) {
			return lines{}, fmt.Errorf("%s: %v is not between %v and 1; checks report nothing below that", name, *v, guard.ScoreFloor)
		}
	}
	l := lines{Block: value(t.Block), Review: value(t.Review), Sanitize: value(t.Sanitize)}
	switch {
	case l.Block > 0 && l.Review >= l.Block:
		return l, fmt.Errorf("review: %v is never reached, since block is at %v", l.Review, l.Block)
	case l.Review > 0 && l.Sanitize >= l.Review:
		return l, fmt.Errorf("sanitize: %v is never reached, since review is at %v", l.Sanitize, l.Review)
	case l.Block > 0 && l.Sanitize >= l.Block:
		return l, fmt.Errorf("sanitize: %v is never reached, since block is at %v", l.Sanitize, l.Block)
	}
	return l, nil
}

// decide returns the decision of the strictest line that score reaches.
func (l lines) decide(score float64) guard.Decision {
	switch {
	case l.Block > 0 && score >= l.Block:
		return guard.Block
	case l.Review > 0 && score >= l.Review:
		return guard.Review
	case l.Sanitize > 0 && score >= l.Sanitize:
		return guard.Sanitize
	}
	return guard.Allow
}

// lowest returns the lowest score that decides anything, above 1 if none does.
func (l lines) lowest() float64 {
	low := math.Inf(1)
	for _, at := range []float64{l.Block, l.Review, l.Sanitize} {
		if at > 0 {
			low = min(low, at)
		}
	}
	return low
}
