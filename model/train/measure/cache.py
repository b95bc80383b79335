"""Keeps the logits of windows, so that a change of a table does not score all texts again."""

import hashlib

import numpy as np


class Cached:
    """A session that remembers each window it ran alone, in one file a graph.

    session: export.session.Session; file: a path ending in .npz, whose name must
    tell graphs apart. What is remembered is written by save() only.
    """

    def __init__(self, session, file):
        self._session, self._file, self._new = session, file, False
        self._known = _load(file)

    def each(self, sequences):
        """float32 [len(sequences), labels], each sequence run alone."""
        return np.stack([self._one(sequence) for sequence in sequences])

    def _one(self, sequence):
        key = hashlib.sha256(np.asarray(sequence, np.int32).tobytes()).digest()
        if key not in self._known:
            self._known[key], self._new = self._session.logits([sequence])[0], True
        return self._known[key]

    def save(self):
        """Writes what is new; whole or not at all."""
        if not self._new:
            return
        self._file.parent.mkdir(parents=True, exist_ok=True)
        draft = self._file.with_suffix(".draft")
        with draft.open("wb") as out:
            np.savez(out, keys=np.array([list(key) for key in self._known], np.uint8), logits=[*self._known.values()])
        draft.replace(self._file)
        self._new = False


def digest(file):
    """The first 16 hex digits of a file's SHA-256."""
    return hashlib.sha256(file.read_bytes()).hexdigest()[:16]


def _load(file):
    if not file.exists():
        return {}
    kept = np.load(file)
    return dict(zip(map(bytes, kept["keys"]), kept["logits"]))
