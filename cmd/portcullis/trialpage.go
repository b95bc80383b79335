package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/portcullis-ai/portcullis/guard"
)

// decisions are in the order of the columns, mildest first.
var decisions = []guard.Decision{guard.Allow, guard.Sanitize, guard.Review, guard.Block}

// decided is what the policy of judge i decided, also where it only detects.
func (t trial) decided(i int) guard.Decision { return t.verdicts[i].PolicyDecision }

func (t trial) right(i int) bool { return t.expect.met(t.decided(i)) }

// trialPage prints what became of the texts.
type trialPage struct {
	std  stdio
	show int // how many rules and verdicts are listed
}

// write returns the share of verdicts of the first judge that are as expected.
func (p trialPage) write(judges []judge, trials []trial) (right float64, err error) {
	share := 0.0
	for i, j := range judges {
		t, right := confusion(trials, i)
		if i == 0 {
			share = right
		}
		if err := p.section(fmt.Sprintf("%s  %s", j.policy, paint(j.digest, dim, p.std.color)), t); err != nil {
			return 0, err
		}
	}
	if err := p.section("by source", bySource(trials)); err != nil {
		return 0, err
	}
	if err := p.section("by rule: in how many texts it was found", byRule(trials, p.show)); err != nil {
		return 0, err
	}
	if len(judges) == 1 {
		return share, p.surprises(trials)
	}
	return share, p.differences(judges, trials)
}

func (p trialPage) section(title string, t *table) error {
	if len(t.rows) == 0 {
		return nil
	}
	if _, err := fmt.Fprintf(p.std.out, "%s\n", paint(title, bold, p.std.color)); err != nil {
		return err
	}
	if err := t.write(p.std.out, "  ", p.std.color); err != nil {
		return err
	}
	_, err := fmt.Fprintln(p.std.out)
	return err
}

// confusion counts the decisions of judge i by what was expected.
func confusion(trials []trial, i int) (t *table, right float64) {
	t = &table{}
	t.add(tallyHead("expected")...)
	for _, e := range expectations {
		if some := where(trials, func(t trial) bool { return string(t.expect) == e }); len(some) > 0 {
			t.add(tallyRow(e, some, i)...)
		}
	}
	if len(t.rows) > 2 {
		t.add(tallyRow("all", trials, i)...)
	}
	return t, float64(count(trials, func(t trial) bool { return t.right(i) })) / float64(len(trials))
}

func bySource(trials []trial) *table {
	t := &table{}
	sources := make(map[string][]trial)
	for _, one := range trials {
		sources[one.source] = append(sources[one.source], one)
	}
	if len(sources) < 2 {
		return t
	}
	t.add(tallyHead("source")...)
	for _, name := range slices.Sorted(maps.Keys(sources)) {
		t.add(tallyRow(name, sources[name], 0)...)
	}
	return t
}

func tallyHead(what string) []cell {
	cells := []cell{{text: what, ink: dim}, head("texts")}
	for _, d := range decisions {
		cells = append(cells, head(d.String()))
	}
	return append(cells, head("as expected"))
}

func tallyRow(name string, trials []trial, i int) []cell {
	cells := []cell{{text: printable(name, 40)}, number(len(trials))}
	for _, d := range decisions {
		cells = append(cells, number(count(trials, func(t trial) bool { return t.decided(i) == d })))
	}
	right := count(trials, func(t trial) bool { return t.right(i) })
	return append(cells, cell{text: fmt.Sprintf("%.1f %%", 100*float64(right)/float64(len(trials))), right: true, ink: bold})
}

// byRule lists the rules that were found in texts, those found in most texts that
// should pass first.
func byRule(trials []trial, most int) *table {
	stop, pass := make(map[string]int), make(map[string]int)
	for _, one := range trials {
		seen := make(map[string]bool)
		for _, f := range one.verdicts[0].Findings {
			if !seen[f.Rule] && one.expect.harmless() {
				pass[f.Rule]++
			} else if !seen[f.Rule] {
				stop[f.Rule]++
			}
			seen[f.Rule] = true
		}
	}
	all := maps.Clone(stop)
	maps.Copy(all, pass)
	rules := slices.SortedFunc(maps.Keys(all), func(a, b string) int {
		return cmp.Or(pass[b]-pass[a], stop[b]-stop[a], cmp.Compare(a, b))
	})
	t := &table{}
	if len(rules) == 0 {
		return t
	}
	t.add(cell{text: "rule", ink: dim}, head("to stop"), head("to pass"))
	for _, r := range rules[:min(most, len(rules))] {
		t.add(cell{text: r, ink: blue}, number(stop[r]), number(pass[r]))
	}
	if left := len(rules) - most; left > 0 {
		t.add(cell{text: fmt.Sprintf("… and %d more; --show lists more", left), ink: dim})
	}
	return t
}

// surprises lists the verdicts that are not as expected, the worst first.
func (p trialPage) surprises(trials []trial) error {
	wrong := where(trials, func(t trial) bool { return !t.right(0) })
	slices.SortStableFunc(wrong, func(a, b trial) int { return cmp.Compare(b.surprise(), a.surprise()) })
	t := &table{}
	for _, one := range wrong[:min(p.show, len(wrong))] {
		v := one.verdicts[0]
		t.add(cell{text: one.place}, cell{text: string(one.expect)}, cell{text: v.PolicyDecision.String(), ink: guardInk(v.PolicyDecision)},
			cell{text: fmt.Sprintf("%.2f", v.Risk), right: true}, cell{text: why(v)}, cell{text: "“" + printable(one.request.Text, 60) + "”", ink: dim})
	}
	return p.section(fmt.Sprintf("not as expected: %d of %d (file, expected, decided, risk, why)", len(wrong), len(trials)), t)
}

// surprise is how far the risk is from what was expected.
func (t trial) surprise() float64 {
	if t.expect.harmless() {
		return t.verdicts[0].Risk
	}
	return 1 - t.verdicts[0].Risk
}

func why(v guard.Result) string {
	if len(v.Reasons) == 0 {
		return "nothing decides"
	}
	return v.Reasons[0]
}

func where(trials []trial, is func(trial) bool) []trial {
	return slices.DeleteFunc(slices.Clone(trials), func(t trial) bool { return !is(t) })
}

func count(trials []trial, is func(trial) bool) (n int) {
	for _, t := range trials {
		if is(t) {
			n++
		}
	}
	return n
}

func number(n int) cell { return cell{text: fmt.Sprint(n), right: true} }
