package plane

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// process is one program of the plane. It ends with stop and, on Linux, with the process
// that launched it, however that ends: a test that panics leaves no API server behind.
type process struct {
	name   string
	cancel context.CancelFunc
	done   chan struct{} // closed when it has ended
	err    error         // why it ended; read it after done
}

// launch starts a program of the folder bin. What it prints goes to NAME.log in dir, which
// is its working directory too.
func launch(bin, dir, name string, args ...string) (*process, error) {
	log, err := os.Create(filepath.Join(dir, name+".log"))
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, filepath.Join(bin, name), args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = dir, log, log, dieWithParent()
	p := &process{name: name, cancel: cancel, done: make(chan struct{})}
	started := make(chan error, 1)
	go p.run(cmd, log, started)
	if err := <-started; err != nil {
		p.stop()
		return nil, err
	}
	return p, nil
}

// run keeps its thread to itself, since the kernel takes the end of the thread that started
// a program for the end of the parent. It ends when the program does.
func (p *process) run(cmd *exec.Cmd, log *os.File, started chan<- error) {
	runtime.LockOSThread()
	defer close(p.done)
	defer log.Close()
	err := cmd.Start()
	started <- err
	if err == nil {
		err = cmd.Wait()
	}
	p.err = err
}

// stop kills it and waits for its end. Nothing that it holds is worth a gentler way.
func (p *process) stop() {
	p.cancel()
	<-p.done
}

// ended tells why it has ended, and is nil while it runs.
func (p *process) ended() error {
	select {
	case <-p.done:
		return fmt.Errorf("%s ended: %v; see %s.log", p.name, p.err, p.name)
	default:
		return nil
	}
}
