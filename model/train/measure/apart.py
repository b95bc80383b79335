"""The held-out sets written apart (held/), group by group."""

import random
from dataclasses import dataclass

import numpy as np

from train import corpus, data
from train.measure.figures import histogram, reliability, roc
from train.measure.held import FIRST, PLACES, SECOND, Held
from train.measure.quality import Quality, auc_cost, reaching, versus
from train.measure.setting import TOXIC, label_for

STEPS = (0.5, 0.8, 0.95)
SEED = 3


@dataclass(frozen=True)
class Apart:
    """Scores [texts, labels] by group, or (group, place) for what is planted; texts alike."""

    direct: dict
    prompts: dict
    planted: dict
    whole: dict  # attack documents
    clean: dict
    texts: dict  # field -> the texts of that field's sets

    def all(self, field):
        """float64 [texts, labels] of all groups of a field."""
        return np.concatenate(list(getattr(self, field).values()))

    def injection(self, field):
        """float64 [texts] of the label that judges the field, all groups."""
        return self.all(field)[:, label_for(field)]

    def groups(self, field):
        """group -> float64 [texts] of the label that judges the field; under "all" those of all."""
        sets = {name: scores[:, label_for(field)] for name, scores in getattr(self, field).items()}
        return sets | {"all": self.injection(field)}


def section(setting):
    """Prints the tables, over both sets; returns Apart."""
    held = Held.read(FIRST, SECOND)
    texts = texts_of(held)
    scores = {
        field: {name: setting.small.scores(group, f"held {field}: {_name(name)}") for name, group in sets.items()}
        for field, sets in texts.items()
    }
    out = Apart(**scores, texts=texts)
    setting.report.add("", _copies(setting, held))
    _direct(setting, out)
    _harmless(setting.report, out)
    _planted(setting.report, out)
    _clean(setting.report, out)
    _draw(setting, out)
    return out


def texts_of(held):
    """field of Apart -> texts by group."""
    generator = random.Random(SEED)
    return {
        "direct": held.groups("attack", "direct"),
        "prompts": held.groups("harmless", "prompt"),
        "planted": held.planted(generator),
        "whole": held.groups("attack", "document"),
        "clean": held.clean(generator),
    }


def _name(key):
    return key if isinstance(key, str) else " at ".join(key)


def _copies(setting, held):
    """How many held-out texts are near-copies of what is trained on."""
    rows = [row for sets in corpus.read("train").values() for row in sets]
    rows += data.attacks(setting.data, setting.config, "train") + data.benign(setting.data, setting.config, "train")
    seen = {}
    for row in rows:
        for run in data.word_runs(row.text):
            seen.setdefault(run, set()).add(id(row))
    count = sum(_overlap(data.word_runs(row["text"]), seen) >= 0.3 for row in held.rows)
    return (
        f"Of the {len(held.rows)} texts written apart, {count} share three in ten of their runs of five words "
        "with a training text."
    )


def _overlap(runs, seen):
    """The largest share of the runs that one training text holds."""
    counts = {}
    for run in runs:
        for row in seen.get(run, ()):
            counts[row] = counts.get(row, 0) + 1
    return max(counts.values(), default=0) / len(runs)


def _direct(setting, out):
    negatives = out.injection("prompts")
    table = [("group", "texts", *Quality.HEAD, *(f"≥ {t:.2f}" for t in STEPS))]
    for name, s in out.groups("direct").items():
        table.append((name, len(s), *versus(s, negatives).cells(), *(reaching(s, t) for t in STEPS)))
    note = f"Against all {len(negatives)} harmless prompts of the set; last, the share that scores as much or more."
    setting.report.table("Written apart*: direct attacks by group", note, *table)
    if setting.full:
        _precision(setting, out)


def _precision(setting, out):
    """What int8 costs injection on these texts."""
    texts = [text for field in ("direct", "prompts") for group in out.texts[field].values() for text in group]
    full = setting.full.scores(texts, "held prompts, fp32")[:, label_for("direct")]
    small = np.concatenate([out.injection("direct"), out.injection("prompts")])
    truths = np.arange(len(texts)) < len(out.all("direct"))
    setting.report.add("", f"int8 costs {auc_cost(full, small, truths):.4f} of this AUC.")


def _harmless(report, out):
    table = [("group", "texts", *(f"injection ≥ {t:.2f}" for t in STEPS), "toxic ≥ 0.70")]
    toxic = {name: scores[:, TOXIC] for name, scores in out.prompts.items()} | {"all": out.all("prompts")[:, TOXIC]}
    for name, s in out.groups("prompts").items():
        table.append((name, len(s), *(reaching(s, t) for t in STEPS), reaching(toxic[name], 0.7)))
    note = "The share that scores as much or more, taken for an attack or for abuse by a policy with that line."
    report.table("Written apart*: harmless prompts by group", note, *table)


def _planted(report, out):
    negatives = out.injection("clean")
    table = [("group", "at", "texts", *Quality.HEAD, *(f"≥ {t:.2f}" for t in STEPS))]
    for (group, place), s in _rows(out):
        table.append((group, place, len(s), *versus(s, negatives).cells(), *(reaching(s, t) for t in STEPS)))
    note = (
        "Fragments bare in clean documents, the same ones at each place, and whole attack documents, "
        f"against the {len(negatives)} documents of the next table."
    )
    report.table("Written apart*: attacks in documents", note, *table)


def _rows(out):
    """(group, place) -> scores of indirect injection: by group, by place, whole documents."""
    groups = {group for group, _ in out.planted}
    for group in sorted(groups):
        for place in PLACES:
            yield (group, place), out.planted[group, place][:, label_for("planted")]
    for place in PLACES:
        yield ("all fragments", place), _at(out, place)
    yield ("whole documents", "-"), out.injection("whole")


def _at(out, place):
    return np.concatenate([s for (_, p), s in out.planted.items() if p == place])[:, label_for("planted")]


def _clean(report, out):
    table = [("set", "texts", *(f"≥ {t:.2f}" for t in STEPS))]
    for name, s in out.groups("clean").items():
        table.append((name, len(s), *(reaching(s, t) for t in STEPS)))
    note = "Clean documents, and clean documents with a sentence in the imperative that addresses people."
    report.table("Written apart*: documents without an attack", note, *table)


def _draw(setting, out):
    direct, prompts, documents, clean = map(out.injection, ("direct", "prompts", "whole", "clean"))
    curves = {"direct": (direct, prompts), "whole documents": (documents, clean)}
    curves |= {f"planted at {place}": (_at(out, place), clean) for place in PLACES}
    planted = np.concatenate([documents, out.injection("planted")])
    truths = {"direct": _truths(direct, prompts), "documents": _truths(planted, clean)}
    setting.figures.draw(
        "injection.svg",
        roc("Injection, written apart", curves),
        reliability("What a score promises", truths),
        histogram("Direct", {"attacks": direct, "harmless prompts": prompts}),
        histogram("In documents", {"attacks": planted, "clean": clean}),
    )
    setting.report.figure(
        "injection.svg",
        "Injection: recall against false positives (log axis), share of attacks by score, scores by class",
    )


def _truths(positives, negatives):
    return np.concatenate([positives, negatives]), np.arange(len(positives) + len(negatives)) < len(positives)
