"""What eight bits do to the scores: against fp32, and in a batch against alone."""

import numpy as np

from train import data
from train.batches import windows
from train.measure.figures import scatter
from train.measure.setting import TOXIC
from train.scoring import probability


def section(setting, toxicity, count=160, batch=8):
    """toxicity: what its section returned. The first `count` rows are batched."""
    if setting.full:
        _precision(setting, toxicity)
    texts = [row.text for row in data.jigsaw(setting.data, "test")[:count]]
    scorer = setting.small.scorer
    ids = [windows(scorer.tokenizer, text, scorer.window)[0] for text in texts]
    table = [("batches of 8", "mean difference", "largest difference")]
    for name, order in (("as they come", ids), ("sorted by length", sorted(ids, key=len))):
        together = [setting.small.plain.logits(order[i : i + batch]) for i in range(0, len(order), batch)]
        alone = probability(setting.small.cached.each(order), scorer.scale, scorer.bias)
        gap = np.abs(alone - probability(np.concatenate(together), scorer.scale, scorer.bias))
        table.append((name, f"{gap.mean():.4f}", f"{gap.max():.3f}"))
    note = (
        "Activations share one scale a tensor, so neighbours matter a little; "
        "on a CPU the service runs each window alone."
    )
    setting.report.table("int8 scores in a batch against alone (first windows)", note, *table)


def _precision(setting, toxicity):
    table = [("source", "mean difference", "99 in 100 at most", "largest", "rank correlation, toxic")]
    sets = {name: scored for name, scored in toxicity.items() if scored.full is not None}
    for name, scored in sets.items():
        gap = np.abs(scored.small - scored.full)
        ranks = np.corrcoef(_ranks(scored.small[:, TOXIC]), _ranks(scored.full[:, TOXIC]))[0, 1]
        table.append((name, f"{gap.mean():.4f}", float(np.percentile(gap, 99)), float(gap.max()), f"{ranks:.4f}"))
    setting.report.table("int8 against fp32, all labels", "Differences of probabilities.", *table)
    setting.figures.draw(
        "int8.svg",
        *(scatter(f"All labels, {name}", {"a score": (s.full.ravel(), s.small.ravel())}) for name, s in sets.items()),
    )
    setting.report.figure("int8.svg", "Scores of the int8 graph against those of the fp32 graph")


def _ranks(values):
    return np.argsort(np.argsort(values))
