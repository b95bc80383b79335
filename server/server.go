package server

import (
	"context"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"

	"github.com/portcullis-ai/portcullis/internal/crew"
	"github.com/portcullis-ai/portcullis/internal/door"
	"github.com/portcullis-ai/portcullis/internal/memory"
	"github.com/portcullis-ai/portcullis/internal/quota"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// Limits of a connection that nobody has needed to configure. What all of them can make
// the server do is bounded by admission (MaxInFlight), what they can make it hold by the
// door, the tap and the gauge of memory; docs/security.md has the sum.
const (
	pingTime      = time.Minute      // a silent connection is asked whether it lives
	pingTimeout   = 20 * time.Second // and closed if it does not answer
	minClientPing = 10 * time.Second // clients that ping more often are cut off
	kept          = 64               // goroutines kept for calls, and as many for texts of streams
)

// Server serves the ValidationService, grpc.health.v1 and reflection.
type Server struct {
	options
	pb.UnimplementedValidationServiceServer
	cfg        Config
	acquire    Acquire
	grpc       *grpc.Server
	health     *health.Server
	callers    *quota.Callers
	refused    atomic.Bool // the last reload was
	complaints complaints
	admit      admission
	door       *door.Door
	calls      calls
	guests     lobby // whoever asks for health
	readers    lobby // callers of methods of one message
	message    int   // bytes of the largest that is read
	memory     *memory.Gauge
	unlook     context.CancelFunc // ends its look, when the last call has
	road       judge

	crew      *crew.Crew      // judges the texts of streams
	accepting context.Context // ends when Shutdown begins
	drain     context.CancelFunc
	talks     sync.WaitGroup // goroutines of streams; they end with the calls, or soon after
}

// New builds a server that is not serving: health says NOT_SERVING until
// SetServing. It acquires once, to size its messages by the longest text that
// the engine takes; a reload that raises that limit needs a new server.
func New(cfg Config, acquire Acquire, opts ...Option) (*Server, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("server: %w", err)
	}
	s := &Server{
		options: newOptions(opts), cfg: cfg, acquire: acquire,
		crew: crew.New(kept), health: health.NewServer(),
		complaints: complaints{bucket: quota.Bucket{Rate: refusalLines, Burst: refusalLines}},
	}
	s.accepting, s.drain = context.WithCancel(context.Background())
	s.admit = admission{limit: int64(cfg.MaxInFlight), gauge: s.metrics.InFlight}
	s.road = s.buildRoad()
	s.message = s.maxMessage()
	s.callers, s.door = quota.NewCallers(cfg.perCaller()), door.New(cfg.doorLimits(s.message), s.log)
	s.calls.limit = int64(cfg.MaxCalls)
	s.memory = memory.NewGauge(cfg.Memory)
	s.guests.room, s.guests.patience, s.readers.patience = maxGuestsHeard, guestPatience, cfg.MaxDeadline
	s.grpc = grpc.NewServer(s.grpcOptions()...)
	s.metrics.WatchEdge(s.edge)
	s.register(registrar{s.grpc, s.layers()})
	if err := s.gate.Methods().Cover(s.guarded()); err != nil {
		s.grpc.Stop() // which has goroutines already
		return nil, err
	}
	looking, unlook := context.WithCancel(context.Background())
	s.unlook = unlook
	s.talks.Go(func() { s.memory.Run(looking, s.squeeze, s.relieve) })
	s.SetServing(false)
	s.SetReloaded(true) // what was loaded at the start
	return s, nil
}

func (s *Server) register(r registrar) {
	pb.RegisterValidationServiceServer(r, s)
	healthpb.RegisterHealthServer(r, s.health)
	if s.cfg.Reflection {
		reflection.Register(r)
	}
}

func (s *Server) grpcOptions() []grpc.ServerOption {
	opts := append(s.cfg.Connections.options(),
		grpc.MaxRecvMsgSize(s.message),
		grpc.ForceServerCodecV2(newCodec()),
		grpc.InTapHandle(s.tap),
		grpc.UnknownServiceHandler(s.elsewhere()),
		grpc.NumStreamWorkers(kept),
		grpc.WaitForHandlers(true), // Shutdown must not return before the last handler has
	)
	if cfg := s.gate.TLS(); cfg != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(cfg)))
	}
	return opts
}

// maxMessage is the largest message read, in bytes. A text somewhat too long is
// read, so that its sender is told TEXT_TOO_LONG; beyond twice the limit gRPC
// refuses it unread, with RESOURCE_EXHAUSTED and nothing to retry, so that nobody
// can make the server hold much more than the texts it would take.
func (s *Server) maxMessage() int {
	const roomForTheRest = 64 << 10
	loaded, release := s.acquire()
	defer release()
	return 2*loaded.Engine.MaxTextBytes() + roomForTheRest
}

// SetServing tells health checks, /readyz and balancers whether to send texts
// here. It forbids nothing. After Shutdown it does nothing.
func (s *Server) SetServing(serving bool) {
	status := healthpb.HealthCheckResponse_NOT_SERVING
	if serving {
		status = healthpb.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus("", status)
	s.health.SetServingStatus(pb.ValidationService_ServiceDesc.ServiceName, status)
}

// ReloadHealth is what a health check asks for to learn whether the last reload was
// taken. A refused one is no reason to send texts elsewhere: the last good rules,
// policies and models serve on.
const ReloadHealth = "portcullis.reload"

// SetReloaded tells health checks, /readyz and GetServerInfo whether the last reload
// was taken or refused.
func (s *Server) SetReloaded(taken bool) {
	s.refused.Store(!taken)
	status := healthpb.HealthCheckResponse_NOT_SERVING
	if taken {
		status = healthpb.HealthCheckResponse_SERVING
	}
	s.health.SetServingStatus(ReloadHealth, status)
}

// Serve answers calls that come in on lis, which it closes. It returns nil after
// Shutdown.
func (s *Server) Serve(lis net.Listener) error {
	if err := s.grpc.Serve(s.door.Listen(lis)); err != nil {
		return fmt.Errorf("server: serve %s: %w", lis.Addr(), err)
	}
	return nil
}

// Shutdown ends the service without losing a text that it has taken. Health says
// NOT_SERVING, no connection and no new call is accepted, and calls run to their
// end. A stream answers what it has read, refuses what still comes with
// UNAVAILABLE, and ends with UNAVAILABLE. What has not ended when ctx does is cut
// off, which is an error. Nothing of the server is left running after it.
func (s *Server) Shutdown(ctx context.Context) error {
	s.health.Shutdown()
	s.drain()
	drained := make(chan struct{})
	go func() { s.grpc.GracefulStop(); close(drained) }()
	var err error
	select {
	case <-drained:
	case <-ctx.Done():
		err = fmt.Errorf("server: calls were cut off: %w", context.Cause(ctx))
		s.grpc.Stop()
		<-drained
	}
	s.unlook()
	s.talks.Wait()
	s.crew.Close()
	return err
}
