package main

// mishap is a cell of the matrix: one part of the service and one way in which it can fail.
type mishap struct {
	part, fault string
	// gets is what a text with no harm in it gets meanwhile: a decision, or the reason of a
	// refusal. What other texts get is never milder than what they get without the fault,
	// but for the one cell that says otherwise.
	gets string
	// names is the check that the report names, and its state; empty: none failed.
	names string
	// shows is a metric, and after it what it is (= 0) or does (grows).
	shows string
	// down: health turns to NOT_SERVING.
	down bool
	// unseen: until a test of the device finds it, the model's part in a verdict may be milder.
	unseen bool
}

const (
	failedCheck = `portcullis_check_duration_seconds_count{state="failed"} grows`
	lateCheck   = `portcullis_check_duration_seconds_count{state="timed out"} grows`
	noDevice    = `portcullis_executor_up = 0`
	refusedLoad = `portcullis_reload_last_successful = 0`
	stuckLoad   = `portcullis_reload_busy_since_timestamp_seconds grows`
	lostLines   = `portcullis_log_lines_lost_total{why="failed"} grows`
	noRoom      = `portcullis_log_lines_lost_total{why="crowded"} grows`
	turnedAway  = `portcullis_auth_refusals_total{reason="unknown_key"} grows`
)

// mishaps is the matrix. docs/security.md shows it.
var mishaps = []mishap{
	{part: "rules", fault: "error", gets: "BLOCK", names: "pattern failed", shows: failedCheck},
	{part: "rules", fault: "panic", gets: "BLOCK", names: "pattern failed", shows: failedCheck},
	{part: "rules", fault: "hang", gets: "BLOCK", names: "pattern timed out", shows: lateCheck},
	{part: "rules", fault: "wrong answer", gets: "BLOCK", names: "pattern failed", shows: failedCheck},
	{part: "rules", fault: "slow", gets: "ALLOW"},

	{part: "token count", fault: "error", gets: "BLOCK", names: "tokens failed", shows: failedCheck},
	{part: "token count", fault: "panic", gets: "BLOCK", names: "tokens failed", shows: failedCheck},
	{part: "token count", fault: "hang", gets: "BLOCK", names: "tokens timed out", shows: lateCheck},
	{part: "token count", fault: "wrong answer", gets: "BLOCK", names: "tokens failed", shows: failedCheck},
	{part: "token count", fault: "slow", gets: "ALLOW"},

	{part: "classifier", fault: "error", gets: "BLOCK", names: "classifier failed", shows: failedCheck},
	{part: "classifier", fault: "panic", gets: "BLOCK", names: "classifier failed", shows: failedCheck},
	{part: "classifier", fault: "hang", gets: "BLOCK", names: "classifier timed out", shows: lateCheck},
	{part: "classifier", fault: "wrong answer", gets: "BLOCK", names: "classifier failed", shows: failedCheck},
	{part: "classifier", fault: "slow", gets: "ALLOW"},

	{part: "cache", fault: "error", gets: "BLOCK", names: "classifier failed", shows: failedCheck},
	{part: "cache", fault: "panic", gets: "BLOCK", names: "classifier failed", shows: failedCheck},
	{part: "cache", fault: "hang", gets: "BLOCK", names: "classifier timed out", shows: lateCheck},
	{part: "cache", fault: "wrong answer", gets: "BLOCK", names: "classifier failed", shows: failedCheck},
	{part: "cache", fault: "slow", gets: "ALLOW"},

	{part: "batcher", fault: "error", gets: "BLOCK", names: "classifier failed", shows: failedCheck},
	{part: "batcher", fault: "panic", gets: "BLOCK", names: "classifier failed", shows: failedCheck},
	{part: "batcher", fault: "hang", gets: "BLOCK", names: "classifier timed out", shows: lateCheck},
	{part: "batcher", fault: "wrong answer", gets: "BLOCK", names: "classifier failed", shows: failedCheck},
	{part: "batcher", fault: "slow", gets: "ALLOW"},

	{part: "backend", fault: "error", gets: "BLOCK", names: "classifier failed", shows: noDevice, down: true},
	{part: "backend", fault: "panic", gets: "BLOCK", names: "classifier failed", shows: noDevice, down: true},
	{part: "backend", fault: "hang", gets: "BLOCK", names: "classifier", shows: noDevice, down: true},
	{part: "backend", fault: "no numbers", gets: "BLOCK", names: "classifier failed", shows: noDevice, down: true},
	{part: "backend", fault: "wrong answer", gets: "BLOCK", names: "classifier failed", shows: noDevice, down: true, unseen: true},
	{part: "backend", fault: "slow", gets: "ALLOW"},

	{part: "policy reload", fault: "error", gets: "ALLOW", shows: refusedLoad},
	{part: "policy reload", fault: "panic", gets: "ALLOW", shows: refusedLoad},
	{part: "policy reload", fault: "hang", gets: "ALLOW", shows: stuckLoad},
	{part: "policy reload", fault: "wrong answer", gets: "ALLOW", shows: refusedLoad},
	{part: "policy reload", fault: "slow", gets: "ALLOW"},

	{part: "model reload", fault: "error", gets: "ALLOW", shows: refusedLoad},
	{part: "model reload", fault: "panic", gets: "ALLOW", shows: refusedLoad},
	{part: "model reload", fault: "hang", gets: "ALLOW", shows: stuckLoad},
	{part: "model reload", fault: "wrong answer", gets: "ALLOW", shows: refusedLoad},
	{part: "model reload", fault: "slow", gets: "ALLOW"},

	{part: "log", fault: "error", gets: "ALLOW", shows: lostLines},
	{part: "log", fault: "panic", gets: "ALLOW", shows: lostLines},
	{part: "log", fault: "hang", gets: "ALLOW", shows: noRoom},
	{part: "log", fault: "wrong answer", gets: "ALLOW", shows: lostLines},
	{part: "log", fault: "slow", gets: "ALLOW"},
	{part: "log", fault: "full disk", gets: "ALLOW", shows: lostLines},

	{part: "issuer's keys", fault: "error", gets: "UNAUTHENTICATED", shows: turnedAway},
	{part: "issuer's keys", fault: "hang", gets: "UNAUTHENTICATED", shows: turnedAway},
	{part: "issuer's keys", fault: "wrong answer", gets: "UNAUTHENTICATED", shows: turnedAway},
	{part: "issuer's keys", fault: "slow", gets: "ALLOW"},
}
