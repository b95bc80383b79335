package main

import "github.com/portcullis-ai/portcullis/model"

// folderWatch tells, asked every few seconds, when a model's folder holds another
// model than is served, or the folders of rules and policies other files than were
// loaded. It reads manifests and those files: polling sees what happens on network
// volumes and through links too, where notifications do not.
type folderWatch struct {
	seen    string // at the last look
	tried   string // when a reload was last tried
	refused bool   // it was
}

// due tells whether to load anew: something differs from what is served, or what was refused has changed; nobody has written to the folders since the last look;
// and it was not tried as it is now. Files that are copied in any order are so
// loaded once they are complete.
func (w *folderWatch) due(served *generation) bool {
	now, differs := look(served)
	settled := now == w.seen
	w.seen = now
	return (differs || w.refused) && settled && now != w.tried
}

// trying notes what the folders hold when a reload begins.
func (w *folderWatch) trying(served *generation) { w.tried, _ = look(served) }

// ended notes how it went.
func (w *folderWatch) ended(refused bool) { w.refused = refused }

// look describes the folders that a generation was loaded from. One of a model that
// has no manifest is no model yet, and no reason to load anything.
func look(served *generation) (traces string, differs bool) {
	traces = served.own.now()
	differs = traces != served.own.trace
	for _, m := range served.models {
		if m.embedded() {
			continue
		}
		t := model.TraceOf(m.source.Dir())
		traces += t.Manifest + "\n" + t.Files
		differs = differs || t.Manifest != "" && t.Manifest != m.source.ManifestDigest()
	}
	return traces, differs
}
