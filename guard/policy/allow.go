package policy

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
)

var digestForm = regexp.MustCompile(`^sha256:[0-9a-f]{64}$`)

// allow resolves allow-lists. Its errors begin with the key.
func (r *rules) allow(a allow, env Env) error {
	r.Allowed, r.Texts = make(map[string]bool, len(a.Rules)), make(map[string]bool, len(a.Texts))
	there := env.rules()
	for _, id := range a.Rules {
		named := []string{id}
		if strings.HasSuffix(id, ".*") {
			named, _ = env.rulesNamed(id) // a beginning may stand for none
		} else if _, ok := slices.BinarySearch(there, id); !ok {
			return fmt.Errorf("rules: no loaded rule or label is named %q%s; findings name theirs, labels are written model/label", id, alike(there, id))
		}
		for _, rule := range named {
			r.Allowed[rule] = true
		}
	}
	for _, digest := range a.Texts {
		if !digestForm.MatchString(digest) {
			return fmt.Errorf("texts: %q is not sha256: and 64 digits in lower case; 'sha256sum FILE' prints them", digest)
		}
		r.Texts[digest] = true
	}
	return nil
}

// heed returns the part of a report that counts: nothing that was found in a text
// which is listed, and no findings and scores of rules that are. How checks ended and
// how many tokens there are counts always: a list answers for what is in a text, not
// for what could not be looked at. A report that a list says nothing about is
// returned as it is: most are.
func (r *rules) heed(report guard.Report) (_ guard.Report, listed bool) {
	listed = r.Texts[report.TextDigest]
	if !listed && !slices.ContainsFunc(report.Checks, r.allowsOf) {
		return report, false
	}
	report.Checks = slices.Clone(report.Checks)
	for i := range report.Checks {
		c := &report.Checks[i]
		c.Findings = slices.DeleteFunc(slices.Clone(c.Findings), func(f guard.Finding) bool { return listed || r.Allowed[f.Rule] })
		c.Scores = slices.DeleteFunc(slices.Clone(c.Scores), func(s guard.LabelScore) bool { return listed || r.allowsScore(s) })
	}
	return report, listed
}

// allowsOf reports whether anything of what a check says is listed.
func (r *rules) allowsOf(c guard.CheckReport) bool {
	return len(r.Allowed) > 0 &&
		(slices.ContainsFunc(c.Findings, func(f guard.Finding) bool { return r.Allowed[f.Rule] }) || slices.ContainsFunc(c.Scores, r.allowsScore))
}

func (r *rules) allowsScore(s guard.LabelScore) bool { return r.Allowed[s.Model+"/"+s.Label] }

// alike asks whether one of the names is meant that end as id does.
func alike(names []string, id string) string {
	last := id[strings.LastIndexAny(id, "./")+1:]
	var meant []string
	for _, name := range names {
		if name[strings.LastIndexAny(name, "./")+1:] == last {
			meant = append(meant, name)
		}
	}
	if len(meant) == 0 {
		return ""
	}
	return " (is it " + strings.Join(meant, ", ") + "?)"
}
