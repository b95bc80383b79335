// Package ort runs a model with ONNX Runtime, in this process, on the CPU or on
// an NVIDIA card.
//
//	Open       finds the library, checks its version, chooses the provider
//	Session    loads a graph for one device; it is an inference.Backend
//
// It is the only package that imports onnxruntime_go. What that binding and
// ONNX Runtime do not say aloud is dealt with here: one library a process, its
// version checked before anything of it is used, Go's signal handlers put back
// after CUDA replaced them, buffers pinned while C holds them.
package ort
