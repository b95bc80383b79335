package guard

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// output is the life of one growing text: it takes chunks in, has every check look
// again when that is due, and moves the watermark. Its goroutine alone touches it;
// looks run on goroutines of the engine.
type output struct {
	Growing
	engine   *Engine
	policy   Policy
	plan     Plan
	text     strings.Builder
	complete bool
	pursuits []*pursuit // by check of the engine; nil: it does not apply
	ended    chan look  // has room for a look of every pursuit
	clearing clearing
	reserve  reserve // of the time that there is once the text is complete
}

func newOutput(e *Engine, p Policy, plan Plan, g Growing) *output {
	if g.Progress == nil {
		g.Progress = func(Progress) error { return nil }
	}
	s := newSession(e, p, plan, g.Meta, nil) // says which checks apply
	o := &output{
		Growing: g, engine: e, policy: p, plan: plan,
		pursuits: make([]*pursuit, len(e.checks)),
		ended:    make(chan look, len(e.checks)),
		clearing: newClearing(p, s.report(), g.Meta.DetectOnly || plan.DetectOnly),
	}
	for i, c := range e.checks {
		if s.reports[i].State == Pending {
			o.pursuits[i] = newPursuit(c)
		}
	}
	return o
}

// within gives a look, or the verdict, the time it may take.
func (o *output) within(ctx context.Context) (context.Context, context.CancelFunc) {
	if o.Within == 0 {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(ctx, o.Within)
}

// follow returns when the text is complete or what was found means Block. Looks may
// then be under way.
func (o *output) follow(ctx, looking context.Context) error {
	for !o.complete && !o.clearing.blocked {
		o.look(looking)
		select {
		case chunk, more := <-o.Chunks:
			o.complete = !more
			if err := o.take(chunk); err != nil {
				return err
			}
		case l := <-o.ended:
			if err := o.see(l); err != nil {
				return err
			}
		case <-ctx.Done():
			return gone(ctx)
		}
	}
	return nil
}

// take adds a chunk. Under detect-only it is cleared at once.
func (o *output) take(chunk string) error {
	if n, limit := o.text.Len()+len(chunk), o.engine.cfg.MaxTextBytes; n > limit {
		return fmt.Errorf("%w: %d bytes, at most %d", ErrTextTooLong, n, limit)
	}
	o.text.WriteString(chunk)
	return o.tell(nil)
}

// look starts every look that is due.
func (o *output) look(looking context.Context) {
	text := o.text.String()
	for i, p := range o.pursuits {
		if p != nil && p.due(len(text)) {
			p.begin(len(text))
			o.engine.crew.Run(func() {
				ctx, cancel := o.within(looking)
				defer cancel()
				o.ended <- p.look(ctx, i, text)
			})
		}
	}
}

// see takes in what a look has found.
func (o *output) see(l look) error {
	l.Sight = l.concerning(o.Meta.Origin)
	return o.tell(o.clearing.weigh(l.index, o.pursuits[l.index].end(l)))
}

// tell moves the watermark and says so.
func (o *output) tell(fresh []Finding) error {
	text := o.text.String()
	moved := o.clearing.move(text, o.pursuits)
	if !moved && len(fresh) == 0 {
		return nil
	}
	SortFindings(fresh)
	return o.Progress(Progress{Text: text, Through: o.clearing.through, Findings: fresh})
}

// rest waits for the looks that are under way: what they have found out need not be
// found again. When the time is up, or what was found means Block, it ends them and
// gives them a moment to return.
func (o *output) rest(ctx context.Context, end context.CancelFunc) error {
	o.reserve = o.engine.reserve(ctx)
	stop, cancel := o.reserve.stop(ctx)
	defer cancel()
	if o.clearing.blocked {
		end() // what waits in a queue is not needed any more
	}
	timeUp, late := stop.Done(), (<-chan time.Time)(nil)
	for o.busy() {
		select {
		case l := <-o.ended:
			if err := o.see(l); err != nil {
				return err
			}
		case <-timeUp:
			end()
			timeUp, late = nil, time.After(o.reserve.grace())
		case <-late:
			return gone(ctx)
		}
	}
	return gone(ctx)
}

func (o *output) busy() bool {
	for _, p := range o.pursuits {
		if p != nil && p.busy {
			return true
		}
	}
	return false
}

// judge runs the checks over the text as it is. They know most of it: each goes on
// as the follower that has looked at it, but for one whose look has not returned.
func (o *output) judge(ctx context.Context) (Result, error) {
	raw := o.text.String()
	text, err := o.engine.prepare.Prepare(raw)
	if err != nil {
		return Result{}, err
	}
	plan := o.plan
	plan.StopAtBlock = plan.StopAtBlock || !o.complete // an early verdict waits for what was told, and for nothing else
	s := newSession(o.engine, o.policy, plan, o.Meta, o.Report)
	if plan.TextDigest && o.complete {
		s.digest = textDigest(raw)
	}
	s.owed, s.checks = o.clearing.found(), slices.Clone(s.checks)
	for i, p := range o.pursuits {
		if p != nil && !p.busy {
			s.checks[i] = p.follower
		}
	}
	if err := s.run(ctx, text, o.reserve.again()); err != nil {
		return Result{}, err
	}
	r, err := s.result(ctx, raw)
	if err != nil {
		return Result{}, err
	}
	return o.clearing.keep(raw, r, o.complete), nil
}
