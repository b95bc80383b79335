package server

import (
	"fmt"
	"time"
)

// Output bounds the writing of the texts of ValidateOutput. A model may write for
// minutes, and its text holds a permit meanwhile; how long its verdict may take once
// it is complete is what the deadlines of all texts say.
type Output struct {
	// MaxIdle is how long a writer may be silent before the stream ends. An empty chunk
	// says that it still writes.
	MaxIdle time.Duration `yaml:"max_idle"`
	// MaxTime is how long a text may take from its opening to its verdict, whatever its
	// caller's deadline.
	MaxTime time.Duration `yaml:"max_time"`
}

func defaultOutput() Output { return Output{MaxIdle: time.Minute, MaxTime: 5 * time.Minute} }

func (o Output) validate(maxDeadline time.Duration) error {
	switch {
	case o.MaxIdle <= 0:
		return fmt.Errorf("max_idle: %s is not above 0", o.MaxIdle)
	case o.MaxTime < maxDeadline:
		return fmt.Errorf("max_time: %s is less than max_deadline, %s", o.MaxTime, maxDeadline)
	}
	return nil
}
