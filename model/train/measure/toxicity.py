"""The six toxicity labels on Jigsaw's held-out tenth, and `toxic` on ConvAbuse."""

from dataclasses import dataclass

import numpy as np

from train import data
from train.bert import LABELS
from train.measure.figures import histogram, reliability, roc
from train.measure.quality import Quality, auc_cost, judge
from train.measure.setting import TOXIC

SOURCES = ("jigsaw-raw", "jigsaw-cleaned")
NOTE = "Rows of the source that have the label against those that have not."


@dataclass(frozen=True)
class Scored:
    """Scores and truths [rows, labels] of one source; full: of the fp32 graph, or None."""

    small: np.ndarray
    full: np.ndarray
    truths: np.ndarray


def section(setting):
    """Prints a table a source; returns source -> Scored."""
    rows = data.jigsaw(setting.data, "test")
    out = {}
    for source in SOURCES:
        out[source] = _scored(setting, source, [row for row in rows if row.source == source])
        _table(setting.report, source, out[source])
    out["ConvAbuse*"] = _transfer(setting)
    _draw(setting, out)
    return out


def _scored(setting, source, rows):
    texts, truths = [row.text for row in rows], np.array([row.targets for row in rows])
    full = setting.full.scores(texts, f"{source}, fp32") if setting.full else None
    return Scored(setting.small.scores(texts, source), full, truths)


def _table(report, source, scored):
    head, rows = ("label", "positive", *Quality.HEAD), []
    if scored.full is not None:
        head += ("int8 costs AUC",)
    for i, name in enumerate(LABELS[:6]):
        truths = scored.truths[:, i]
        row = (name, int(truths.sum()), *judge(scored.small[:, i], truths).cells())
        if scored.full is not None:
            row += (auc_cost(scored.full[:, i], scored.small[:, i], truths),)
        rows.append(row)
    report.table(f"Toxicity, {source} ({len(scored.truths)} held-out rows)", NOTE, head, *rows)


def _transfer(setting):
    rows = data.convabuse(setting.data)
    scores = setting.small.scores([row.text for row in rows], "ConvAbuse")
    truths = np.array([row.targets for row in rows])
    setting.report.table(
        f"Transfer, ConvAbuse* ({len(rows)} rows)",
        "What people write to assistants; nothing like it was trained on.",
        ("label", "positive", *Quality.HEAD),
        ("toxic", int(truths[:, TOXIC].sum()), *judge(scores[:, TOXIC], truths[:, TOXIC]).cells()),
    )
    return Scored(scores, None, truths)


def _draw(setting, out):
    raw = out["jigsaw-raw"]
    classes = {
        name: (raw.small[raw.truths[:, i] == 1, i], raw.small[raw.truths[:, i] == 0, i])
        for i, name in enumerate(LABELS[:6])
    }
    toxic = {name: (s.small[:, TOXIC], s.truths[:, TOXIC] == 1) for name, s in out.items()}
    found, rest = classes["toxic"]
    setting.figures.draw(
        "toxicity.svg",
        roc("Toxicity, jigsaw-raw", classes),
        reliability("`toxic`: what a score promises", toxic),
        histogram("`toxic`, jigsaw-raw", {"toxic": found, "not toxic": rest}),
    )
    setting.report.figure(
        "toxicity.svg",
        "Toxicity: recall against false positives (log axis), share of toxic rows by score, scores by class",
    )
