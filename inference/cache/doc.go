// Package cache remembers what a model said of a window, and lets calls that ask for
// the same window at the same time share one run.
//
//	Run ──known────────────────────────────────▶ row
//	    ──runs already, for a like call────────▶ wait ──▶ row
//	    ──else──▶ flight ──▶ inference.Runner ──▶ row, remembered
//
// A cache never changes a verdict. What is remembered is what the model gave for
// these very token ids, without an error; nothing else is. Policies, findings and
// failures are judged anew each time.
//
// # Which windows are the same
//
// A row is found by SHA-256 over a secret of 32 random bytes and the token ids. To be
// given another window's row, somebody would have to find two windows with one
// digest: without the secret, which never leaves the process, there is nothing to
// search with, and with it 2^128 digests would have to be computed. So ids are not
// kept and not compared. A cache belongs to one loaded model, and each has its own
// secret: a row never passes from one model, or one load of it, to another.
//
// # Flights
//
// A flight is one call of the Runner for the windows that one call found nothing of.
// It belongs to everyone who waits for it and goes on until the last of them has left.
// Its failure is that of the call that began it alone: any other runs its windows
// itself, as it would without a cache.
//
// To wait for another's flight must not take longer than to be on one's own. So a
// call joins those flights only that are of the same flow, in which it would have its
// turn after them, and no longer than the call itself. Who sends a giant text cannot
// hold up with it those who send the beginning of the same text.
//
// What a flight gives is known when it has ended. So the rows that a call hands in
// when its time is up can be fewer than without a cache, if somebody else still waits
// for its flight.
package cache
