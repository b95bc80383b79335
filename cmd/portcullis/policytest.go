package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

type policyTestCmd struct {
	settings
	Files   []string `arg:"" name:"file" help:"Labelled texts, JSON lines, also gzipped; '-' is standard input."`
	Policy  string   `short:"p" required:"" placeholder:"NAME" help:"The policy to try: a name, or a file."`
	Against string   `placeholder:"NAME" help:"Another one, to see which verdicts differ and why."`
	Expect  string   `enum:",allow,sanitize,review,block,stop,pass" default:"" placeholder:"WHAT" help:"What rows without \"expect\" expect: allow, sanitize, review, block, stop (review or block) or pass (allow or sanitize)."`
	Accept  float64  `default:"1" placeholder:"SHARE" help:"The share of verdicts that must be as expected for exit code 0 (1: all)."`
	Show    int      `default:"20" placeholder:"N" help:"How many rules and how many verdicts to list, the worst first."`
}

func (policyTestCmd) Help() string {
	return `A row is {"text": "…", "expect": "block"} and may have "source", "direction", "origin", "token_limit" and
"annotations". "expect" is a decision, or "stop" (review or block) or "pass" (allow or sanitize).

The texts are judged as serve would judge them, here, without a deadline. Of a policy that only
detects, what it decides is counted. The report quotes the texts that surprise.

The exit code:
  0  as many verdicts are as expected as --accept asks     3  fewer are
  1  it could not be tried                                 2  the command line is wrong

Examples:
  portcullis policy test --policy balanced mails.jsonl
  portcullis policy test -p new/balanced.yaml --against balanced --expect pass honest.jsonl.gz`
}

// Validate refuses shares that are none.
func (c policyTestCmd) Validate() error {
	if !(c.Accept >= 0 && c.Accept <= 1) {
		return fmt.Errorf("--accept %v: give a share between 0 and 1", c.Accept)
	}
	return nil
}

// Run judges every text, with one policy or with two.
func (c policyTestCmd) Run(ctx context.Context, std stdio) error {
	texts, err := c.read(std)
	if err != nil {
		return err
	}
	b, err := c.bench(ctx, std)
	if err != nil {
		return err
	}
	defer b.close()
	first, err := b.judge(c.Policy)
	if err != nil {
		return err
	}
	judges := []judge{first}
	if c.Against != "" {
		other, err := b.judge(c.Against)
		if err != nil {
			return err
		}
		judges = append(judges, other)
	}
	progress := &judged{std: std, of: len(texts), began: time.Now()}
	trials, err := tryAll(ctx, judges, texts, progress.one)
	progress.end()
	if err != nil {
		return err
	}
	right, err := trialPage{std: std, show: c.Show}.write(judges, trials)
	if err == nil && right < c.Accept {
		err = exitError(exitSurprise)
	}
	return err
}

func (c policyTestCmd) read(std stdio) ([]labelled, error) {
	var all []labelled
	for _, name := range c.Files {
		texts, err := readLabelled(name, std.in, c.Expect)
		if err != nil {
			return nil, err
		}
		all = slices.Concat(all, texts)
	}
	if len(all) == 0 {
		return nil, errors.New("the files hold no texts")
	}
	return all, nil
}

// judged shows how many texts have been judged, on a terminal, a few times a second.
type judged struct {
	std   stdio
	of, n int
	began time.Time
	shown time.Time
}

func (j *judged) one() {
	j.n++
	if !j.std.color || time.Since(j.shown) < 200*time.Millisecond {
		return
	}
	j.shown = time.Now()
	left := time.Since(j.began) / time.Duration(j.n) * time.Duration(j.of-j.n)
	_, _ = fmt.Fprintf(j.std.err, "\r\x1b[K%d of %d texts, %s left", j.n, j.of, left.Round(time.Second))
}

func (j *judged) end() {
	if !j.shown.IsZero() {
		_, _ = fmt.Fprint(j.std.err, "\r\x1b[K")
	}
}
