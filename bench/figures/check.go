package figures

import "fmt"

// tolerance is how much worse than recorded a figure may be before it counts: ratios
// of one run agree to a few per cent on a quiet machine.
const tolerance = 0.10

// Compare tells for each figure of now that was recorded how it has changed, and which
// are worse: by more than the tolerance, and outside of what the rounds of both runs
// reached. Figures with a unit depend on the machine: they are shown, and worse only
// where an aim that was met is missed.
func Compare(recorded, now Result) (lines, worse []string) {
	was := map[string]Figure{}
	for _, p := range recorded.Parts {
		for _, f := range p.Figures {
			was[p.Name+": "+f.Name] = f
		}
	}
	for _, p := range now.Parts {
		for _, f := range p.Figures {
			name := p.Name + ": " + f.Name
			old, ok := was[name]
			if !ok {
				continue
			}
			line := fmt.Sprintf("%-60s %s, was %s", name, f, old)
			lines = append(lines, line)
			if regressed(old, f) {
				worse = append(worse, line)
			}
		}
	}
	return lines, worse
}

// regressed compares a figure with what it was. What has no aim is better when it is
// higher.
func regressed(old, now Figure) bool {
	switch {
	case old.Met() && !now.Met() && beyond(old, now):
		return true
	case now.Unit != "" || now.Bound:
		return false
	}
	return beyond(old, now)
}

// beyond tells whether the change is more than chance: above the tolerance, and the
// best of now no better than the worst of then.
func beyond(old, now Figure) bool {
	if now.Most != nil {
		return now.Value > old.Value*(1+tolerance) && now.Low > old.High
	}
	return now.Value < old.Value*(1-tolerance) && now.High < old.Low
}
