"""Measures the bundled model on held-out data: python -m train.evaluate --data DIR

Prints Markdown; --card also puts it between the markers of MODEL_CARD.md. Every
score is that of a whole text: calibrated, the maximum over its windows, each
window run alone on the int8 graph. A source marked * was never trained on; of
the others this is the tenth held out by a hash of the text.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np

from export.session import Session
from train import data, suites
from train.batches import windows
from train.bert import LABELS
from train.metrics import auc, calibration_error, recall_at, share, threshold_at
from train.report import Report, write_card
from train.scoring import Scorer, probability

MODEL = Path(__file__).parent.parent
STEPS = (0.5, 0.7, 0.8, 0.9, 0.95, 0.99)  # of the injection score
TOXIC, INJECTION = LABELS.index("toxic"), LABELS.index("injection")


def main():
    args = _arguments()
    bundled = MODEL / "bundled"
    manifest = json.loads((bundled / "manifest.json").read_text())
    config = json.loads((MODEL / "train" / "config.json").read_text())
    graph = bundled / manifest["graphs"][0]["file"]
    scorer = Scorer(Session(graph), manifest["labels"], manifest["window"])
    full = Scorer(Session(args.fp32), manifest["labels"], manifest["window"]) if args.fp32 else None

    report = Report()
    comments = toxicity(report, args.data, scorer, full)
    clean = harmless(args.data, config, scorer)
    attacks = injections(report, args.data, config, scorer, clean)
    thresholds(report, comments, clean, attacks)
    places(report, args, config, scorer)
    batch_mates(report, args.data, scorer)
    if args.card:
        write_card(bundled / "MODEL_CARD.md", report.text())


def toxicity(report, folder, scorer, full):
    """AUC and calibration per label and source; returns the scores and truths of Jigsaw's raw rows."""
    kept = {}
    for source in ("jigsaw-raw", "jigsaw-cleaned"):
        rows = [row for row in data.jigsaw(folder, "test") if row.source == source]
        texts, truths = [row.text for row in rows], np.array([row.targets for row in rows])
        small = scorer.scores(texts)
        large = full.scores(texts) if full else None
        table = [("label", "positive", "AUC int8", "AUC fp32", "recall at 1 % FPR", "at 5 %", "calibration error")]
        for i, name in enumerate(LABELS[:6]):
            s, t = small[:, i], truths[:, i]
            whole = auc(large[:, i], t) if full else "-"
            found = recall_at(s, t, 0.01), recall_at(s, t, 0.05)
            table.append((name, int(t.sum()), auc(s, t), whole, *found, calibration_error(s, t)))
        report.table(f"Toxicity, {source} ({len(rows)} held-out rows)", *table)
        if full:
            gap = np.abs(small - large)
            report.add("", f"int8 against fp32: scores differ by {gap.mean():.4f} on average, {gap.max():.3f} at most.")
        kept[source] = small, truths
    rows = data.convabuse(folder)
    scores, truths = scorer.scores([row.text for row in rows])[:, TOXIC], [row.targets[TOXIC] for row in rows]
    report.table(
        f"Transfer, ConvAbuse* ({len(rows)} rows)",
        ("label", "positive", "AUC int8", "recall at 1 % FPR", "at 5 %"),
        ("toxic", int(sum(truths)), auc(scores, truths), *(recall_at(scores, truths, rate) for rate in (0.01, 0.05))),
    )
    return kept["jigsaw-raw"]


def harmless(folder, config, scorer):
    """Scores [texts, labels] of harmless texts: by kind ('prompts', 'tricky', 'documents'), then by set."""
    sets = {"tricky": suites.written()["harmless"], "documents": {"document pieces": suites.pieces(folder, config)}}
    sets["prompts"] = {
        source + ("*" if source in config["held_out"]["benign"] else ""): texts
        for source, texts in suites.benign(folder, config).items()
    }
    return {kind: {name: scorer.scores(texts) for name, texts in group.items()} for kind, group in sets.items()}


