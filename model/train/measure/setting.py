"""What every section of an evaluation needs: the model under test, DATA, where things go."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from export.session import Session
from train.bert import LABELS
from train.measure.cache import Cached, digest
from train.measure.figures import Figures
from train.measure.progress import Progress
from train.report import Report
from train.scoring import Scorer

TRAIN = Path(__file__).parents[1]
CACHE = TRAIN / ".cache" / "eval"
TOXIC, INJECTION, INDIRECT = map(LABELS.index, ("toxic", "injection", "indirect_injection"))


def label_for(kind):
    """The column that judges injection in texts of a kind: what is said to a model, or what stands in a document."""
    return INDIRECT if kind in ("planted", "whole", "documents", "clean") else INJECTION


class Model:
    """A graph under measurement. plain: the session without its memory, for what depends on batches."""

    def __init__(self, graph, manifest, progress):
        self.plain, self._progress = Session(graph), progress
        self.cached = Cached(self.plain, CACHE / f"windows-{digest(graph)}.npz")
        self.scorer = Scorer(self.cached, manifest["labels"], manifest["window"])

    def scores(self, texts, what):
        """float64 [texts, labels], as the service computes them; `what` is told to who waits."""
        rows = [self.scorer.windows(text).max(0) for text in self._progress.watch(texts, what)]
        self.cached.save()
        return np.array(rows)

    def answers(self, known):
        """Ends the run unless the graph gives the manifest's known answers."""
        for answer in known:
            found = dict(zip(LABELS, self.scorer.scores([answer["text"]])[0]))
            if any(abs(found[label] - score) > answer["tolerance"] for label, score in answer["scores"].items()):
                raise SystemExit("the fp32 graph is not of these weights: it misses a known answer of the manifest")


@dataclass(frozen=True)
class Setting:
    """data: DATA; folder: the model's; full: the fp32 Model or None."""

    data: Path
    folder: Path
    config: dict
    small: Model
    full: Model
    report: Report
    figures: Figures
    progress: Progress

    @classmethod
    def load(cls, data, folder, fp32, drawings):
        manifest = json.loads((folder / "manifest.json").read_text())
        config, progress = json.loads((TRAIN / "config.json").read_text()), Progress()
        small = Model(folder / manifest["graphs"][0]["file"], manifest, progress)
        full = Model(fp32, manifest, progress) if fp32 else None
        if full:
            full.answers(manifest["known_answers"])
        return cls(data, folder, config, small, full, Report(), Figures(drawings), progress)
