"""The held-out sets written apart (held/), group by group."""

import random
from dataclasses import dataclass

import numpy as np

from train import corpus, data
from train.measure.figures import histogram, reliability, roc
from train.measure.held import FIRST, PLACES, SECOND, Held
from train.measure.quality import Quality, auc_cost, reaching, versus
from train.measure.setting import INJECTION, TOXIC

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
        return np.concatenate(list(getattr(self, field).values()))


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
    negatives = out.all("prompts")[:, INJECTION]
    table = [("group", "texts", *Quality.HEAD, *(f"≥ {t:.2f}" for t in STEPS))]
    for name, scores in {**out.direct, "all": out.all("direct")}.items():
        s = scores[:, INJECTION]
        table.append((name, len(s), *versus(s, negatives).cells(), *(reaching(s, t) for t in STEPS)))
    note = f"Against all {len(negatives)} harmless prompts of the set; last, the share that scores as much or more."
    setting.report.table("Written apart*: direct attacks by group", note, *table)
    if setting.full:
        _precision(setting, out)


def _precision(setting, out):
    """What int8 costs injection on these texts."""
    texts = [text for field in ("direct", "prompts") for group in out.texts[field].values() for text in group]
    full = setting.full.scores(texts, "held prompts, fp32")[:, INJECTION]
    small = np.concatenate([out.all("direct"), out.all("prompts")])[:, INJECTION]
    truths = np.arange(len(texts)) < len(out.all("direct"))
    setting.report.add("", f"int8 costs {auc_cost(full, small, truths):.4f} of this AUC.")


def _harmless(report, out):
    table = [("group", "texts", *(f"injection ≥ {t:.2f}" for t in STEPS), "toxic ≥ 0.70")]
    for name, scores in {**out.prompts, "all": out.all("prompts")}.items():
        s = scores[:, INJECTION]
        table.append((name, len(s), *(reaching(s, t) for t in STEPS), reaching(scores[:, TOXIC], 0.7)))
    note = "The share that scores as much or more, taken for an attack or for abuse by a policy with that line."
    report.table("Written apart*: harmless prompts by group", note, *table)


def _planted(report, out):
    negatives = out.all("clean")[:, INJECTION]
    table = [("group", "at", "texts", *Quality.HEAD, *(f"≥ {t:.2f}" for t in STEPS))]
    for (group, place), s in _rows(out):
        table.append((group, place, len(s), *versus(s, negatives).cells(), *(reaching(s, t) for t in STEPS)))
    note = (
        "Fragments bare in clean documents, the same ones at each place, and whole attack documents, "
        f"against the {len(negatives)} documents of the next table."
    )
    report.table("Written apart*: attacks in documents", note, *table)


def _rows(out):
    """(group, place) -> injection scores: by group, by place, whole documents."""
    groups = {group for group, _ in out.planted}
    for group in sorted(groups):
        for place in PLACES:
            yield (group, place), out.planted[group, place][:, INJECTION]
    for place in PLACES:
        yield ("all fragments", place), _at(out, place)
    yield ("whole documents", "-"), out.all("whole")[:, INJECTION]


def _at(out, place):
    return np.concatenate([s for (_, p), s in out.planted.items() if p == place])[:, INJECTION]


def _clean(report, out):
    table = [("set", "texts", *(f"injection ≥ {t:.2f}" for t in STEPS))]
    for name, scores in {**out.clean, "all": out.all("clean")}.items():
        table.append((name, len(scores), *(reaching(scores[:, INJECTION], t) for t in STEPS)))
    note = "Clean documents, and clean documents with a sentence in the imperative that addresses people."
    report.table("Written apart*: documents without an attack", note, *table)


def _draw(setting, out):
    direct, prompts = (out.all(field)[:, INJECTION] for field in ("direct", "prompts"))
    documents, clean = (out.all(field)[:, INJECTION] for field in ("whole", "clean"))
    curves = {"direct": (direct, prompts), "whole documents": (documents, clean)}
    curves |= {f"planted at {place}": (_at(out, place), clean) for place in PLACES}
    planted = np.concatenate([documents, out.all("planted")[:, INJECTION]])
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
