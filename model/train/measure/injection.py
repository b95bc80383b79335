"""The two injection labels on DATA's attacks and on written.json, source by source."""

import random
from dataclasses import dataclass

import numpy as np

from train import suites
from train.measure.quality import Quality, versus
from train.measure.setting import label_for

NOTE = (
    "By `injection` direct attacks against {prompts} harmless prompts, by `indirect_injection` planted ones against {documents} pieces of documents. "
    "The calibration error depends on how many of each there are, here by chance."
)


@dataclass(frozen=True)
class Injections:
    """Scores of DATA: clean: kind -> set -> [texts, labels]; attacks: (source, kind) -> [texts], of the label that judges the kind;
    texts: the same sets as texts, attacks under 'direct' and 'planted'."""

    clean: dict
    attacks: dict
    texts: dict

    def harmless(self, kind):
        """float64 [texts, labels] of all sets of a kind."""
        return np.concatenate(list(self.clean[kind].values()))

    def injection(self, kind):
        """float64 [texts] of the label that judges the kind: harmless(kind)'s."""
        return self.harmless(kind)[:, label_for(kind)]


def section(setting):
    """Prints the table; returns Injections."""
    texts = _texts(setting)
    clean = {
        kind: {name: setting.small.scores(group, f"{kind}: {name}") for name, group in texts[kind].items()}
        for kind in ("tricky", "documents", "prompts")
    }
    attacks = {
        (name, kind): setting.small.scores(group, f"{kind}: {name}")[:, label_for(kind)]
        for kind in ("direct", "planted")
        for name, group in texts[kind].items()
    }
    out = Injections(clean, attacks, texts)
    _table(setting.report, out)
    return out


def _texts(setting):
    folder, config = setting.data, setting.config
    benign, direct = suites.benign(folder, config), suites.direct(folder, config)
    planted = suites.planted(folder, config, random.Random(1))
    apart = {"written", *config["held_out"]["attacks"], *config["held_out"]["benign"]}
    return {
        "tricky": suites.written()["harmless"],
        "documents": {"document pieces": suites.pieces(folder, config)},
        "prompts": _starred(benign, apart),
        "direct": _starred(direct, apart),
        "planted": _starred(planted, apart),
    }


def _starred(sets, apart):
    """A star behind the sources that were never trained on."""
    return {name + ("*" if name.split(",")[0] in apart else ""): texts for name, texts in sets.items()}


def _table(report, out):
    against = {"direct": out.injection("prompts"), "planted": out.injection("documents")}
    table = [("source", "kind", "texts", *Quality.HEAD, "median")]
    for (name, kind), scores in out.attacks.items():
        table.append((name, kind, len(scores), *versus(scores, against[kind]).cells(), float(np.median(scores))))
    note = NOTE.format(prompts=len(against["direct"]), documents=len(against["planted"]))
    report.table("Injection, DATA's attacks by source", note, *table)
