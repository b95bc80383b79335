package server

import (
	"context"
	"log/slog"
	"runtime/debug"
	"slices"
	"time"

	"github.com/portcullis-ai/portcullis/guard"
	pb "github.com/portcullis-ai/portcullis/proto/portcullis/v1"
)

// text is one text on its way through the service.
type text struct {
	id        string // the validation_id
	requestID string
	principal string // who called; empty where nobody is asked
	caller    string // whose turns and limits these are
	method    string
	received  time.Time
	request   *pb.ValidateRequest           // nil if a stream's message had none
	message   interface{ Validate() error } // what carried the request
	late      bool                          // read from a stream after draining began
	life      time.Duration                 // at most, from received to the verdict; 0: as long as its caller says
	// engine has the engine judge the text. The text is in the request afterwards.
	engine func(ctx context.Context, e *guard.Engine, report func(guard.CheckReport) error) (guard.Result, error)
	// emit passes on what a check found while others still run; nil: nobody asks.
	// It is called with a permit held and MUST return when ctx ends.
	emit func(ctx context.Context, c guard.CheckReport) error
}

// judge takes a text to its verdict. Its errors are translated by refusalOf.
type judge func(ctx context.Context, t *text) (*pb.ValidateResponse, error)

// buildRoad lists what happens to every text, outermost first. Unary calls and
// streams send their texts down the same road.
func (s *Server) buildRoad() judge {
	steps := []func(judge) judge{
		s.trace,    // outermost, so that a span is as long as the text was here
		s.account,  // sees what became of the text whatever stopped it, a panic included
		s.rescue,   // a text on a stream has a goroutine of its own, which no interceptor guards
		s.hurry,    // before admission, so that no permit is ever held without a deadline
		s.permit,   // before any work, so that a full service refuses quickly
		s.ration,   // inside, so that a text that finds no room costs its caller nothing
		s.validate, // before whatever reads the request, so that it keeps the contract
		s.share,    // last: only what the engine starts takes turns
	}
	road := judge(s.decide)
	for _, step := range slices.Backward(steps) {
		road = step(road)
	}
	return road
}

// account counts every text, and records those that get no verdict; decide
// records the others.
func (s *Server) account(next judge) judge {
	return func(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
		out, err := next(ctx, t)
		if err != nil {
			return nil, s.refuse(ctx, t, err)
		}
		return out, nil
	}
}

// refuse translates, counts, logs and records why a text has no verdict.
func (s *Server) refuse(ctx context.Context, t *text, err error) *refusal {
	r := refusalOf(err)
	s.metrics.Refused(r.reason, time.Since(t.received))
	s.recordRefusal(ctx, t, r)
	if r.reason == "INTERNAL" {
		s.log.LogAttrs(ctx, slog.LevelError, "text failed",
			slog.String("validation_id", t.id), slog.String("request_id", t.requestID), slog.Any("error", err))
	}
	return r
}

func (s *Server) rescue(next judge) judge {
	return func(ctx context.Context, t *text) (out *pb.ValidateResponse, err error) {
		defer func() {
			if p := recover(); p != nil {
				s.logPanic(ctx, p)
				out, err = nil, errPanic
			}
		}()
		return next(ctx, t)
	}
}

func (s *Server) logPanic(ctx context.Context, p any) {
	s.log.LogAttrs(ctx, slog.LevelError, "panic",
		slog.String("request_id", requestID(ctx)), slog.String("value", describePanic(p)), slog.String("stack", string(debug.Stack())))
}

// hurry gives a text the default deadline if its caller set none, and holds it
// to the longest in any case. A stream's deadline is that of all its texts.
func (s *Server) hurry(next judge) judge {
	return func(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
		limit := t.life
		if limit == 0 {
			limit = s.allowed(ctx)
		}
		ctx, cancel := context.WithDeadline(ctx, t.received.Add(limit))
		defer cancel()
		return next(ctx, t)
	}
}

// allowed is how long a text that is there may take.
func (s *Server) allowed(ctx context.Context) time.Duration {
	if _, set := ctx.Deadline(); set {
		return s.cfg.MaxDeadline
	}
	return s.cfg.DefaultDeadline
}

func (s *Server) permit(next judge) judge {
	return func(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
		if t.late {
			return nil, errDraining
		}
		if s.memory.Full() {
			return nil, errNoMemory
		}
		if !s.admit.enter() {
			return nil, errFull
		}
		defer s.admit.leave()
		return next(ctx, t)
	}
}

func (s *Server) validate(next judge) judge {
	return func(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
		if err := t.message.Validate(); err != nil {
			return nil, err
		}
		if t.request.GetDetectOnly() && !s.cfg.AllowDetectOnly {
			return nil, errDetectOnly
		}
		return next(ctx, t)
	}
}

// decide is the end of the road: the engine judges, the recorder records, and
// only then is there a verdict.
func (s *Server) decide(ctx context.Context, t *text) (*pb.ValidateResponse, error) {
	loaded, release := s.acquire()
	defer release()
	result, err := t.engine(ctx, loaded.Engine, s.report(ctx, t))
	if err != nil {
		return nil, err
	}
	receipt, err := s.recordVerdict(ctx, t, loaded.Models, result)
	if err != nil {
		return nil, err
	}
	out := fromResult(t, result, s.cfg.MaxFindings)
	out.Models = fromModels(loaded.Models)
	out.Audit = toReceipt(receipt)
	s.decided(ctx, t, result)
	return out, nil
}

func (s *Server) decided(ctx context.Context, t *text, r guard.Result) {
	took := time.Since(t.received)
	s.metrics.Decided(r.Policy, r.Decision.String(), took)
	s.log.LogAttrs(ctx, slog.LevelDebug, "text judged",
		slog.String("validation_id", t.id), slog.String("request_id", t.requestID), slog.Int("bytes", len(t.request.GetText())),
		slog.String("policy", r.Policy), slog.String("decision", r.Decision.String()), slog.Duration("took", took))
}

// report measures each check as it ends, and passes it on where somebody listens.
func (s *Server) report(ctx context.Context, t *text) func(guard.CheckReport) error {
	return func(c guard.CheckReport) error {
		s.metrics.Checked(c.Check, c.State.String(), c.Elapsed)
		traceCheck(ctx, c)
		if c.State == guard.Failed {
			s.log.LogAttrs(ctx, slog.LevelWarn, "check failed",
				slog.String("validation_id", t.id), slog.String("check", c.Check), slog.Any("error", c.Err))
		}
		if t.emit == nil {
			return nil
		}
		return t.emit(ctx, c)
	}
}
