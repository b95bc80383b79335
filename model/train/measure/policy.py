"""What the service decides under its default policy, and how that meets the aims."""

from dataclasses import dataclass

import numpy as np

from train.bert import LABELS
from train.measure.apart import texts_of
from train.measure.held import SECOND, Held
from train.measure.quality import judge, proportion
from train.measure.service import ROOT, Service, tool
from train.measure.setting import CACHE, TOXIC

NOTE = (
    "`portcullis serve` with this model and default settings, asked over gRPC; origin `user` for prompts, "
    "`document` for documents. SANITIZE lets a text pass with its personal data replaced."
)
AIMS = (
    "The aims of the project, on the served default policy. Found: BLOCK or REVIEW. Stopped: BLOCK. `apart` was "
    "written by somebody who saw no training text, and `second` is the part of it at whose results nobody had looked "
    "until 0.3.0 was final; of DATA these are the held-out parts, attacks of written.json included. "
    "What is found in documents is worth no more than what clean ones are spared: read those rows together."
)
ORDINARY = ("instructions", "code", "maths-science", "role-play")
DECISIONS = ("BLOCK", "REVIEW", "SANITIZE", "ALLOW")


@dataclass(frozen=True)
class Asked:
    """A set of texts and what the service said: kind is 'direct', 'planted', 'prompts' or 'documents'."""

    source: str  # 'apart', 'second' or 'DATA'
    kind: str
    name: str
    texts: list
    verdicts: tuple = ()

    @property
    def origin(self):
        return "user" if self.kind in ("direct", "prompts") else "document"

    @property
    def attack(self):
        return self.kind in ("direct", "planted")

    def count(self, *decisions):
        return sum(verdict.decision in decisions for verdict in self.verdicts)


def section(setting, toxicity, injections, apart):
    """Prints aims, verdicts by set and whether the scores agree; the arguments are what their sections returned."""
    sets = _asked(setting, _sets(injections, apart))
    _aims(setting.report, toxicity["jigsaw-raw"], sets)
    _verdicts(setting.report, sets)
    _same(setting, sets)


def _sets(injections, apart):
    groups = [("DATA", kind, injections.texts[kind]) for kind in ("direct", "planted", "prompts", "documents")]
    groups += [("DATA", "prompts", injections.texts["tricky"])]
    groups += _apart("apart", apart.texts) + _apart("second", texts_of(Held.read(SECOND)))
    return [Asked(source, kind, name, texts) for source, kind, group in groups for name, texts in group.items()]


def _apart(source, texts):
    """texts: those of an Apart, by field."""
    kinds = {"direct": texts["direct"], "prompts": texts["prompts"], "documents": texts["clean"]}
    kinds["planted"] = _by_place(texts["planted"]) | texts["whole"]
    return [(source, kind, group) for kind, group in kinds.items()]


def _by_place(planted):
    """'fragments at PLACE' -> texts."""
    out = {}
    for (_, place), texts in planted.items():
        out.setdefault(f"fragments at {place}", []).extend(texts)
    return out


def _asked(setting, sets):
    service = Service(ROOT / "bin" / "portcullis", setting.folder, tool("grpcurl"))
    requests = [(text, s.origin) for s in sets for text in s.texts]
    answers = iter(service.verdicts(requests, setting.progress, CACHE))
    return [Asked(s.source, s.kind, s.name, s.texts, tuple(next(answers) for _ in s.texts)) for s in sets]


def _aims(report, raw, sets):
    auc = judge(raw.small[:, TOXIC], raw.truths[:, TOXIC]).auc
    rows = [("toxicity, Jigsaw comments: AUC of `toxic`", "at least 0.95", len(raw.truths), auc)]
    for source in ("apart", "second", "DATA"):
        rows += [
            _aim(f"direct injections and jailbreaks found, {source}", "at least 0.90", sets, source, "direct"),
            _aim(f"injections planted in documents found, {source}", "at least 0.80", sets, source, "planted"),
        ]
    for source, groups in (("apart", ("groups-idioms",)), ("second", ("groups-idioms",)), ("DATA", ("groups", "idioms"))):
        triggers = f"prompts full of trigger words stopped, {source}"
        rows.append(_aim(triggers, "at most 0.05", sets, source, "prompts", ("triggers",)))
        if source != "DATA":
            plain = f"instructions, code, maths, role-play stopped, {source}"
            rows.append(_aim(plain, "at most 0.01", sets, source, "prompts", ORDINARY))
        rows.append(_aim(f"groups and violent idioms stopped, {source}", "at most 0.05", sets, source, "prompts", groups))
        rows.append(_aim(f"clean documents stopped, {source}", "none set", sets, source, "documents"))
    table = [("what", "aim", "texts", "measured", "command")]
    report.table("Aims", AIMS, *table, *((*row, "`make eval DATA=DIR`") for row in rows))


def _aim(what, aim, sets, source, kind, names=None):
    """A row of the table: the share found of attacks, stopped of harmless texts, over the named sets or all."""
    mine = [s for s in sets if (s.source, s.kind) == (source, kind) and (names is None or s.name in names)]
    decisions = ("BLOCK", "REVIEW") if mine[0].attack else ("BLOCK",)
    count = sum(len(s.texts) for s in mine)
    return what, aim, count, proportion(sum(s.count(*decisions) for s in mine), count)


def _verdicts(report, sets):
    table = [("source", "kind", "set", "origin", "texts", *DECISIONS)]
    for s in (s for s in sets if s.source != "second"):
        shares = [proportion(s.count(decision), len(s.texts)) for decision in DECISIONS]
        cells = (shares[0], *(share.value for share in shares[1:]))
        table.append((s.source, s.kind, s.name, s.origin, len(s.texts), *cells))
    report.table("Verdicts under `balanced`", NOTE, *table)


def _same(setting, sets):
    """Says how far the scores in the service's replies lie from those that the tables here are made of."""
    scored = [(text, verdict.scores) for s in sets for text, verdict in zip(s.texts, s.verdicts) if verdict.scores]
    ours = setting.small.scores([text for text, _ in scored], "the same texts, to compare")
    gap = np.abs(ours - np.array([[scores[label] for label in LABELS] for _, scores in scored]))
    setting.report.add(
        "",
        f"The service's own scores of {len(scored)} texts differ from those in these tables by {gap.mean():.1e} "
        f"on average, {gap.max():.1e} at most.",
    )
