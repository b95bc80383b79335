// Package inference scores a text with a classifier: one text in, one
// probability per label and window out, over any backend.
//
//	text → Tokenizer → windows → Runner (batcher, or a cache around it) → Backend
//	                                          logits → activation → WindowScore
//
// The package knows neither which model it runs nor on what device: those are
// values of Model and implementations of Backend.
package inference
