package gpu

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
)

// Service is a portcullis process on loopback. Stop ends it; whoever starts one calls
// that.
type Service struct {
	Conn *grpc.ClientConn
	http string
	cmd  *exec.Cmd
	log  *record
	end  chan struct{} // closed when the process has ended
}

// startTime is what a service has to load, test and warm its model. TensorRT builds
// its engines in it.
const startTime = 15 * time.Minute

// StartService runs `binary serve` with more arguments, on ports that nobody uses, and
// returns when it is ready. It has no cache: every text is to reach the card.
func StartService(ctx context.Context, binary string, args ...string) (*Service, error) {
	ports, err := freePorts(2)
	if err != nil {
		return nil, err
	}
	s := &Service{http: "http://" + ports[1], log: &record{}, end: make(chan struct{})}
	all := append([]string{"serve", "--listen", ports[0], "--metrics-listen", ports[1], "--set", "server.log_requests=false", "--set", "cache.enabled=false"}, args...)
	s.cmd = exec.Command(binary, all...) //nolint:gosec,noctx // the binary under test; Stop ends it
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if s.Conn, err = grpc.NewClient(ports[0], grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		return nil, err
	}
	if err := s.cmd.Start(); err != nil {
		return nil, errors.Join(err, s.Conn.Close())
	}
	go func() {
		_ = s.cmd.Wait() // ExitCode tells
		close(s.end)
	}()
	if err := s.ready(ctx); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// freePorts asks the system for ports that nobody uses. Another process could take one
// in between; the service then says so.
func freePorts(n int) (ports []string, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it does not wait
		if err != nil {
			return nil, err
		}
		defer l.Close() //nolint:errcheck,gocritic // nothing was written; each is held until all are known
		ports = append(ports, l.Addr().String())
	}
	return ports, nil
}

func (s *Service) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	for {
		if code, _, err := s.Get(ctx, "/readyz"); err == nil && code == http.StatusOK {
			return nil
		}
		select {
		case <-s.end:
			return fmt.Errorf("the service ended with %d while it started:\n%s", s.ExitCode(), s.Log())
		case <-ctx.Done():
			return fmt.Errorf("the service was not ready: %w\n%s", ctx.Err(), s.Log())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Get asks the second port, such as /metrics.
func (s *Service) Get(ctx context.Context, path string) (code int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.http+path, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	reply, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer reply.Body.Close() //nolint:errcheck // it was read
	data, err := io.ReadAll(reply.Body)
	return reply.StatusCode, string(data), err
}

// Signal sends a signal to the process.
func (s *Service) Signal(signal os.Signal) error { return s.cmd.Process.Signal(signal) }

// Ended is closed when the process has ended.
func (s *Service) Ended() <-chan struct{} { return s.end }

// ExitCode is the exit status once the process has ended, -1 if a signal ended it.
func (s *Service) ExitCode() int { return s.cmd.ProcessState.ExitCode() }

// Log is what the process has written so far.
func (s *Service) Log() string { return s.log.String() }

// Stop ends the process if it still runs, without a drain, and frees the connection.
func (s *Service) Stop() error {
	select {
	case <-s.end:
	default:
		_ = s.cmd.Process.Kill() // it may have ended in between
		<-s.end
	}
	return s.Conn.Close()
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
