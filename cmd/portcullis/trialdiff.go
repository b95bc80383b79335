package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// change is a pair of decisions on one text.
type change struct{ first, other guard.Decision }

// differences says which verdicts two policies do not share, and why.
func (p trialPage) differences(judges []judge, trials []trial) error {
	first, other := judges[0].policy, judges[1].policy
	if first == other {
		other += " (against)"
	}
	differ := where(trials, func(t trial) bool { return t.decided(0) != t.decided(1) })
	if err := p.section(fmt.Sprintf("%d of %d verdicts differ", len(differ), len(trials)), changes(differ, first, other)); err != nil {
		return err
	}
	slices.SortStableFunc(differ, func(a, b trial) int {
		return cmp.Or(cmp.Compare(a.gain(), b.gain()), cmp.Compare(a.decided(0), b.decided(0)))
	})
	t := &table{}
	for _, one := range differ[:min(p.show, len(differ))] {
		t.add(cell{text: one.place}, cell{text: string(one.expect)}, decision(one.decided(0)), decision(one.decided(1)), gained(one.gain()),
			cell{text: one.cause()}, cell{text: "“" + printable(one.request.Text, 60) + "”", ink: dim})
	}
	return p.section(fmt.Sprintf("which, and why (file, expected, %s, %s)", first, other), t)
}

// changes counts the pairs of decisions, and how many of each the first policy has
// right and the other has not, or the other way round.
func changes(differ []trial, first, other string) *table {
	t := &table{}
	if len(differ) == 0 {
		return t
	}
	t.add(cell{text: first, ink: dim}, cell{text: other, ink: dim}, head("texts"), head("better"), head("worse"))
	for _, a := range decisions {
		for _, b := range decisions {
			some := where(differ, func(t trial) bool { return change{t.decided(0), t.decided(1)} == change{a, b} })
			if len(some) == 0 {
				continue
			}
			better, worse := count(some, func(t trial) bool { return t.gain() > 0 }), count(some, func(t trial) bool { return t.gain() < 0 })
			t.add(decision(a), decision(b), number(len(some)), number(better), number(worse))
		}
	}
	return t
}

// gain is 1 if only the first policy decides as expected, -1 if only the other does.
func (t trial) gain() int {
	switch {
	case t.right(0) == t.right(1):
		return 0
	case t.right(0):
		return 1
	}
	return -1
}

// cause is the reason of the stricter verdict: what the milder policy lets pass.
func (t trial) cause() string {
	if t.decided(0) < t.decided(1) {
		return why(t.verdicts[0])
	}
	return why(t.verdicts[1])
}

func decision(d guard.Decision) cell { return cell{text: d.String(), ink: guardInk(d)} }

func gained(n int) cell {
	switch n {
	case 1:
		return cell{text: "better", ink: green}
	case -1:
		return cell{text: "worse", ink: red}
	}
	return cell{text: "as good", ink: dim}
}
