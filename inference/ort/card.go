package ort

import (
	"errors"
	"fmt"
	"time"
)

// Card is what a deployment says about cards alone: the CPU heeds none of it.
type Card struct {
	// TokenMultiple is what the width of a batch is rounded up to, in tokens.
	TokenMultiple int `yaml:"token_multiple"`
	// RowSteps is how many counts of rows a padded batch may have from one power of
	// two to the next: with 1 they are 1, 2, 4, 8 …, with 2 also 3, 6, 12 …, with 0
	// any number. What 16 and 4 cost and spare, BenchmarkPadding tells.
	RowSteps int `yaml:"row_steps"`
	// PackedRow is the width of the rows of packed graphs, in tokens; 0 is the
	// model's window. A longer text makes the rows of its batch as long as itself.
	PackedRow int `yaml:"packed_row"`
	// BatchTime bounds how long a batch may take, by the measurement at start-up:
	// how many tokens a batch may have follows from it.
	BatchTime time.Duration `yaml:"batch_time"`
	// ShrinkArena gives memory that is not in use back to the card after each
	// batch. It costs every batch, and is for a card that others share.
	ShrinkArena bool `yaml:"shrink_arena"`
	// EngineCache is the folder where TensorRT keeps the engines that it built,
	// which takes it minutes. Empty is tensorrt in Portcullis's cache folder. An
	// engine is a program: nobody else may be able to write there.
	EngineCache string `yaml:"engine_cache"`
}

// DefaultCard suits one card that serves one model.
func DefaultCard() Card {
	return Card{TokenMultiple: 16, RowSteps: 4, BatchTime: 50 * time.Millisecond}
}

// maxMultiple catches a number that was meant for something else.
const maxMultiple = 512

// Validate names the first key that is out of its bounds.
func (c Card) Validate() error {
	switch {
	case c.TokenMultiple < 1 || c.TokenMultiple > maxMultiple:
		return fmt.Errorf("token_multiple is %d, want 1 to %d", c.TokenMultiple, maxMultiple)
	case c.RowSteps < 0:
		return fmt.Errorf("row_steps is %d, want 0 (every count) or more", c.RowSteps)
	case c.PackedRow < 0:
		return fmt.Errorf("packed_row is %d, want 0 (the model's window) or more", c.PackedRow)
	case c.BatchTime <= 0:
		return errors.New("batch_time must be above 0, such as 50ms")
	}
	return nil
}
