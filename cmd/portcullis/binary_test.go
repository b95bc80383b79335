package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// asBinary makes this test binary the command that it tests, in a process of its own.
const asBinary = "TEST_AS_PORTCULLIS"

// child is a `portcullis serve` in a process of its own.
type child struct {
	cmd        *exec.Cmd
	grpc, http string
	conn       *grpc.ClientConn
	client     pb.ValidationServiceClient
	ended      chan struct{}
	end        error
}

// startChild serves until the test ends; stderr is where its log goes.
func startChild(t *testing.T, stderr *os.File) *child {
	t.Helper()
	c := &child{grpc: freePort(), http: freePort(), ended: make(chan struct{})}
	c.cmd = exec.CommandContext(context.Background(), os.Args[0], "serve", "--listen", c.grpc, "--metrics-listen", c.http)
	c.cmd.Env = append(os.Environ(), asBinary+"=1")
	c.cmd.Stderr = stderr
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { c.end = c.cmd.Wait(); close(c.ended) }()
	var err error
	if c.conn, err = dial(c.grpc); err != nil {
		t.Fatal(err)
	}
	c.client = pb.NewValidationServiceClient(c.conn)
	t.Cleanup(func() {
		_ = c.cmd.Process.Kill() // it may have ended
		<-c.ended
		_ = c.conn.Close()
	})
	eventually(t, "the process serves", func() bool {
		if c.over() {
			t.Fatal("it ended: ", c.end)
		}
		code, _ := c.get("/readyz")
		return code == http.StatusOK
	})
	return c
}

func (c *child) over() bool {
	select {
	case <-c.ended:
		return true
	default:
		return false
	}
}

func (c *child) get(path string) (int, string) {
	reply, err := http.Get("http://" + c.http + path)
	if err != nil {
		return 0, err.Error()
	}
	defer reply.Body.Close()
	body, _ := io.ReadAll(reply.Body)
	return reply.StatusCode, string(body)
}

func (c *child) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// outcome counts what became of texts.
type outcome struct {
	sent, verdicts, refused atomic.Int64
	odd                     chan error
}

// drive keeps calls under way until the service takes no more.
func (c *child) drive(ctx context.Context, callers int) (*outcome, *sync.WaitGroup) {
	o, all := &outcome{odd: make(chan error, callers)}, &sync.WaitGroup{}
	for range callers {
		all.Go(func() {
			for ctx.Err() == nil {
				n := o.sent.Add(1)
				v, err := c.client.Validate(ctx, &pb.ValidateRequest{Text: "What is the weather in Rome on day " + strconv.FormatInt(n, 10) + "?"})
				switch {
				case err == nil && v.GetDecision() != pb.Decision_DECISION_UNSPECIFIED:
					o.verdicts.Add(1)
				case status.Code(err) == codes.Unavailable:
					o.refused.Add(1)
					return
				default:
					o.odd <- fmt.Errorf("%v, %w", v, err)
					return
				}
			}
		})
	}
	return o, all
}

// TestSIGTERMUnderLoad: what the service has taken is answered. A call that it does not
// take is UNAVAILABLE, and its log and metrics count as many verdicts as the callers got.
func TestSIGTERMUnderLoad(t *testing.T) {
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	c := startChild(t, in)
	_ = in.Close()
	var log strings.Builder
	read := make(chan struct{})
	go func() { _, _ = io.Copy(&log, out); close(read) }()
	o, all := c.drive(t.Context(), 16)
	eventually(t, "it is busy", func() bool { return o.verdicts.Load() > 50 })
	c.signal(t, syscall.SIGTERM)
	all.Wait()
	<-c.ended
	<-read
	select {
	case err := <-o.odd:
		t.Errorf("a text got neither a verdict nor UNAVAILABLE: %v", err)
	default:
	}
	if c.end != nil || !strings.Contains(log.String(), "stopped") {
		t.Errorf("it ended with %v:\n%s", c.end, log.String())
	}
	judged := strings.Count(log.String(), "grpc.code=OK")
	if int64(judged) != o.verdicts.Load() {
		t.Errorf("%d calls were answered, their callers have %d verdicts", judged, o.verdicts.Load())
	}
	t.Logf("%d verdicts, %d refused", o.verdicts.Load(), o.refused.Load())
}

// TestKillAndRestart: nobody has a verdict that was not given, and the next process
// serves.
func TestKillAndRestart(t *testing.T) {
	c := startChild(t, nil)
	o, all := c.drive(t.Context(), 16)
	eventually(t, "it is busy", func() bool { return o.verdicts.Load() > 50 })
	c.signal(t, syscall.SIGKILL)
	all.Wait()
	<-c.ended
	if o.refused.Load() == 0 {
		t.Error("nobody noticed")
	}
	next := startChild(t, nil)
	if v, err := next.client.Validate(t.Context(), &pb.ValidateRequest{Text: "hello"}); err != nil || v.GetDecision() != pb.Decision_DECISION_ALLOW {
		t.Errorf("after the restart: %v, %v", v, err)
	}
}

// TestLogsThatCannotBeWritten: a pipe whose reader has gone and a disk that is full hold up
// no verdict, show in the metrics, and do not end the service.
func TestLogsThatCannotBeWritten(t *testing.T) {
	for name, tc := range map[string]struct {
		open func(t *testing.T) (stderr *os.File, serving func())
	}{
		"the reader has gone": {abandoned},
		"a full disk":         {full},
	} {
		t.Run(name, func(t *testing.T) {
			stderr, serving := tc.open(t)
			c := startChild(t, stderr)
			_ = stderr.Close()
			serving()
			o, all := c.drive(t.Context(), 4)
			eventually(t, "the metrics show it", func() bool {
				c.chatter(t)
				_, page := c.get("/metrics")
				return strings.Contains(page, "portcullis_log_lines_lost_total") && !strings.Contains(page, `portcullis_log_lines_lost_total{why="failed"} 0`)
			})
			if o.verdicts.Load() == 0 || c.over() {
				t.Errorf("%d verdicts; ended: %v", o.verdicts.Load(), c.over())
			}
			c.signal(t, syscall.SIGTERM)
			all.Wait()
			if <-c.ended; c.end != nil {
				t.Errorf("it ended with %v", c.end)
			}
		})
	}
}

// chatter makes the service write some lines of its log.
func (c *child) chatter(t *testing.T) {
	t.Helper()
	for range 500 {
		if _, err := c.client.GetServerInfo(t.Context(), &pb.GetServerInfoRequest{}); err != nil {
			t.Fatal(err)
		}
	}
}

func pipe(t *testing.T) (out, in *os.File) {
	t.Helper()
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() })
	return out, in
}

// abandoned reads until the service serves, and goes.
func abandoned(t *testing.T) (*os.File, func()) {
	t.Helper()
	out, in := pipe(t)
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return in, func() { _ = out.Close() }
}

func full(t *testing.T) (*os.File, func()) {
	t.Helper()
	f, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("this system has no /dev/full")
	}
	if err != nil {
		t.Fatal(err)
	}
	return f, func() {}
}
