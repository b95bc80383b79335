"""Writes a model folder of the service: graphs, vocabulary, and the manifest last.

A folder without manifest.json is no model, so an export that was cut short leaves none.
"""

import hashlib
import json

from export.refused import must

MANIFEST = "manifest.json"
PROVIDERS = {"int8": ["cpu"], "fp16": ["cuda", "tensorrt"], "fp32": ["cpu", "cuda", "tensorrt"]}


class ModelFolder:
    """path: new, empty, or a model folder, which is replaced; anything else is refused."""

    def __init__(self, path):
        must(not path.is_file(), f"{path} is a file")
        foreign = path.is_dir() and any(path.iterdir()) and not (path / MANIFEST).is_file()
        must(not foreign, f"{path} holds files but no {MANIFEST}: name a new folder, or empty it")
        path.mkdir(parents=True, exist_ok=True)
        (path / MANIFEST).unlink(missing_ok=True)
        self.path, self.graphs = path, []

    def add_graph(self, model, precision, layout):
        """Writes a graph and returns its path."""
        packed = layout == "packed"
        file = f"model.{precision}{'.packed' if packed else ''}.onnx"
        content = model.SerializeToString()
        (self.path / file).write_bytes(content)
        self.graphs.append({
            "file": file,
            "sha256": hashlib.sha256(content).hexdigest(),
            "bytes": len(content),
            "precision": precision,
            "providers": PROVIDERS[precision],
        } | ({"layout": "packed"} if packed else {}))  # fmt: skip
        return self.path / file

    def finish(self, about, labels, pieces, window, known):
        """Writes vocabulary and manifest; what was in the folder before and is not of this model goes.

        about: name, version, check, description, licence and source; pieces: a WordPieces;
        known: the known answers.
        """
        pieces.copy(self.path)
        digest = hashlib.sha256(pieces.path.read_bytes()).hexdigest()
        manifest = {"format": 1} | about | {
            "labels": labels,
            "tokenizer": pieces.manifest(digest),
            "window": window,
            "graphs": self.graphs,
            "known_answers": known,
        }  # fmt: skip
        for old in self.path.glob("model.*.onnx"):
            if old.name not in [graph["file"] for graph in self.graphs]:
                old.unlink()
        text = json.dumps(manifest, indent=2, ensure_ascii=False)
        (self.path / MANIFEST).write_text(text + "\n", encoding="utf-8")
