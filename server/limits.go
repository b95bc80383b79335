package server

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	"github.com/portcullis-ai/portcullis/internal/door"
	"github.com/portcullis-ai/portcullis/internal/quota"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// Connections bounds how long connections live. 0 is for ever.
type Connections struct {
	// MaxIdle closes a connection that has carried no call for so long.
	MaxIdle time.Duration `yaml:"max_idle"`
	// MaxAge asks a client to connect anew, give or take a tenth, so that balancers
	// spread callers again and certificates are looked at again.
	MaxAge time.Duration `yaml:"max_age"`
	// MaxAgeGrace is how long its calls may go on after that. It is the end of streams
	// too.
	MaxAgeGrace time.Duration `yaml:"max_age_grace"`
	// Handshake is how long a client may take to connect.
	Handshake time.Duration `yaml:"handshake"`
	// MaxStreams is how many calls one connection may have open, those counted whose
	// answers its client has not taken. More wait in the client.
	MaxStreams int `yaml:"max_streams"`
	// Max is how many connections there may be. One more takes the place of one on which
	// nobody has called yet who may.
	Max int `yaml:"max"`
}

func defaultConnections() Connections {
	return Connections{MaxIdle: 15 * time.Minute, MaxAge: 30 * time.Minute, MaxAgeGrace: 5 * time.Minute, Handshake: 10 * time.Second, MaxStreams: 250, Max: 2048}
}

// validate takes the longest that a text may take.
func (c Connections) validate(longest time.Duration) error {
	for _, d := range []struct {
		key   string
		value time.Duration
	}{{"max_idle", c.MaxIdle}, {"max_age", c.MaxAge}, {"max_age_grace", c.MaxAgeGrace}} {
		if d.value != 0 && d.value < time.Second {
			return fmt.Errorf("%s: %s is less than 1s; 0 is for ever", d.key, d.value)
		}
	}
	switch {
	case c.MaxAge > 0 && c.MaxAgeGrace > 0 && c.MaxAgeGrace < longest:
		return fmt.Errorf("max_age_grace: %s is less than max_deadline or output.max_time, %s: texts would be cut off", c.MaxAgeGrace, longest)
	case c.Handshake <= 0:
		return fmt.Errorf("handshake: %s is not above 0", c.Handshake)
	case c.MaxStreams < 1 || c.MaxStreams > math.MaxInt32:
		return fmt.Errorf("max_streams: %d is not between 1 and %d", c.MaxStreams, math.MaxInt32)
	case c.Max < 0:
		return fmt.Errorf("max: %d is below 0; 0 is no limit", c.Max)
	}
	return nil
}

// What a call may make the server hold before anybody has asked who calls.
const (
	// maxHeaders bounds its headers, in bytes. The longest token that is taken fits in twice.
	maxHeaders = 32 << 10
	// window is how much of a message may come that nobody reads yet, in bytes. gRPC would
	// make it larger on fast lines, up to 16 MiB for each stream, if it were not said. A
	// message that is being read comes as fast as it can all the same.
	window = 64 << 10
	// connWindow is that of a connection, which bounds speed alone: gRPC opens it again
	// whether anybody reads or not.
	connWindow = 1 << 20
)

func (c Connections) options() []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.MaxConcurrentStreams(uint32(c.MaxStreams)),
		grpc.MaxHeaderListSize(maxHeaders),
		grpc.StaticStreamWindowSize(window),
		grpc.StaticConnWindowSize(connWindow),
		grpc.ConnectionTimeout(c.Handshake),
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionIdle: c.MaxIdle, MaxConnectionAge: c.MaxAge, MaxConnectionAgeGrace: c.MaxAgeGrace,
			Time: pingTime, Timeout: pingTimeout,
		}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minClientPing, PermitWithoutStream: true}),
	}
}

// perCaller leaves room for others where nothing else was said: one caller has four
// fifths of the texts in flight at the most, of the calls, and of the connections.
func (c Config) perCaller() quota.Config {
	q := c.PerCaller
	if q.TextsInFlight == 0 {
		q.TextsInFlight = c.MaxInFlight - c.MaxInFlight/5
	}
	if q.Calls == 0 {
		q.Calls = c.MaxCalls - c.MaxCalls/5
	}
	if q.Connections == 0 {
		q.Connections = c.Connections.Max - c.Connections.Max/5
	}
	return q
}

// doorLimits takes the largest message: an answer repeats no more than the text, so as much
// may wait for its client to take it.
func (c Config) doorLimits(message int) door.Limits {
	return door.Limits{Connections: c.Connections.Max, Share: c.perCaller().Connections, Debt: int64(message)}
}

// ration holds each caller to what it may ask for. A text that grew is paid for when
// it is judged.
func (s *Server) ration(next judge) judge {
	return func(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
		leave, err := s.callers.Enter(t.caller, len(t.request.GetText()))
		if err != nil {
			return nil, err
		}
		defer func() { leave(len(t.request.GetText())) }()
		return next(ctx, t)
	}
}

// count bounds how many calls a caller has open.
func (s *Server) count() grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		if isPublic(info.FullMethod) {
			return next(srv, ss)
		}
		closed, err := s.callers.Open(visitOf(ss.Context()).caller(), !isUnary(info))
		if err != nil {
			return s.refuse(ss.Context(), s.newText(ss.Context(), info.FullMethod, nil), err)
		}
		defer closed()
		return next(srv, ss)
	}
}

// pushBack tells gRPC's own retries how long to wait, as RetryInfo tells programs.
func (s *Server) pushBack() grpc.StreamServerInterceptor {
	return func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, next grpc.StreamHandler) error {
		return pushedBack(ss, next(srv, ss))
	}
}

// pushedBack is err, with the trailer for it if it says when to come again.
func pushedBack(ss grpc.ServerStream, err error) error {
	if r, ok := errors.AsType[*refusal](err); ok && r.retry > 0 {
		ss.SetTrailer(metadata.Pairs("grpc-retry-pushback-ms", strconv.FormatInt(max(1, r.retry.Milliseconds()), 10)))
	}
	return err
}

// refusalLines is how many lines a second they may write.
const refusalLines = 10

// complaints bounds how many lines refused calls write: whoever is refused could
// otherwise fill a disk.
type complaints struct {
	mu     sync.Mutex
	bucket quota.Bucket
}

func (c *complaints) allow() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	if c.bucket.Wait(now) > 0 {
		return false
	}
	c.bucket.Take(now, 1)
	return true
}
