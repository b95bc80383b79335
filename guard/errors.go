package guard

import (
	"errors"
	"fmt"
	"time"
)

// What Validate and Prepare refuse. None of these errors holds a part of the
// text; a request that meets one has no verdict, and its text is not cleared.
var (
	ErrTextTooLong   = errors.New("text too long")
	ErrNotUTF8       = errors.New("text is not UTF-8")
	ErrUnknownPolicy = errors.New("unknown policy")
	// ErrNeedsWhole means that a policy cannot judge a text that is being written.
	ErrNeedsWhole = errors.New("the policy needs the whole text")
	// ErrOverloaded means that a check had no room for the text. A check that
	// returns it refuses the request: being busy is no measurement.
	ErrOverloaded = errors.New("overloaded")
	// ErrEnough is what a check returns that stopped early because what it measured
	// so far settles the text: see EnoughTokens. The check is CutShort.
	ErrEnough = errors.New("enough is known")
)

// OverloadedError is an ErrOverloaded that says when to come again.
type OverloadedError struct{ RetryAfter time.Duration }

func (e *OverloadedError) Error() string {
	return fmt.Sprintf("%v, retry after %v", ErrOverloaded, e.RetryAfter)
}

// Is makes errors.Is(err, ErrOverloaded) true.
func (e *OverloadedError) Is(target error) bool { return target == ErrOverloaded }
