package server

import (
	"context"
	"log/slog"

	"github.com/portcullis-ai/portcullis/internal/auth"
)

// visit is what is known of one call. The interceptors write it, before the handler
// begins; whoever has the call's context reads it.
type visit struct {
	requestID string
	principal auth.Principal
	refused   auth.Reason // why the call was not let in
}

type visitKey struct{}

// visitOf returns the call's, or that of a call of which nothing is known.
func visitOf(ctx context.Context) *visit {
	if v, ok := ctx.Value(visitKey{}).(*visit); ok {
		return v
	}
	return &visit{}
}

func requestID(ctx context.Context) string { return visitOf(ctx).requestID }

// fields are those of a line of the log.
func (v *visit) fields() []any {
	fields := []any{"request_id", v.requestID}
	if v.principal.Name != "" {
		fields = append(fields, "principal", v.principal.Name)
	}
	if v.refused != "" {
		fields = append(fields, "refused", string(v.refused))
	}
	return fields
}

func (v *visit) attrs() slog.Attr { return slog.Group("", v.fields()...) }
