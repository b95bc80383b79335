package guard

import (
	"context"
	"fmt"
	"time"
)

// Growing is one text to be judged while it is being written. Its direction is
// always Output.
type Growing struct {
	Policy string // empty: the engine's default
	Meta   Meta
	// Chunks brings the text, in whole code points, and is closed when the text is
	// complete. Whoever gives a text up ends the context instead.
	Chunks <-chan string
	// Within is how long a look at the text so far may take, and the verdict once the
	// text is complete; 0: until the context ends, which is the time of the writer too.
	Within time.Duration
	// Progress is called when more of the text is cleared or something was found,
	// and Report for every check that ran over the text as it was at the end. Both
	// are called from one goroutine and may be nil; their errors end the request.
	Progress func(Progress) error
	Report   func(CheckReport) error
}

// Progress says how much of a growing text is cleared.
type Progress struct {
	Text string // all that was received
	// Through is the watermark: Text[:Through] may be shown as it is. It never
	// decreases and never splits a code point. Whatever follows, the rules will find
	// nothing there that decides. Where DetectOnly holds it is all of Text.
	Through int
	// Findings are new; the result repeats them.
	Findings []Finding
}

// ValidateGrowing judges a text while it is being written, and returns what was
// judged of it.
//
// The verdict comes when the text is complete, and is then the one that Validate
// gives of it; or before, as soon as what is certain to be found means Block. A
// sanitised text begins with what was cleared. Errors are those of Validate, and
// ErrNeedsWhole for policies that cannot promise the latter; with an error there is
// no result, and nothing beyond the watermark is cleared.
func (e *Engine) ValidateGrowing(ctx context.Context, g Growing) (text string, r Result, err error) {
	g.Meta.Direction = Output
	p, err := e.policy(g.Policy)
	if err != nil {
		return "", Result{}, err
	}
	plan := p.Plan(g.Meta)
	if plan.Whole {
		return "", Result{}, fmt.Errorf("%w: %q may change a text from its beginning", ErrNeedsWhole, p.Name())
	}
	o := newOutput(e, p, plan, g)
	looking, end := context.WithCancel(ctx)
	defer end()
	if err := o.follow(ctx, looking); err != nil {
		return o.text.String(), Result{}, err
	}
	ctx, cancel := o.within(ctx)
	defer cancel()
	if err := o.rest(ctx, end); err != nil {
		return o.text.String(), Result{}, err
	}
	r, err = o.judge(ctx)
	return o.text.String(), r, err
}
