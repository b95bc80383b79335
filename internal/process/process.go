// Package process runs a program beside this one, on processors of its own if asked,
// and says what it used. Whoever starts one stops it.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Process is a program that was started.
type Process struct {
	cmd *exec.Cmd
	log *record
	end chan struct{} // closed when it has ended
}

// Start runs a command line. cores names the processors that it may use, as taskset
// takes them ("0", "0,2"); empty is all of them.
func Start(cores string, argv ...string) (*Process, error) {
	if cores != "" {
		argv = append([]string{"taskset", "-c", cores}, argv...)
	}
	p := &Process{log: &record{}, end: make(chan struct{})}
	p.cmd = exec.Command(argv[0], argv[1:]...) //nolint:gosec,noctx // the program under test; Stop ends it
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = p.cmd.Wait() // ExitCode tells
		close(p.end)
	}()
	return p, nil
}

// Await asks until ready answers without an error. It fails when the program ends or
// ctx does, with what the program wrote.
func (p *Process) Await(ctx context.Context, ready func(context.Context) error) error {
	for {
		err := ready(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-p.end:
			return fmt.Errorf("%s ended with %d while it started:\n%s", p.cmd.Path, p.ExitCode(), p.Log())
		case <-ctx.Done():
			return fmt.Errorf("%s was not ready: %w: %w\n%s", p.cmd.Path, ctx.Err(), err, p.Log())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Signal sends a signal to the program.
func (p *Process) Signal(signal os.Signal) error { return p.cmd.Process.Signal(signal) }

// Ended is closed when the program has ended.
func (p *Process) Ended() <-chan struct{} { return p.end }

// ExitCode is the exit status once the program has ended, -1 if a signal ended it.
func (p *Process) ExitCode() int { return p.cmd.ProcessState.ExitCode() }

// Log is what the program has written so far.
func (p *Process) Log() string { return p.log.String() }

// Stop ends the program at once if it still runs, and waits for it.
func (p *Process) Stop() {
	select {
	case <-p.end:
	default:
		_ = p.cmd.Process.Kill() // it may have ended in between
		<-p.end
	}
}

// tick is what /proc counts processor time in: USER_HZ of Linux, whatever the kernel.
const tick = 10 * time.Millisecond

// CPU is the processor time that the program has used, to 10 ms.
func (p *Process) CPU() (time.Duration, error) {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:])) // its name may hold spaces
	if len(fields) < 13 {
		return 0, errors.New("/proc/PID/stat: too few fields")
	}
	user, err1 := strconv.Atoi(fields[11])
	system, err2 := strconv.Atoi(fields[12])
	return time.Duration(user+system) * tick, errors.Join(err1, err2)
}

// FreePorts asks the system for addresses on this machine that nobody uses. Another
// process could take one in between; the program then says so.
func FreePorts(n int) (addrs []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
		if err != nil {
			return nil, err
		}
		defer l.Close() //nolint:errcheck,gocritic // nothing was written; each is held until all are known
		addrs = append(addrs, l.Addr().String())
	}
	return addrs, nil
}

// Confine keeps this process to processors, as taskset names them, from now on.
func Confine(ctx context.Context, cores string) error {
	out, err := exec.CommandContext(ctx, "taskset", "-a", "-c", "-p", cores, strconv.Itoa(os.Getpid())).CombinedOutput() //nolint:gosec // numbers of processors
	if err != nil {
		return fmt.Errorf("taskset: %w: %s", err, out)
	}
	return nil
}

// record is a buffer that is read while it is written.
type record struct {
	mu   sync.Mutex
	data bytes.Buffer
}

// Write adds p.
func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.data.Write(p)
}

// String returns all that was written.
func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.data.String()
}
