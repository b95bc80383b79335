package ort

/*
#include <signal.h>
#include <stdlib.h>

enum { LAST_SIGNAL = 64 };

typedef struct {
	struct sigaction actions[LAST_SIGNAL + 1];
	int known[LAST_SIGNAL + 1];
} handlers;

static handlers *save_handlers(void) {
	handlers *h = calloc(1, sizeof *h);
	if (h == NULL)
		return NULL;
	for (int s = 1; s <= LAST_SIGNAL; s++)
		h->known[s] = sigaction(s, NULL, &h->actions[s]) == 0;
	return h;
}

static void restore_handlers(handlers *h) {
	for (int s = 1; s <= LAST_SIGNAL; s++)
		if (h->known[s])
			sigaction(s, &h->actions[s], NULL);
	free(h);
}
*/
import "C"

// keepSignals runs f and then puts every signal handler back as it was.
//
// The CUDA provider, when it loads, replaces handlers of the Go runtime
// (onnxruntime_go issue 140): SIGTERM would then end the process without a drain
// and a nil dereference in Go would no longer be a panic. A handler that some
// other goroutine sets meanwhile is lost, so f belongs to start-up and is short.
func keepSignals(f func() error) error {
	saved := C.save_handlers()
	if saved == nil {
		return f() // no memory for a few hundred bytes: f will say so
	}
	defer C.restore_handlers(saved)
	return f()
}
