// Package model reads, verifies and describes a model folder: manifest.json,
// one ONNX graph for each provider and precision, and a vocabulary.
//
//	OpenDir → Model → Verify → Graph(provider, precision) → a path or bytes
//
// Nothing else in Portcullis assumes which model it runs: labels, activation,
// tokenizer, window and known answers all come from the manifest. The package
// runs nothing and imports nothing of ours; docs/models.md describes the format
// for people who bring a model.
package model
