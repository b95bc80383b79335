// Command siege has a real service attacked by strangers and by a caller with good
// credentials, raw HTTP/2 all of it: `make siege`. It fails if the service takes more memory
// than its settings come to, if a caller who means it gets no answer while it goes on, or if
// a call is still counted when the attackers have gone.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

type options struct {
	Binary string        `required:"" placeholder:"FILE" help:"The portcullis binary."`
	Time   time.Duration `default:"3s" help:"How long each attack goes on."`
	Only   string        `placeholder:"WORDS" help:"Only the attacks with these words in their names."`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("siege"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := o.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "siege:", err)
		os.Exit(1)
	}
}

// run puts each attack to a service of its own, so that none profits from memory that
// another has already had it take.
func (o options) run(ctx context.Context) error {
	var wrong []error
	for _, a := range attacks {
		if !strings.Contains(a.name, o.Only) {
			continue
		}
		if err := o.attack(ctx, a); err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", a.name, err))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	return errors.Join(wrong...)
}

func (o options) attack(ctx context.Context, a attack) error {
	c, err := raise(ctx, o.Binary)
	if err != nil {
		return err
	}
	defer c.fall()
	s, err := c.hold(ctx, a, o.Time)
	if err != nil {
		return err
	}
	fmt.Printf("%-37s %4.0f MiB before, %4.0f at most, %4.0f may be; %4d verdicts, %d refusals, health %d times\n",
		a.name, s.before/mib, s.most/mib, s.may/mib, s.verdicts, s.refusals, s.healthy)
	return s.judge()
}
