// Command soak holds a real service under mixed load and faults for a while: `make soak`. It
// fails if a verdict was milder than it may be, a call had no answer, or the service keeps
// memory, goroutines or files that it should have given back.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/portcullis-ai/portcullis/internal/gpu"
)

type options struct {
	Binary string        `required:"" placeholder:"FILE" help:"The portcullis binary."`
	Model  string        `default:"model/bundled" help:"The folder of the model; a copy of it is served and exchanged."`
	Time   time.Duration `default:"10m" help:"How long."`
}

func main() {
	var o options
	kong.Parse(&o, kong.Name("soak"))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := o.run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}

// run starts the service, loads it, and looks at what is left when it is quiet again.
func (o options) run(ctx context.Context) error {
	f, err := newFolders(o.Model)
	if err != nil {
		return err
	}
	defer f.remove()
	s, err := gpu.StartService(ctx, o.Binary, "--provider", "cpu", "--model", f.model, "--set", "policies="+f.policies, "--set", "rules="+f.rules,
		"--set", "cache.enabled=true", "--set", "trust.self_test_every=5s", "--set", "trust.verify_every=10s", "--set", "trust.watch_every=1s")
	if err != nil {
		return err
	}
	defer s.Stop() //nolint:errcheck // it has ended by then, or what went wrong is told already
	b := &book{}
	w := &watch{service: s, book: b, began: time.Now()}
	if err := w.before(ctx); err != nil {
		return err
	}
	o.load(ctx, s, f, b, w)
	return errors.Join(w.after(ctx), end(s), b.show(os.Stdout))
}

// load keeps every worker at work for as long as was asked.
func (o options) load(ctx context.Context, s *gpu.Service, f folders, b *book, w *watch) {
	ctx, cancel := context.WithCancel(ctx)
	defer time.AfterFunc(o.Time, cancel).Stop() // a deadline would make timeouts of the last connections
	defer cancel()
	c := &client{conn: s.Conn, addr: s.Conn.Target(), book: b}
	var all sync.WaitGroup
	for _, work := range c.workers() {
		all.Go(func() {
			for ctx.Err() == nil {
				work(ctx)
			}
		})
	}
	all.Go(func() { exchange(ctx, s, f, b) })
	all.Go(func() { w.run(ctx) })
	all.Wait()
}

// end asks the service to stop, which it must do well.
func end(s *gpu.Service) error {
	if err := s.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case <-s.Ended():
	case <-time.After(time.Minute):
		return errors.New("it did not end")
	}
	if code := s.ExitCode(); code != 0 {
		return fmt.Errorf("it ended with %d:\n%s", code, s.Log())
	}
	return nil
}
