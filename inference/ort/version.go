package ort

/*
#cgo LDFLAGS: -ldl
#include <dlfcn.h>
#include <stdint.h>
#include <stdlib.h>

// The head of the C API, which has not changed since version 1.
typedef struct {
	const void *(*get_api)(uint32_t version);
	const char *(*get_version)(void);
} api_base;

static const char *library_version(void *handle) {
	const api_base *(*get)(void) = (const api_base *(*)(void))dlsym(handle, "OrtGetApiBase");
	if (get == NULL)
		return NULL;
	const api_base *base = get();
	return base == NULL ? NULL : base->get_version();
}

static void release(char *s) { free(s); }
*/
import "C"

import "errors"

// libraryVersion returns the version that the library at path says it has, such
// as "1.29.0".
func libraryVersion(path string) (string, error) {
	name := C.CString(path)
	defer C.release(name)
	handle := C.dlopen(name, C.RTLD_LAZY|C.RTLD_LOCAL)
	if handle == nil {
		return "", errors.New(C.GoString(C.dlerror()))
	}
	defer C.dlclose(handle)
	version := C.library_version(handle)
	if version == nil {
		return "", errors.New("it has no OrtGetApiBase")
	}
	return C.GoString(version), nil
}
