// Command prove measures the service beside what the same machine can do, and leaves
// behind figures, drawings and a page: `make bench`. Each part answers one question and
// can be asked for alone.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"time"

	"github.com/alecthomas/kong"

	"github.com/portcullis-ai/portcullis/bench/figures"
	"github.com/portcullis-ai/portcullis/internal/process"
)

// options is the command line.
type options struct {
	Only    []string      `placeholder:"PART" help:"Measure only these parts; without it all of them."`
	Binary  string        `required:"" placeholder:"FILE" help:"The portcullis binary."`
	Null    string        `required:"" placeholder:"FILE" help:"The binary that was built with the tag null_backend."`
	Python  string        `placeholder:"FILE" help:"A Python with what bench/peers/requirements.txt names; without it Python's loop and service are left out."`
	Hugot   string        `placeholder:"FILE" help:"The service around hugot, of bench/peers/hugot; without it hugot is left out."`
	Peers   string        `default:"bench/peers" help:"Where the programs in Python lie."`
	Model   string        `default:"model/bundled" help:"The folder of the bundled model, for the peers."`
	Library string        `env:"PORTCULLIS_ONNXRUNTIME_LIBRARY" placeholder:"FILE" help:"The ONNX Runtime library, in place of the one that 'make deps' fetched."`
	Out     string        `default:"bench/results" help:"Where the results go."`
	Against string        `placeholder:"DIR" help:"Compare with what was recorded there, and fail if a figure is worse."`
	Time    time.Duration `default:"6s" help:"How long one figure is measured."`
	Rounds  int           `default:"3" help:"How often each ratio is measured; efficiency and overload two times more."`
	Command string        `default:"make bench" help:"What was typed, for the report."`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("prove"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := o.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func (o options) run(ctx context.Context) error {
	r, err := o.measure(ctx)
	if err != nil {
		return err
	}
	show(os.Stdout, r)
	if o.Against != "" {
		return o.compare(r)
	}
	if err := r.Write(o.Out); err != nil {
		return err
	}
	say("the page is %s/proof.html", o.Out)
	return nil
}

// compare fails if a figure is worse than it was recorded.
func (o options) compare(now figures.Result) error {
	recorded, err := figures.Read(o.Against)
	if err != nil {
		return err
	}
	lines, worse := figures.Compare(recorded, now)
	fmt.Printf("\nCompared with %s, %s:\n", recorded.Day, recorded.Version)
	for _, l := range lines {
		fmt.Println(" ", l)
	}
	if len(worse) > 0 {
		return fmt.Errorf("worse than recorded, beyond what rounds differ: %q", worse)
	}
	return nil
}

// measure runs the parts one after the other.
func (o options) measure(ctx context.Context) (figures.Result, error) {
	var r figures.Result
	p, err := open(ctx, o)
	if err != nil {
		return r, err
	}
	defer p.close()
	chosen, err := choose(o.Only)
	if err != nil {
		return r, err
	}
	r = p.head()
	began := time.Now()
	before, err := process.Working()
	if err != nil {
		return r, err
	}
	for i, part := range chosen {
		say("%d of %d, %s: %s", i+1, len(chosen), part.name, part.title)
		start := time.Now()
		got, err := part.run(p, ctx)
		if err != nil {
			return r, fmt.Errorf("%s: %w", part.name, err)
		}
		got.Name, got.Title = part.name, part.title
		r.Parts = append(r.Parts, got)
		say("%s took %s", part.name, time.Since(start).Round(time.Second))
	}
	after, err := process.Working()
	r.Others = after.Others(before, time.Since(began))
	return r, errors.Join(err, ctx.Err())
}

// say tells whoever waits what is measured now.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "bench: "+format+"\n", args...) }
