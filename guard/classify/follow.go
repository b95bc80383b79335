package classify

import (
	"context"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/inference"
)

var _ guard.Grower = (*Check)(nil)

// Follow scores a text while it is being written.
func (c *Check) Follow() guard.Follower {
	own := *c
	own.classifier = c.classifier.Remembering()
	return &follower{Check: &own, growth: own.classifier.Grow(), runs: make([][]stretch, len(c.labels))}
}

// follower scores each window once when it is closed, and the open ones whenever
// they have grown by half, which comes to some three times the work. Closed windows
// are those of the whole text, so what is found in them is certain; open ones only
// clear, or hold, what they have seen.
type follower struct {
	*Check  // remembers what it has scored
	growth  inference.Growth
	waiting []inference.Encoding // closed and not scored yet
	runs    [][]stretch          // by label: of the closed windows that were scored, not passed on yet
	next    int                  // where the first open window begins
	scored  int                  // tokens of the open windows when they were scored
	clear   int
	open    []guard.Finding // in the open windows when they were scored
	veiled  []guard.Finding // in what disguises hide, so far
}

// grain is how many tokens the open windows grow by at least before they are
// scored again.
const grain = 8

// Look scores what has been closed and, if it is time, what is open.
func (f *follower) Look(ctx context.Context, raw string) (guard.Sight, error) {
	windows, closed := f.growth.Encode(raw)
	if closed > 0 {
		f.scored = 0
	}
	f.waiting = append(f.waiting, windows[:closed]...)
	open := windows[closed:]
	f.next = open[0].Span.Start
	if size := tokensOf(open); size < f.scored+max(grain, f.scored/2) {
		open = nil
	}
	if len(f.waiting)+len(open) > 0 {
		if err := f.score(ctx, raw, open); err != nil {
			return guard.Sight{}, err
		}
	}
	return f.sight(), nil
}

// score runs the waiting windows and the open ones, as they stand and without their
// disguises.
func (f *follower) score(ctx context.Context, raw string, open []inference.Encoding) error {
	due := slices.Concat(f.waiting, open)
	veiled, err := f.unveil(raw, due)
	if err != nil {
		return err
	}
	all := slices.Clone(due)
	for _, p := range veiled {
		all = append(all, p.windows...)
	}
	scores, err := f.classifier.Score(ctx, all)
	if err != nil {
		return err
	}
	n := len(f.waiting)
	f.close(scores[:n])
	f.waiting = nil
	f.open = f.findings(scores[n:len(due)], asReceived)
	if len(open) > 0 {
		f.scored = tokensOf(open)
		f.clear = max(f.clear, f.growth.Settled()) // half a word was not judged
	}
	scores = scores[len(due):]
	for _, p := range veiled {
		f.suspect(f.findings(scores[:len(p.windows)], p))
		scores = scores[len(p.windows):]
	}
	return nil
}

// asReceived is the part that the windows of the text are of.
var asReceived = part{span: func(start, end int) guard.Span { return guard.Span{Start: start, End: end} }, within: true}

// unveil returns what the windows hide. The whole text is cut into other windows
// where it is read without its disguises, so this does not tell what will be found
// in the end: it is what may be shown that depends on it.
func (f *follower) unveil(raw string, windows []inference.Encoding) (all []part, err error) {
	for _, w := range windows {
		from, to := guard.SegmentStart(raw, w.Span.Start), w.Span.End
		t, err := guard.PrepareAt(raw[from:to], from)
		if err != nil {
			return nil, err
		}
		for _, p := range f.parts(t, []inference.Encoding{w})[1:] {
			p.within = true
			all = append(all, p)
		}
	}
	return all, nil
}

// suspect keeps of each label the worst that was hidden and where the first stood.
func (f *follower) suspect(hidden []guard.Finding) {
	for _, h := range hidden {
		i := slices.IndexFunc(f.veiled, func(k guard.Finding) bool { return k.Rule == h.Rule })
		if i < 0 {
			f.veiled = append(f.veiled, h)
			continue
		}
		k := &f.veiled[i]
		k.Score = max(k.Score, h.Score)
		if h.Span.Start < k.Span.Start {
			k.Span = h.Span
		}
	}
}

// close takes in windows that are scored for good.
func (f *follower) close(windows []inference.WindowScore) {
	for _, w := range windows {
		f.clear = max(f.clear, w.Span.End)
		for label, meaning := range f.labels {
			if meaning.Category != guard.Neutral {
				f.runs[label] = join(f.runs[label], w, label)
			}
		}
	}
}

// sight passes on the runs that no window to come will touch, and forgets them: of
// each label at most one is left, so a look costs the same however long the text is.
func (f *follower) sight() guard.Sight {
	s := guard.Sight{Doubtful: slices.Concat(f.open, f.veiled), Clear: f.clear, Resume: f.growth.Settled()}
	for label, runs := range f.runs {
		kept := runs[:0]
		for _, r := range runs {
			found := f.finding(label, r, asReceived)
			if r.end < f.next {
				s.Found = append(s.Found, found)
				continue
			}
			s.Growing, kept = append(s.Growing, found), append(kept, r)
		}
		f.runs[label] = kept
	}
	return s
}

func tokensOf(windows []inference.Encoding) (n int) {
	for _, w := range windows {
		n += w.Len()
	}
	return n
}
