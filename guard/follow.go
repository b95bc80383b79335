package guard

import "context"

// Grower is a Check that can judge a text while it is being written. A check that
// cannot is asked about the whole text alone, and nothing is cleared before.
type Grower interface {
	Check
	// Follow begins to follow one text.
	Follow() Follower
}

// Follower is a check of one text that grows. Its Inspect gets the whole text when
// it is complete, and says what the check would have said; it may use what Look has
// found out. One call runs at a time.
type Follower interface {
	Check
	// Look measures the text so far, of which raw is all. It begins with the raw of
	// the call before. It returns soon after ctx ends; an error clears nothing more,
	// and what was not looked at for it is looked at the next time.
	Look(ctx context.Context, raw string) (Sight, error)
}

// Sight is what a Follower can tell of a text that may go on in any way.
type Sight struct {
	// Found is new since the last Look and final: Inspect will find the same.
	Found []Finding
	// Growing is what Inspect will find too, of a wider span or with a higher score.
	// It counts as found.
	Growing []Finding
	// Doubtful may vanish as the text goes on. It clears nothing and decides nothing.
	Doubtful []Finding
	// Clear says that raw[:Clear] was judged. What Inspect finds there beyond the
	// above is what the check does not promise to find early.
	Clear int
	// Resume is where the next Look reads on; what it costs is in proportion to what
	// it reads.
	Resume int
	// Tokens is a number of tokens that the text has at least; 0: not counted.
	Tokens int
}
