// Package server is the gRPC face of Portcullis: it takes a text from the wire,
// has the guard judge it and puts the verdict on the wire.
//
//	call → request id → metrics → log → recover → handler      (interceptors.go)
//	text → account → recover → deadline → admit → check → judge (road.go)
//
// A unary call carries one text and a stream many, so what belongs to a text is
// not done by gRPC interceptors but on the road that the texts of all RPCs share.
//
// Errors are named where they arise and translated once, in status.go. No text
// that was sent is logged, measured, recorded or quoted in an error.
package server
