"""Suggests deciding thresholds from the older harmless sets, and shows what they do on all."""

import numpy as np

from train.bert import LABELS
from train.measure.quality import reaching
from train.measure.setting import INJECTION
from train.metrics import threshold_at

STEPS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)  # of the injection score


def section(setting, toxicity, injections, apart):
    """toxicity, injections, apart: what their sections returned."""
    raw = toxicity["jigsaw-raw"]
    innocent = raw.small[raw.truths[:, :6].sum(1) == 0]
    chosen = _choose(innocent, injections)
    _detected(setting.report, raw, innocent, chosen)
    _stopped(setting.report, injections, apart, chosen)
    _steps(setting.report, injections, apart)


def _choose(innocent, injections):
    """label -> threshold: DATA's prompts, the tricky sentences and Jigsaw's clean rows decide it."""
    prompts, tricky = injections.harmless("prompts"), injections.harmless("tricky")
    chosen = {}
    for i, name in enumerate(LABELS):
        limits = [threshold_at(prompts[:, i], 0.01), threshold_at(tricky[:, i], 0.05)]
        if i != INJECTION:
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
    table = [("harmless set", "texts", f"injection ≥ {chosen['injection']:.2f}", "any toxicity label")]
    limits = np.array([chosen[name] for name in LABELS[:6]])
    sets = {f"{kind}: {name}": s for kind, group in injections.clean.items() for name, s in group.items()}
    sets |= {f"written apart*: {name}": s for name, s in apart.prompts.items()}
    for name, s in sets.items():
        toxic = (s[:, :6] >= limits).any(1)
        table.append((name, len(s), reaching(s[:, INJECTION], chosen["injection"]), reaching(toxic, 0.5)))
    note = "The thresholds were chosen on the first sets, so only `written apart` is a fair trial of them."
    report.table("Harmless texts stopped at these thresholds", note, *table)


def _steps(report, injections, apart):
    table = [("set", "kind", "texts", *(f"≥ {t:.2f}" for t in STEPS))]
    sets = {("harmless", kind): injections.harmless(kind)[:, INJECTION] for kind in injections.clean}
    sets["harmless, written apart*", "prompts"] = apart.all("prompts")[:, INJECTION]
    sets["harmless, written apart*", "documents"] = apart.all("clean")[:, INJECTION]
    sets |= injections.attacks
    sets["written apart*", "direct"] = apart.all("direct")[:, INJECTION]
    sets["written apart*", "planted"] = apart.all("planted")[:, INJECTION]
    sets["written apart*", "whole documents"] = apart.all("whole")[:, INJECTION]
    for (name, kind), s in sets.items():
        table.append((name, kind, len(s), *(reaching(s, t).value for t in STEPS)))
    note = "To choose a threshold of your own by."
    report.table("Share of texts that score as much or more for injection", note, *table)