def injections(report, folder, config, scorer, clean):
    """AUC and recall by attack source, against harmless prompts (direct) or documents (planted)."""
    prompts, documents = (_all(clean[kind])[:, INJECTION] for kind in ("prompts", "documents"))
    planted = suites.planted(folder, config, random.Random(1))
    sets = {(name, "direct"): (texts, prompts) for name, texts in suites.direct(folder, config).items()}
    sets |= {(name, "planted"): (texts, documents) for name, texts in planted.items()}
    table, out = [("source", "kind", "texts", "AUC", "recall at 1 % FPR", "at 5 %", "median")], {}
    for (name, kind), (texts, negatives) in sets.items():
        scores = scorer.scores(texts)[:, INJECTION]
        both = np.concatenate([scores, negatives])
        truths = np.arange(len(both)) < len(scores)
        star = "*" if name.split(",")[0] in ("written", *config["held_out"]["attacks"]) else ""
        found = recall_at(both, truths, 0.01), recall_at(both, truths, 0.05)
        table.append((name + star, kind, len(texts), auc(both, truths), *found, float(np.median(scores))))
        out[name + star, kind] = scores
    report.table(f"Injection, against {len(prompts)} harmless prompts or {len(documents)} pieces of documents", *table)
    return out


def thresholds(report, comments, clean, attacks):
    """Suggests deciding thresholds and prints what they let through and stop."""
    scores, truths = comments
    prompts, tricky = _all(clean["prompts"]), _all(clean["tricky"])
    innocent = scores[truths[:, :6].sum(1) == 0]
    chosen = {}
    for i, name in enumerate(LABELS):
        limits = [threshold_at(prompts[:, i], 0.01), threshold_at(tricky[:, i], 0.05)]
        if i != INJECTION:
            limits.append(threshold_at(innocent[:, i], 0.02))
        chosen[name] = min(0.99, max(0.5, np.ceil(max(limits) * 20) / 20))
    table = [("label", "threshold", "Jigsaw raw detected", "Jigsaw raw clean rows stopped")]
    for i, name in enumerate(LABELS[:6]):
        found = share(scores[truths[:, i] == 1, i], chosen[name])
        table.append((name, f"{chosen[name]:.2f}", found, share(innocent[:, i], chosen[name])))
    report.table("Suggested deciding thresholds, toxicity", *table)
    table = [("harmless set", "texts", f"injection ≥ {chosen['injection']:.2f}", "any toxicity label")]
    limits = np.array([chosen[name] for name in LABELS[:6]])
    for name, s in ((f"{kind}: {name}", s) for kind, group in clean.items() for name, s in group.items()):
        any_toxic = float((s[:, :6] >= limits).any(1).mean())
        table.append((name, len(s), share(s[:, INJECTION], chosen["injection"]), any_toxic))
    report.table("Harmless texts stopped at these thresholds", *table)
    table = [("set", "kind", "texts", *(f"≥ {t:.2f}" for t in STEPS))]
    for kind, group in clean.items():
        injection = _all(group)[:, INJECTION]
        table.append(("harmless", kind, len(injection), *(share(injection, t) for t in STEPS)))
    for (name, kind), s in attacks.items():
        table.append((name, kind, len(s), *(share(s, t) for t in STEPS)))
    report.table("Share of texts that score as much or more for injection", *table)


def _all(group):
    return np.concatenate(list(group.values()))


def places(report, args, config, scorer):
    """How detection depends on where an attack stands and how much harmless text is around it."""
    texts = suites.placements(args.data, config, random.Random(2), args.placements)
    table = [("harmless text around", "attack at", "texts", "injection ≥ 0.50", "mean score")]
    for (size, place), group in texts.items():
        scores = scorer.scores(group)[:, INJECTION]
        table.append((f"{size} characters", place, len(group), share(scores, 0.5), float(scores.mean())))
    report.table("Where the attack stands (`without`: the same text, no attack)", *table)


def batch_mates(report, folder, scorer, count=160, batch=8):
    """How far a padded batch moves int8 scores, since activations share one scale per tensor."""
    texts = [row.text for row in data.jigsaw(folder, "test")[:count]]
    ids = [windows(scorer.tokenizer, text, scorer.window)[0] for text in texts]
    table = [("batches of 8", "mean difference", "largest difference")]
    for name, order in (("as they come", ids), ("sorted by length", sorted(ids, key=len))):
        alone = probability(scorer.session.each(order), scorer.scale, scorer.bias)
        together = np.concatenate([scorer.session.logits(order[i : i + batch]) for i in range(0, len(order), batch)])
        gap = np.abs(alone - probability(together, scorer.scale, scorer.bias))
        table.append((name, f"{gap.mean():.4f}", f"{gap.max():.3f}"))
    report.table("int8 scores in a batch against alone (first windows)", *table)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with toxicity/ and injection/")
    parser.add_argument("--fp32", type=Path, help="an fp32 graph to compare with (build/model.fp32.onnx)")
    parser.add_argument("--placements", type=int, default=40, help="attacks to move about")
    parser.add_argument("--card", action="store_true", help="put the figures into MODEL_CARD.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
