package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// siege is what was seen while an attack went on, and after it.
type siege struct {
	attack
	before, most, may           float64 // memory of the process, in bytes
	verdicts, refusals, healthy int
	late                        error // what somebody got who came anew at the end, from another host
	refusal                     error // the last one
	odd                         error // the last answer that is neither a verdict nor "later"
	left                        error // what was not as before afterwards
}

// What the settings come to beyond what there was, garbage included: see docs/security.md,
// "How much memory". Strangers stay below the limit, and never have it reached, or an honest
// call would be refused. Callers reach it, and then go a little past what Go may have.
const (
	strangersMay = maxMemory
	callersMay   = maxMemory * 3 / 2
)

// hold has the attackers attack for a time, and meanwhile calls as one who means it.
func (c *castle) hold(ctx context.Context, a attack, d time.Duration) (*siege, error) {
	s := &siege{attack: a}
	var err error
	if s.before, err = c.memory(ctx); err != nil {
		return nil, err
	}
	c.ask(ctx, &siege{}) // whose connection is known from now on
	s.may = s.before + strangersMay
	if a.known {
		s.may = s.before + callersMay
	}
	attacking, end := context.WithCancel(ctx)
	defer end()
	var all sync.WaitGroup
	for range a.attackers {
		all.Go(func() { c.besiege(attacking, a) })
	}
	for until := time.Now().Add(d); time.Now().Before(until) && ctx.Err() == nil; {
		c.ask(ctx, s)
	}
	s.late = c.newcomer(ctx)
	end()
	all.Wait()
	s.left = c.quiet(ctx)
	return s, nil
}

// stays is how many bytes of answers make an attacker go and come again: the settings of
// the server and a refusal are fewer, many answers more.
const stays = 64 << 10

// besiege is one attacker, who comes again when it has been thrown out.
func (c *castle) besiege(ctx context.Context, a attack) {
	key := ""
	if a.known {
		key = c.greedy
	}
	for ctx.Err() == nil {
		one, err := newAttacker(ctx, c.Conn.Target(), key)
		if err != nil {
			pause(ctx, 10*time.Millisecond)
			continue // as many as the system allows
		}
		leave := context.AfterFunc(ctx, func() { _ = one.conn.Close() })
		if a.do(ctx, one) == nil && one.out.Flush() == nil {
			_, _ = io.Copy(io.Discard, io.LimitReader(one.conn, stays)) // stands there until it is thrown out
		}
		leave()
		_ = one.conn.Close()
		pause(ctx, 10*time.Millisecond)
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// longest is how long an answer may take: one that never comes is a fault and no wait.
const longest = 30 * time.Second

// ask calls once as who may, asks once for health, and looks at the memory.
func (c *castle) ask(ctx context.Context, s *siege) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	_, err := pb.NewValidationServiceClient(c.Conn).Validate(c.credentials(ctx), &pb.ValidateRequest{Text: "What is the weather in Rome?"})
	switch status.Code(err) {
	case codes.OK:
		s.verdicts++
	case codes.ResourceExhausted, codes.Unavailable:
		s.refusals, s.refusal = s.refusals+1, err
	default:
		s.odd = err
	}
	if _, err := healthpb.NewHealthClient(c.Conn).Check(ctx, &healthpb.HealthCheckRequest{}); err == nil {
		s.healthy++
	}
	if now, err := c.memory(ctx); err == nil {
		s.most = max(s.most, now)
	}
}

// newcomer calls on a connection of its own, from another host than attackers do, until it
// has a verdict: strangers' places are few, and it may be told to come again.
func (c *castle) newcomer(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	from := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
	conn, err := grpc.NewClient(c.Conn.Target(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, addr string) (net.Conn, error) { return from.DialContext(ctx, "tcp", addr) }))
	if err != nil {
		return err
	}
	defer conn.Close() //nolint:errcheck // it was used once
	for {
		_, err = pb.NewValidationServiceClient(conn).Validate(c.credentials(ctx), &pb.ValidateRequest{Text: "Is it far?"})
		if err == nil || ctx.Err() != nil {
			return err
		}
		pause(ctx, 100*time.Millisecond)
	}
}

func (c *castle) memory(ctx context.Context) (float64, error) {
	return c.metric(ctx, "process_resident_memory_bytes")
}

// quiet waits until nothing of the attack is left, which a service that leaks never is.
func (c *castle) quiet(ctx context.Context) error {
	const patience = 60 // times
	ctx, cancel := context.WithTimeout(ctx, patience*longest)
	defer cancel()
	var open float64
	var err, missing error
	for range patience {
		_, err = pb.NewValidationServiceClient(c.Conn).Validate(c.credentials(ctx), &pb.ValidateRequest{Text: "And tomorrow?"})
		if open, missing = c.metric(ctx, "portcullis_calls_open"); err == nil && missing == nil && open == 0 {
			return nil
		}
		pause(ctx, time.Second)
	}
	return fmt.Errorf("a minute after the attack %v calls are open; a call, the metrics: %w", open, errors.Join(err, missing, errNotQuiet))
}

var errNotQuiet = errors.New("not as before")

// judge says what was wrong. Who fills memory with good credentials may have others wait;
// nobody else may.
func (s *siege) judge() error {
	wrong := []error{s.odd, s.left}
	if s.most == 0 {
		wrong = append(wrong, errors.New("its memory could not be read"))
	}
	if s.most > s.may {
		wrong = append(wrong, fmt.Errorf("it took %.0f MiB", s.most/mib))
	}
	if s.verdicts == 0 || s.healthy == 0 {
		wrong = append(wrong, errors.New("no answer while it went on"))
	}
	if !s.fills && s.refusals > 0 {
		wrong = append(wrong, fmt.Errorf("%d calls were refused: %w", s.refusals, s.refusal))
	}
	if !s.fills && s.late != nil {
		wrong = append(wrong, fmt.Errorf("a newcomer was not let in: %w", s.late))
	}
	return errors.Join(wrong...)
}
