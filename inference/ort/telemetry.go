package ort

import "os"

// keepQuiet keeps ONNX Runtime from reporting to its makers. Since 1.29 the published
// library gives the machine an identifier, keeps a database of events in the user's cache and
// sends it off over HTTPS; where there is neither /etc/machine-id nor a shell, as in our
// image, it crashes while it does (onnxruntime issue 32173). What a guard is asked, and
// which models it runs, is nobody else's business.
//
// The library reads the variable once, when its environment is made: the call that disables
// telemetry comes too late for the identifier and the database. cgo hands what is
// set here on to C.
func keepQuiet() error { return os.Setenv("ORT_DISABLE_TELEMETRY", "1") }
