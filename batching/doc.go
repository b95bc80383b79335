// Package batching groups the items of concurrent calls into batches, so that
// a device that is fast on many rows is fed many rows, without a lone call ever
// waiting for company.
//
//	DoAll ──admit all or none──▶ queue ◀──pull── slot ──Run──▶ executor
//	DoAll ──refused: overloaded   │  ◀──pull── slot ──Run──▶ executor
//	  ▲                           │                │
//	  │   ctx ended: items dropped│                │ one Out per In
//	  └───────────────────────────┴────answers─────┘
//
// Executors pull. Each has InFlight slots, a goroutine apiece; a free slot takes
// what waits at once, and what arrives while every slot is busy gathers into the
// next batch. So there is no batching timer, and nothing waits while a slot of a
// healthy executor is idle, but for one kept for what comes alone (Executor.Alone).
//
// The queue is counted in cost (for a text model: tokens), never in items. A
// batch always holds the item whose turn it is, and is filled with items of
// near-equal size.
//
// # Whose turn it is
//
// Every flow that waits gets the same cost a round, times its weight; within a round the
// flow goes first whose next call is due first, and in a flow the call that is due
// first. The items of a call are due one after another, so a call of hundreds of items
// does not hold up a call of one. What might not be answered before its deadline is
// refused when it comes, and given up when its turn comes, before it costs anything.
//
// # One lock, no owner goroutine
//
// The queue is plain data without channels, clock or lock of its own, and the
// batcher's one mutex makes every step on it: admit, pull, answer, leave. An
// owner goroutine would give the same order at the price of two more goroutine
// switches a call, and could not keep two promises as simply: a refusal costs a
// few instructions however busy the executors are, and when a call that was
// cancelled returns, its cost is already released. Nothing is done under the
// lock that waits or calls out, except the executors' Cost, which is arithmetic.
package batching
