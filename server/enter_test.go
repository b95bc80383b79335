package server_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/portcullis-ai/portcullis/batching"
	"github.com/portcullis-ai/portcullis/internal/auth"
	"github.com/portcullis-ai/portcullis/internal/auth/authtest"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
	"github.com/portcullis-ai/portcullis/server"
)

// gateOf runs a gate until the test ends.
func gateOf(t *testing.T, change func(*auth.Config)) *auth.Gate {
	t.Helper()
	cfg := auth.DefaultConfig()
	change(&cfg)
	g, err := auth.New(cfg, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { g.Run(ctx) })
	t.Cleanup(func() { cancel(); running.Wait() })
	return g
}

// trusting gives every role to the callers whose token has it.
func trusting(i *authtest.Issuer) func(*auth.Config) {
	grants := auth.Grants{}
	for _, r := range auth.Roles() {
		grants[r] = []string{string(r)}
	}
	return func(cfg *auth.Config) {
		cfg.Tokens = []auth.Issuer{{Issuer: i.URL, CA: i.CA, Audiences: []string{authtest.Audience}, Roles: grants}}
	}
}

// startGuarded serves behind a gate, in plain text and in this process.
func startGuarded(t *testing.T, g *auth.Gate, change ...func(*server.Config)) *service {
	t.Helper()
	cfg := server.DefaultConfig()
	for _, c := range change {
		c(&cfg)
	}
	s := &service{recorder: &recorder{}, logs: &buffer{}, gate: make(chan struct{})}
	s.serve(t, cfg, server.Loaded{Engine: newEngine(t, words{}, script{s.gate})}, server.WithGate(g),
		server.WithRecorder(s.recorder), server.WithLogger(slog.New(slog.NewJSONHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug}))))
	return s
}

func carrying(ctx context.Context, token string) context.Context {
	return metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+token)
}

// loopback serves on a port too, until the server shuts down.
func (s *service) loopback(t testing.TB) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go s.server.Serve(l) // what calls get tells
	return l.Addr().String()
}

// calls are all that the server has, each as short as it can be.
func (s *service) calls() map[string]func(context.Context) error {
	stream := func(name string) func(context.Context) error {
		return func(ctx context.Context) error {
			c, err := s.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, name)
			if err != nil {
				return err
			}
			if err := c.CloseSend(); err != nil {
				return err
			}
			return c.RecvMsg(&healthpb.HealthCheckResponse{}) // whatever it is
		}
	}
	return map[string]func(context.Context) error{
		"Validate": func(ctx context.Context) error {
			_, err := s.Validate(ctx, &pb.ValidateRequest{Text: "hello"})
			return err
		},
		"GetServerInfo": func(ctx context.Context) error {
			_, err := s.GetServerInfo(ctx, &pb.GetServerInfoRequest{})
			return err
		},
		"ValidateStream": stream(pb.ValidationService_ValidateStream_FullMethodName),
		"ValidateOutput": stream(pb.ValidationService_ValidateOutput_FullMethodName),
		"Health/Check": func(ctx context.Context) error {
			_, err := healthpb.NewHealthClient(s.conn).Check(ctx, &healthpb.HealthCheckRequest{})
			return err
		},
		"Health/List": func(ctx context.Context) error {
			_, err := healthpb.NewHealthClient(s.conn).List(ctx, &healthpb.HealthListRequest{})
			return err
		},
		"reflection": stream(reflectionpb.ServerReflection_ServerReflectionInfo_FullMethodName),
	}
}

// Every method against every role, through gRPC.
func TestMethodsAndRoles(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)))
	const public = "validator auditor privacy admin nobody stranger"
	for method, may := range map[string]string{
		"Validate": "validator", "ValidateStream": "validator", "ValidateOutput": "validator",
		"GetServerInfo": "validator auditor privacy admin", "Health/Check": public, "Health/List": public, "reflection": public,
	} {
		for role := range strings.FieldsSeq(public) {
			ctx := t.Context()
			want := codes.Unauthenticated
			if role != "stranger" {
				ctx = carrying(ctx, i.Token(map[string]any{"roles": []string{role}}))
				want = codes.PermissionDenied
			}
			got := status.Code(s.calls()[method](ctx))
			refused := got == codes.Unauthenticated || got == codes.PermissionDenied
			if strings.Contains(may, role) == refused || refused && got != want {
				t.Errorf("%s calls %s: %s", role, method, got)
			}
		}
	}
}

