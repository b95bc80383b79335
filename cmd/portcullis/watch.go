package main

import "github.com/portcullis-ai/portcullis/model"

// folderWatch tells, asked every few seconds, when a model's folder holds another
// model than is served. It reads the manifests: polling sees what happens on network
// volumes and through links too, where notifications do not.
type folderWatch struct {
	seen    string // at the last look
	tried   string // when a reload was last tried
	refused bool   // it was
}

// due tells whether to load anew: a manifest differs from the one served, or what
// was refused has changed; nobody has written to the folders since the last look;
// and it was not tried as it is now. Files that are copied in any order are so
// loaded once they are complete.
func (w *folderWatch) due(models []*loadedModel) bool {
	now, differs := look(models)
	settled := now == w.seen
	w.seen = now
	return (differs || w.refused) && settled && now != w.tried
}

// trying notes what the folders hold when a reload begins.
func (w *folderWatch) trying(models []*loadedModel) { w.tried, _ = look(models) }

// ended notes how it went.
func (w *folderWatch) ended(refused bool) { w.refused = refused }

// look describes the folders of the models that are served. One without a manifest
// is no model yet, and no reason to load anything.
func look(models []*loadedModel) (traces string, differs bool) {
	for _, m := range models {
		if m.embedded() {
			continue
		}
		t := model.TraceOf(m.source.Dir())
		traces += t.Manifest + "\n" + t.Files
		differs = differs || t.Manifest != "" && t.Manifest != m.source.ManifestDigest()
	}
	return traces, differs
}
