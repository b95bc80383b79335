"""Suggests deciding thresholds from the older harmless sets, and shows what they do on all."""

import numpy as np

from train.bert import LABELS
from train.measure.quality import reaching
from train.measure.setting import INDIRECT, INJECTION, label_for
from train.metrics import threshold_at

STEPS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)  # of an injection label's score


def section(setting, toxicity, injections, apart):
    """toxicity, injections, apart: what their sections returned."""
    raw = toxicity["jigsaw-raw"]
    innocent = raw.small[raw.truths[:, :6].sum(1) == 0]
    chosen = _choose(innocent, injections)
    _detected(setting.report, raw, innocent, chosen)
    _stopped(setting.report, injections, apart, chosen)
    _steps(setting.report, injections, apart)


def _choose(innocent, injections):
    """label -> threshold: DATA's prompts or, for what stands in them, documents, the tricky sentences and Jigsaw's clean rows decide it."""
    prompts, documents, tricky = map(injections.harmless, ("prompts", "documents", "tricky"))
    chosen = {}
    for i, name in enumerate(LABELS):
        own = threshold_at(documents[:, i], 0.05) if i == INDIRECT else threshold_at(prompts[:, i], 0.01)
        limits = [own, threshold_at(tricky[:, i], 0.05)]
        if i not in (INJECTION, INDIRECT):
            limits.append(threshold_at(innocent[:, i], 0.02))
        chosen[name] = min(0.99, max(0.5, np.ceil(max(limits) * 20) / 20))
    return chosen


def _detected(report, raw, innocent, chosen):
    table = [("label", "threshold", "Jigsaw raw detected", "Jigsaw raw clean rows stopped")]
    for i, name in enumerate(LABELS[:6]):
        found = reaching(raw.small[raw.truths[:, i] == 1, i], chosen[name])
        table.append((name, f"{chosen[name]:.2f}", found, reaching(innocent[:, i], chosen[name])))
    note = (
        "Each stops about one harmless prompt in a hundred and one clean comment in fifty. "
        "They are no policy: `balanced` has lines of its own."
    )
    report.table("Suggested deciding thresholds, toxicity", note, *table)


def _stopped(report, injections, apart, chosen):
    table = [("harmless set", "texts", f"injection ≥ {chosen['injection']:.2f}", f"indirect_injection ≥ {chosen['indirect_injection']:.2f}", "any toxicity label")]
    limits = np.array([chosen[name] for name in LABELS[:6]])
    sets = {(kind, f"{kind}: {name}"): s for kind, group in injections.clean.items() for name, s in group.items()}
    sets |= {("prompts", f"written apart*: {name}"): s for name, s in apart.prompts.items()}
    sets |= {("clean", f"written apart*: {name}"): s for name, s in apart.clean.items()}
    for (kind, name), s in sets.items():
        stopped = {i: reaching(s[:, i], chosen[LABELS[i]]) if label_for(kind) == i else "" for i in (INJECTION, INDIRECT)}
        toxic = (s[:, :6] >= limits).any(1)
        table.append((name, len(s), stopped[INJECTION], stopped[INDIRECT], reaching(toxic, 0.5)))
    note = "The thresholds were chosen on the first sets, so only `written apart` is a fair trial of them."
    report.table("Harmless texts stopped at these thresholds", note, *table)


def _steps(report, injections, apart):
    table = [("set", "kind", "texts", *(f"≥ {t:.2f}" for t in STEPS))]
    sets = {("harmless", kind): injections.injection(kind) for kind in injections.clean}
    sets |= {("harmless, written apart*", kind): apart.injection(kind) for kind in ("prompts", "clean")}
    sets |= injections.attacks
    sets |= {("written apart*", kind): apart.injection(kind) for kind in ("direct", "planted", "whole")}
    for (name, kind), s in sets.items():
        table.append((name, kind, len(s), *(reaching(s, t).value for t in STEPS)))
    note = "By `injection`, in documents (planted, whole, clean, documents) by `indirect_injection`. To choose a threshold of your own by."
    report.table("Share of texts that score as much or more", note, *table)
