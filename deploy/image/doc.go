// Package image holds no code, only the tests of the two Dockerfiles: BuildKit's own
// linter, and what this project asks beside it. That an image built from them keeps its
// promises is for scripts/image-test.sh to show.
//
// It is a module of its own, so that BuildKit stays out of the product's dependencies.
package image