func TestAMethodWithoutARuleDoesNotStart(t *testing.T) {
	for name, change := range map[string]func(*auth.Config){
		"forgotten": func(cfg *auth.Config) { delete(cfg.Methods, pb.ValidationService_Validate_FullMethodName) },
		"misspelt": func(cfg *auth.Config) {
			cfg.Methods["/portcullis.v1.ValidationService/Validte"] = auth.Rule{Roles: auth.Roles()}
		},
		"public": func(cfg *auth.Config) {
			cfg.Methods[healthpb.Health_Check_FullMethodName] = auth.Rule{Roles: auth.Roles()}
		},
	} {
		loaded := server.Loaded{Engine: newEngine(t, words{}, script{})}
		_, err := server.New(server.DefaultConfig(), func() (server.Loaded, func()) { return loaded, func() {} }, server.WithGate(gateOf(t, change)))
		if err == nil || !strings.Contains(err.Error(), "auth.methods") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestReflectionCanBeSwitchedOff(t *testing.T) {
	s := start(t, func(c *server.Config) { c.Reflection = false })
	if err := s.calls()["reflection"](t.Context()); status.Code(err) != codes.Unimplemented {
		t.Error(err)
	}
}

// Who called is logged and recorded; what it showed is not, and what it did wrong is
// told to nobody else.
func TestWhatIsLoggedOfCallers(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)))
	good := i.Token(map[string]any{"roles": "validator"})
	old := i.Token(map[string]any{"roles": "validator", "exp": 1})
	if err := s.calls()["Validate"](carrying(t.Context(), good)); err != nil {
		t.Fatal(err)
	}
	expired := s.calls()["Validate"](carrying(t.Context(), old))
	missing := s.calls()["Validate"](t.Context())
	wantError(t, expired, codes.Unauthenticated, "UNAUTHENTICATED")
	if expired.Error() != missing.Error() {
		t.Errorf("a stranger learns why: %v, %v", expired, missing)
	}
	denied := s.calls()["ValidateStream"](carrying(t.Context(), i.Token(nil)))
	wantError(t, denied, codes.PermissionDenied, "PERMISSION_DENIED")

	log := s.logs.String()
	for _, want := range []string{`"principal":"` + i.URL + `#alice"`, `"refused":"expired"`, `"refused":"no_role"`, `"refused":"no_credentials"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log has no %s", want)
		}
	}
	page := s.metrics()
	for _, want := range []string{
		`portcullis_auth_refusals_total{reason="expired"} 1`, `portcullis_auth_refusals_total{reason="no_role"} 1`,
		`portcullis_refusals_total{reason="UNAUTHENTICATED"} 2`, `portcullis_refusals_total{reason="PERMISSION_DENIED"} 1`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the metrics have no %s", want)
		}
	}
	for _, token := range []string{good, old} {
		if part := strings.Split(token, ".")[2]; strings.Contains(log+page, part) {
			t.Error("a token was logged")
		}
	}
	var who []string
	for _, e := range s.recorder.all() {
		who = append(who, e.Principal)
	}
	if want := []string{i.URL + "#alice", "", "", i.URL + "#alice"}; fmt.Sprint(who) != fmt.Sprint(want) {
		t.Errorf("recorded %q, want %q", who, want)
	}
}

func TestRefusedCallsDoNotFillTheLog(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)), func(c *server.Config) { c.LogRequests = false })
	for range 500 {
		_ = s.calls()["Validate"](t.Context())
	}
	if n := strings.Count(s.logs.String(), "call refused"); n == 0 || n > 400 {
		t.Errorf("%d lines", n)
	}
}

// What a caller has opened ends with its credentials, and not before.
func TestStreamsEndWithTheirCredentials(t *testing.T) {
	i := authtest.NewIssuer(t)
	s := startGuarded(t, gateOf(t, trusting(i)))
	ctx := carrying(t.Context(), i.Token(map[string]any{"roles": "validator", "exp": time.Now().Add(3 * time.Second).Unix()}))
	var all sync.WaitGroup
	all.Go(func() {
		c, err := s.ValidateStream(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		if err := c.Send(&pb.ValidateStreamRequest{Id: "1", Request: &pb.ValidateRequest{Text: "hello"}}); err != nil {
			t.Error(err)
		}
		verdict := false
		for err == nil {
			var r *pb.ValidateStreamResponse
			r, err = c.Recv()
			verdict = verdict || r.GetVerdict() != nil
		}
		if wantError(t, err, codes.Unauthenticated, "CREDENTIALS_EXPIRED"); !verdict {
			t.Error("no verdict before the end")
		}
	})
	all.Go(func() {
		c, err := s.ValidateOutput(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		_, err = c.Recv() // the client does not even begin
		wantError(t, err, codes.Unauthenticated, "CREDENTIALS_EXPIRED")
	})
	all.Go(func() {
		c, err := s.ValidateOutput(ctx)
		if err != nil {
			t.Error(err)
			return
		}
		open := &pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Open{Open: &pb.ValidateOutputOpen{}}}
		if err := errors.Join(c.Send(open), c.Send(&pb.ValidateOutputRequest{Payload: &pb.ValidateOutputRequest_Chunk{Chunk: "hello "}})); err != nil {
			t.Error(err)
		}
		for err == nil {
			_, err = c.Recv()
		}
		wantError(t, err, codes.Unauthenticated, "CREDENTIALS_EXPIRED")
	})
	all.Wait()
}

// Certificates through the real thing: loopback, TLS 1.3, HTTP/2.
func TestCertificatesOverLoopback(t *testing.T) {
	servers, clients, dir := authtest.NewAuthority(t, "servers"), authtest.NewAuthority(t, "clients"), t.TempDir()
	g := gateOf(t, func(cfg *auth.Config) {
		cfg.TLS.Certificate, cfg.TLS.Key = authtest.Write(t, dir, servers.Server(t))
		cfg.Certificates = auth.Certificates{
			ClientCA: authtest.File(t, dir, "ca.pem", clients.PEM()), Roles: auth.Grants{auth.Validator: {"spiffe://acme.example/agents/*"}},
		}
	})
	f := flows{make(chan batching.Flow, 1)}
	s := &service{}
	s.serve(t, server.DefaultConfig(), server.Loaded{Engine: newEngine(t, f, script{})}, server.WithGate(g))
	addr := s.loopback(t)
	call := func(creds credentials.TransportCredentials) (health, validate error) {
		conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_, health = healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{})
		_, validate = pb.NewValidationServiceClient(conn).Validate(t.Context(), &pb.ValidateRequest{Text: "hello"})
		return health, validate
	}
	with := func(change func(*tls.Config)) credentials.TransportCredentials {
		cfg := &tls.Config{RootCAs: servers.Pool()}
		change(cfg)
		return credentials.NewTLS(cfg)
	}
	const bot = "spiffe://acme.example/agents/bot"
	if _, err := call(with(func(c *tls.Config) { c.Certificates = []tls.Certificate{clients.Client(t, bot)} })); err != nil {
		t.Error(err)
	}
	if got := <-f.seen; got.Key != bot {
		t.Errorf("the turn of %q", got.Key)
	}
	health, err := call(with(func(*tls.Config) {}))
	if wantError(t, err, codes.Unauthenticated, "UNAUTHENTICATED"); health != nil {
		t.Errorf("health: %v", health)
	}
	_, err = call(with(func(c *tls.Config) {
		c.Certificates = []tls.Certificate{clients.Client(t, "spiffe://acme.example/other")}
	}))
	wantError(t, err, codes.PermissionDenied, "PERMISSION_DENIED")
	for name, creds := range map[string]credentials.TransportCredentials{
		"plain text":               insecure.NewCredentials(),
		"TLS 1.2":                  with(func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }),
		"a server nobody knows":    credentials.NewTLS(&tls.Config{RootCAs: clients.Pool()}),
		"a client of another root": with(func(c *tls.Config) { c.GetClientCertificate = other(t) }),
	} {
		if health, validate := call(creds); status.Code(health) != codes.Unavailable || status.Code(validate) != codes.Unavailable {
			t.Errorf("%s: %v, %v", name, health, validate)
		}
	}
}

// other sends a certificate although the server did not name its authority.
func other(t *testing.T) func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
	t.Helper()
	c := authtest.NewAuthority(t, "clients").Client(t, "spiffe://acme.example/agents/bot")
	return func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &c, nil }
}
