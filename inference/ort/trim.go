package ort

/*
#include <stdlib.h>
#ifdef __GLIBC__
#include <malloc.h>
static void trim_memory(void) { malloc_trim(0); }
#else
static void trim_memory(void) {}
#endif
*/
import "C"

// trimMemory returns to the system what the C library keeps of freed memory. A model
// is loaded and run on whatever threads there are, and glibc keeps an arena for
// each few of them: without this a process that exchanges its model often grows.
func trimMemory() { C.trim_memory() }
