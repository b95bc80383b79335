package gpu

import (
	"context"
	"errors"
	"io"
	"net/http"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/portcullis-ai/portcullis/internal/process"
)

// Service is a portcullis process on loopback. Stop ends it; whoever starts one calls
// that.
type Service struct {
	*process.Process
	Conn *grpc.ClientConn
	http string
}

// startTime is what a service has to load, test and warm its model. TensorRT builds
// its engines in it.
const startTime = 15 * time.Minute

// StartService runs `binary serve` with more arguments, on ports that nobody uses, and
// returns when it is ready. It has no cache: every text is to reach the card.
func StartService(ctx context.Context, binary string, args ...string) (*Service, error) {
	return StartServiceOn(ctx, "", binary, args...)
}

// StartServiceOn keeps the service to processors; see process.Start.
func StartServiceOn(ctx context.Context, cores, binary string, args ...string) (*Service, error) {
	ports, err := process.FreePorts(2)
	if err != nil {
		return nil, err
	}
	s := &Service{http: "http://" + ports[1]}
	if s.Conn, err = grpc.NewClient(ports[0], grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		return nil, err
	}
	all := append([]string{binary, "serve", "--listen", ports[0], "--metrics-listen", ports[1], "--set", "server.log_requests=false", "--set", "cache.enabled=false"}, args...)
	if s.Process, err = process.Start(cores, all...); err != nil {
		return nil, errors.Join(err, s.Conn.Close())
	}
	ctx, cancel := context.WithTimeout(ctx, startTime)
	defer cancel()
	if err := s.Await(ctx, s.ready); err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Service) ready(ctx context.Context) error {
	code, body, err := s.Get(ctx, "/readyz")
	if err == nil && code != http.StatusOK {
		err = errors.New(body)
	}
	return err
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

// Stop ends the process if it still runs, without a drain, and frees the connection.
func (s *Service) Stop() error {
	s.Process.Stop()
	return s.Conn.Close()
}
