package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/portcullis-ai/portcullis/guard"
	"github.com/portcullis-ai/portcullis/guard/policy"
)

type policyShowCmd struct {
	settings
	Policy string `arg:"" help:"A policy's name, or a file."`
}

func (policyShowCmd) Help() string {
	return `Texts for which the same lines hold are shown together. A score that reaches a line takes that decision;
the strictest wins. The digest is the one that verdicts and GetServerInfo carry: it changes with
anything that could change a verdict, and with nothing else.`
}

// Run prints the policy.
func (c policyShowCmd) Run(std stdio) error {
	cfg, err := c.load()
	if err != nil {
		return err
	}
	env, err := unloadedEnv(cfg)
	if err != nil {
		return err
	}
	fsys, name, err := policyFile(cfg, c.Policy)
	if err != nil {
		return err
	}
	d, err := policy.Describe(fsys, name, env)
	if err != nil {
		return err
	}
	return policyPage{std.out, std.color}.write(d)
}

// policyPage prints descriptions.
type policyPage struct {
	w     io.Writer
	color bool
}

func (p policyPage) write(d policy.Description) error {
	if _, err := fmt.Fprintf(p.w, "%s  %s\n%s\n\n", paint(d.Name, bold, p.color), paint(d.Digest, dim, p.color), d.Text); err != nil {
		return err
	}
	if err := p.head(d).write(p.w, "", p.color); err != nil {
		return err
	}
	for _, v := range d.Views {
		if err := p.section("texts "+targets(v.For), linesTable(v)); err != nil {
			return err
		}
		if err := allowedTable(v).write(p.w, "  ", p.color); err != nil {
			return err
		}
	}
	if len(d.Conditions) == 0 {
		return nil
	}
	return p.section("conditions", conditionsTable(d.Conditions))
}

func (p policyPage) section(title string, t *table) error {
	if _, err := fmt.Fprintf(p.w, "\n%s\n", paint(title, bold, p.color)); err != nil {
		return err
	}
	return t.write(p.w, "  ", p.color)
}

// head lists what is the same for all texts.
func (p policyPage) head(d policy.Description) *table {
	t := &table{}
	say := func(key, value string) {
		if value != "" {
			t.add(cell{text: key, ink: dim}, cell{text: value})
		}
	}
	say("extends", d.Extends)
	say("engine", d.Engine)
	say("checks", strings.Join(d.Plan.Checks, ", "))
	say("first", strings.Join(d.Plan.First, ", "))
	if d.Engine == "" {
		say("a check did not end", d.OnFailure.String())
		say("too many tokens", fmt.Sprintf("%s, %.2f of the risk", d.OverTokens, d.TokensWeight))
	}
	if d.Plan.StopAtBlock {
		say("stops at BLOCK", "yes")
	}
	if d.Plan.DetectOnly {
		say("detect only", "yes: every text is allowed, the real decision is reported")
	}
	return t
}

func conditionsTable(all []policy.Condition) *table {
	t := &table{}
	for _, c := range all {
		t.add(cell{text: c.Name}, cell{text: c.Then.String(), ink: guardInk(c.Then)}, cell{text: "when " + c.When})
	}
	return t
}

func linesTable(v policy.View) *table {
	t := &table{}
	t.add(cell{text: fmt.Sprintf("at most %d tokens", v.Tokens), ink: dim}, head("BLOCK"), head("REVIEW"), head("SANITIZE"), head("weight"))
	for _, l := range v.Categories {
		name, weight := l.Name, fmt.Sprintf("%.2f", l.Weight)
		if l.Label {
			name, weight = "  "+name, ""
		}
		t.add(cell{text: name}, at(l.Block, red), at(l.Review, yellow), at(l.Sanitize, yellow), cell{text: weight, right: true, ink: dim})
	}
	return t
}

func allowedTable(v policy.View) *table {
	t := &table{}
	for _, id := range v.Rules {
		t.add(cell{text: "allowed rule " + id, ink: green})
	}
	for _, id := range v.Lifting {
		t.add(cell{text: "lifts models  " + id, ink: yellow})
	}
	for _, digest := range v.Texts {
		t.add(cell{text: "allowed text " + digest, ink: green})
	}
	return t
}

func head(text string) cell { return cell{text: text, right: true, ink: dim} }

// at is a line; 0 is none.
func at(score float64, i ink) cell {
	if score == 0 {
		return cell{text: "·", right: true, ink: dim}
	}
	return cell{text: fmt.Sprintf("%.2f", score), right: true, ink: i}
}

// targets names kinds of texts: by origin, and by direction where it matters.
func targets(all []policy.Target) string {
	by := make(map[guard.Direction][]string)
	for _, t := range all {
		by[t.Direction] = append(by[t.Direction], t.Origin.String())
	}
	in, out := by[guard.Input], by[guard.Output]
	switch {
	case slices.Equal(in, out):
		return "from " + strings.Join(in, ", ")
	case len(out) == 0:
		return "that come in from " + strings.Join(in, ", ")
	case len(in) == 0:
		return "that go out from " + strings.Join(out, ", ")
	}
	return "that come in from " + strings.Join(in, ", ") + ", and that go out from " + strings.Join(out, ", ")
}

func guardInk(d guard.Decision) ink {
	switch d {
	case guard.Allow:
		return green
	case guard.Sanitize, guard.Review:
		return yellow
	default:
		return red
	}
}
