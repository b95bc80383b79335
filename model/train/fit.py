"""Trains the bundled model: python -m train.fit --data DIR

A trunk is trained first; several branches go on from its end, each with rows of
its own, until the learning rate is nothing. The model is the mean of their
weights: runs that share their start end in one valley, and the mean of their
ends judges better than each of them ("model soups", Wortsman et al. 2022).

What was interrupted goes on from its last checkpoint in build/.
"""

import os

# Before torch is loaded: each half of a batch has a thread of its own and no
# other, because OpenMP's waiting threads burn the cores of a busy machine.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import hashlib
import json
import random
from array import array
from dataclasses import dataclass
from pathlib import Path

import torch

from train import base, mixture
from train.batches import encode, group, pad
from train.bert import from_base
from train.mean import mean
from train.run import Run

HERE = Path(__file__).parent
APART = 10**6  # between the seeds of two phases, more than a phase has batches


@dataclass(frozen=True)
class Phase:
    """One stretch of training: the learning rate's schedule runs from `start` to `end`, of 0 to 1."""

    name: str
    seed: int
    passes: int
    start: float
    end: float


@dataclass(frozen=True)
class Rows:
    """The rows of a phase as token ids and targets, the batches in their order, and the configuration they come from."""

    config: dict
    ids: list
    targets: torch.Tensor
    batches: list

    def digest(self):
        """What tells a run over these rows, in this order, from others."""
        found = hashlib.sha256(json.dumps([self.config, self.batches]).encode())
        for sequence in self.ids:
            found.update(array("i", sequence).tobytes())
        return found.hexdigest()

    def tokens(self):
        return sum(map(len, self.ids))


def main():
    args = _arguments()
    config = json.loads((HERE / "config.json").read_text())
    args.out.mkdir(parents=True, exist_ok=True)
    trunk, branches = phases(config)
    stem = train(trunk, None, config, args)
    ends = [train(branch, stem, config, args) for branch in branches]
    torch.save(mean([torch.load(end)["model"] for end in ends]), args.out / "model.pt")
    for file in (stem, *ends):
        file.unlink()
    print(f"the mean of {len(ends)} branches is in {args.out / 'model.pt'}", flush=True)


def phases(config):
    """The trunk, and the branches that go on from its end."""
    trunk, branch, seed = config["trunk_passes"], config["branch_passes"], config["seed"]
    fork = trunk / (trunk + branch)
    numbers = range(1, config["branches"] + 1)
    return (
        Phase("trunk", seed, trunk, 0, fork),
        [Phase(f"branch {n} of {len(numbers)}", seed + n * APART, branch, fork, 1) for n in numbers],
    )


def train(phase, since, config, args):
    """Trains one phase from the end of another (None: from the base model); returns the file of its own end."""
    end = args.out / f"{phase.name.replace(' ', '-')}.pt"
    torch.manual_seed(phase.seed)
    rows = _rows(phase, config, args.data)
    print(f"{phase.name}: {len(rows.ids)} rows, {rows.tokens()} tokens, {len(rows.batches)} batches", flush=True)
    model = from_base(base.state(), base.config())
    model.freeze(config["frozen_layers"])
    run = Run(model, phase, rows, end, since)
    for batch in rows.batches[run.batches :]:
        halves = [half for half in (batch[::2], batch[1::2]) if half]
        run.step([(*pad([rows.ids[i] for i in half]), rows.targets[half]) for half in halves])
    run.save()
    print(f"{phase.name}: {run.tokens} tokens in {run.elapsed() / 60:.1f} min", flush=True)
    return end


def _rows(phase, config, folder):
    generator = random.Random(phase.seed)
    rows = [row for _ in range(phase.passes) for row in mixture.build(folder, config, generator)]
    ids = encode(base.tokenizer(), [row.text for row in rows], config["window"]["tokens"])
    targets = torch.tensor([row.targets for row in rows], dtype=torch.float32)
    return Rows(config, ids, targets, group([len(s) for s in ids], config["batch_tokens"], generator))


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with toxicity/ and injection/")
    parser.add_argument("--out", type=Path, default=HERE / "build", help="where checkpoints and weights go")
    return parser.parse_args()


if __name__ == "__main__":
    main()
