package batching

import (
	"context"
	"testing"
)

func TestFlowFrom(t *testing.T) {
	tests := []struct{ set, want Flow }{
		{Flow{}, Flow{Weight: 1}},
		{Flow{Key: "k", Weight: 3, Priority: Bulk}, Flow{Key: "k", Weight: 3, Priority: Bulk}},
		{Flow{Weight: 1 << 40}, Flow{Weight: maxWeight}},
		{Flow{Weight: -1, Priority: 200}, Flow{Weight: 1, Priority: Bulk}},
	}
	for _, test := range tests {
		if got := FlowFrom(WithFlow(context.Background(), test.set)); got != test.want {
			t.Errorf("set %+v, got %+v", test.set, got)
		}
	}
	if got := FlowFrom(context.Background()); got != (Flow{Weight: 1}) {
		t.Errorf("unset: %+v", got)
	}
}
