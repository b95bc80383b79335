// Package hub fetches published models from the Hugging Face hub and turns them
// into model folders.
//
//	Catalog → Entry → Pull: lock folder → fetch, resume, verify → install → manifest.json
//
// What is fetched is pinned by revision and SHA-256, in the catalogue of this
// build or in a lock file beside the model folder. A value that the source was
// never seen to state is absent from the catalogue rather than guessed; such a
// file is only fetched on TrustOnFirstUse, and what came is written to the lock
// file, which later pulls verify against.
//
// A pull that fails, at any moment, leaves either the model that was there, or
// a folder without a manifest, which nothing takes for a model. Running it again
// goes on where it stopped.
package hub
