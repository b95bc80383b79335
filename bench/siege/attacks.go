package main

import (
	"context"

	"golang.org/x/net/http2"
)

const (
	validate = "/portcullis.v1.ValidationService/Validate"
	converse = "/portcullis.v1.ValidationService/ValidateStream"
	check    = "/grpc.health.v1.Health/Check"
	watch    = "/grpc.health.v1.Health/Watch"
	reflect  = "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
)

// attack is what some attackers do at the same time, each on one connection after another.
type attack struct {
	name      string
	attackers int
	known     bool // they have the key
	fills     bool // memory, so that honest calls may be refused
	do        func(ctx context.Context, a *attacker) error
}

var attacks = []attack{
	{"connections that stand there", 1000, false, false, func(context.Context, *attacker) error { return nil }},
	{"messages that do not end", 20, false, false, filling(validate, 1000, 60<<10)},
	{"messages in frames of one byte", 10, false, false, crumbs(validate, 50, 20<<10)},
	{"questions for health that do not end", 50, false, false, filling(check, 4, 1<<20)},
	{"watches", 50, false, false, whole(watch)},
	{"calls, answers unread", 10, false, false, whole(validate)},
	{"resets", 10, false, false, func(ctx context.Context, a *attacker) error {
		for ctx.Err() == nil && a.ok() {
			a.note(a.frames.WriteRSTStream(a.call(validate), http2.ErrCodeCancel))
		}
		return a.err
	}},
	{"headers without end", 20, false, false, func(ctx context.Context, a *attacker) error {
		a.note(a.frames.WriteHeaders(http2.HeadersFrameParam{StreamID: 1, BlockFragment: a.encode(validate)}))
		for ctx.Err() == nil && a.ok() {
			a.note(a.frames.WriteContinuation(1, false, a.encode(validate)))
		}
		return a.err
	}},
	{"pings, answers unread", 20, false, false, func(ctx context.Context, a *attacker) error {
		for ctx.Err() == nil && a.ok() {
			a.note(a.frames.WritePing(false, [8]byte{}))
		}
		return a.err
	}},
	{"settings, answers unread", 20, false, false, func(ctx context.Context, a *attacker) error {
		for ctx.Err() == nil && a.ok() {
			a.note(a.frames.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize}))
		}
		return a.err
	}},
	{"answers that nobody takes", 200, false, false, untaken(reflect, 150, contract())},
	{"a caller's connections", 1000, true, false, once(validate)},
	{"a caller's answers that nobody takes", 50, true, false, untaken(validate, 100, make([]byte, 5))},
	{"a caller's messages without end", 8, true, true, filling(validate, 100, 2_000_000)},
	{"a caller's streams without end", 8, true, true, filling(converse, 25, 2_000_000)},
	{"a caller's streams in crumbs", 8, true, true, crumbs(converse, 25, 60<<10)},
}

// filling begins calls and sends so much of the message of each, of which more is announced:
// first what anybody may send, then what may come once the service has begun to listen.
func filling(method string, calls, size int) func(context.Context, *attacker) error {
	return func(ctx context.Context, a *attacker) error {
		first, ids := min(size, 16<<10), []uint32(nil)
		for range calls {
			ids = append(ids, a.call(method))
			a.data(ids[len(ids)-1], announced(first))
		}
		for _, id := range ids {
			if ctx.Err() == nil {
				a.data(id, make([]byte, size-first))
			}
		}
		return a.err
	}
}

// crumbs is the same with a frame for each byte.
func crumbs(method string, calls, size int) func(context.Context, *attacker) error {
	return func(ctx context.Context, a *attacker) error {
		for range calls {
			id := a.call(method)
			for _, b := range announced(size) {
				if ctx.Err() != nil || !a.ok() {
					return a.err
				}
				a.note(a.frames.WriteData(id, false, []byte{b}))
			}
		}
		return a.err
	}
}

// whole makes calls with a whole message, one after another.
func whole(method string) func(context.Context, *attacker) error {
	return func(ctx context.Context, a *attacker) error {
		for ctx.Err() == nil && a.ok() {
			a.note(a.frames.WriteData(a.call(method), true, make([]byte, 5)))
		}
		return a.err
	}
}

// once makes one call, and stands there.
func once(method string) func(context.Context, *attacker) error {
	return func(_ context.Context, a *attacker) error {
		a.note(a.frames.WriteData(a.call(method), true, make([]byte, 5)))
		return a.err
	}
}

// untaken makes calls with a window of nothing for their answers, and stands there.
func untaken(method string, calls int, message []byte) func(context.Context, *attacker) error {
	return func(_ context.Context, a *attacker) error {
		a.note(a.frames.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 0}))
		for range calls {
			a.note(a.frames.WriteData(a.call(method), true, message))
		}
		return a.err
	}
}

// contract is the question for the service's contract, whose answer is long.
func contract() []byte {
	const symbol, field = "portcullis.v1.ValidationService", 4 // file_containing_symbol
	question := append([]byte{field<<3 | 2, byte(len(symbol))}, symbol...)
	return append([]byte{0, 0, 0, 0, byte(len(question))}, question...)
}
