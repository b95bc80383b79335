"""Trains the bundled model: python -m train.fit --data DIR

Resumes from build/checkpoint.pt where there is one. The learning rate falls to
nothing at the end of the last pass, or of --minutes where that comes first;
only a run without --minutes is repeatable to the bit. --init goes on from
weights that an earlier run left, with --seed for other rows and another order.
"""

import os

# Before torch is loaded: each half of a batch has a thread of its own and no
# other, because OpenMP's waiting threads burn the cores of a busy machine.
os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"

import argparse
import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
from torch.nn import functional as F

from train import base, mixture
from train.batches import encode, group, pad
from train.bert import from_base

HERE = Path(__file__).parent
SAVE_EVERY = 300  # seconds between checkpoints
MASK_TOKEN = 103  # [MASK] of BERT's vocabulary


def main():
    args = _arguments()
    config = json.loads((HERE / "config.json").read_text())
    args.out.mkdir(parents=True, exist_ok=True)
    seed = config["seed"] if args.seed is None else args.seed
    torch.manual_seed(seed)
    generator = random.Random(seed)

    rows = [row for _ in range(config["passes"]) for row in mixture.build(args.data, config, generator)]
    ids = encode(base.tokenizer(), [row.text for row in rows], config["window"]["tokens"])
    order = group([len(s) for s in ids], config["batch_tokens"], generator)
    budget = sum(map(len, ids))
    print(f"{len(rows)} rows, {budget} tokens, {len(order)} batches", flush=True)

    model = from_base(base.state(), base.config())
    if args.init:
        model.load_state_dict(torch.load(args.init))
    model.freeze(config["frozen_layers"])
    run = Run(model, config, args, budget, seed)
    targets = torch.tensor([row.targets for row in rows], dtype=torch.float32)
    for number, batch in enumerate(order):
        if args.minutes and run.progress() >= 1:
            break
        if number >= run.batches:
            run.step([(*pad([ids[i] for i in half]), targets[half]) for half in (batch[::2], batch[1::2]) if half])
    torch.save(model.state_dict(), args.out / "model.pt")
    run.checkpoint.unlink(missing_ok=True)
    print(f"done: {run.tokens} tokens in {run.elapsed() / 60:.1f} min", flush=True)


class Run:
    """The state of a training run: what a checkpoint holds and a resume restores."""

    def __init__(self, model, config, args, budget, seed):
        self.model, self.config, self.minutes, self.budget, self.seed = model, config, args.minutes, budget, seed
        self.checkpoint = args.out / "checkpoint.pt"
        self.optimizer = _optimizer(model, config)
        self.trained = [p for p in model.parameters() if p.requires_grad]
        self.threads = ThreadPoolExecutor(2)
        self.weights = torch.tensor(config["loss_weights"])
        self.batches, self.tokens, self.spent, self.loss = 0, 0, 0.0, 0.0
        if self.checkpoint.exists():
            saved = torch.load(self.checkpoint)
            model.load_state_dict(saved["model"])
            self.optimizer.load_state_dict(saved["optimizer"])
            self.batches, self.tokens, self.spent = saved["batches"], saved["tokens"], saved["spent"]
        self.started = self.saved = time.monotonic()
        model.train()

    def elapsed(self):
        """Seconds of training, those before a resume included."""
        return self.spent + time.monotonic() - self.started

    def progress(self):
        """0 at the start, 1 when a budget is used up."""
        part = self.tokens / self.budget
        return max(part, self.elapsed() / 60 / self.minutes) if self.minutes else part

    def step(self, shares):
        """One update from a batch given in shares of ids, mask and targets, computed side by side."""
        warm = self.config["warm_up"]
        progress = self.progress()
        rate = progress / warm if progress < warm else (1 - progress) / (1 - warm)
        for part in self.optimizer.param_groups:
            part["lr"] = part["peak"] * max(rate, 0.01)
        results = list(self.threads.map(self._gradients, shares, range(len(shares))))
        for i, parameter in enumerate(self.trained):
            parameter.grad = sum(gradients[i] for _, gradients in results) / len(results)
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.batches += 1
        self.tokens += sum(int(mask.sum()) for _, mask, _ in shares)
        loss = sum(loss for loss, _ in results) / len(results)
        self.loss = loss if self.batches == 1 else 0.98 * self.loss + 0.02 * loss
        self._report()

    def _gradients(self, share, number):
        """Loss and gradients of one share; its noise hangs on batch and share alone, so that a resumed run has the same."""
        ids, mask, targets = share
        noise = torch.Generator().manual_seed(self.seed + 2 * self.batches + number)
        ids = hide_words(ids, mask, self.config["hidden_words"], noise)
        logits = self.model(ids, mask, dropout(self.config["dropout"], noise))
        loss = masked_loss(logits, targets, self.weights, self.config["label_smoothing"])
        return loss.item(), torch.autograd.grad(loss, self.trained)

    def _report(self):
        if self.batches % 20 == 0:
            done, elapsed = self.progress(), self.elapsed()
            left = elapsed / max(done, 1e-9) * (1 - done) / 60
            print(
                f"batch {self.batches}  {done:6.1%}  loss {self.loss:.4f}  "
                f"{self.tokens / elapsed:.0f} tokens/s  {left:.0f} min left",
                flush=True,
            )
        if time.monotonic() - self.saved > SAVE_EVERY:
            self._save()

    def _save(self):
        state = {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "batches": self.batches,
            "tokens": self.tokens,
            "spent": self.elapsed(),
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)
        self.saved = time.monotonic()


def dropout(share, noise):
    """torch's dropout with a generator of its own: two threads must not draw from one."""
    return lambda x: x * torch.empty_like(x).bernoulli_(1 - share, generator=noise) / (1 - share)


def hide_words(ids, mask, share, noise):
    """Some tokens of a text replaced by [MASK], so that no single word decides; [CLS] stays."""
    hidden = torch.rand(ids.shape, generator=noise) < share
    hidden[:, 0] = False
    return ids.masked_fill(hidden & mask.bool(), MASK_TOKEN)


def masked_loss(logits, targets, weights, smoothing):
    """Cross entropy over the labels a row knows; NaN targets count for nothing.

    smoothing draws each target towards one half: a wrong label, and there are some, then costs no fortune.
    """
    known = ~torch.isnan(targets)
    soft = targets.nan_to_num() * (1 - smoothing) + smoothing / 2
    each = F.binary_cross_entropy_with_logits(logits, soft, reduction="none")
    return (each * known * weights).sum() / known.sum().clamp(min=1)


def _optimizer(model, config):
    """AdamW; the head learns faster, and biases and norms do not decay."""
    groups = {}
    for name, parameter in model.named_parameters():
        if not parameter.requires_grad:
            continue
        peak = config["head_learning_rate"] if name.startswith("head") else config["learning_rate"]
        decay = config["weight_decay"] if parameter.ndim > 1 else 0.0
        groups.setdefault((peak, decay), []).append(parameter)
    return torch.optim.AdamW(
        {"params": parameters, "lr": peak, "peak": peak, "weight_decay": decay}
        for (peak, decay), parameters in groups.items()
    )


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with toxicity/ and injection/")
    parser.add_argument("--out", type=Path, default=HERE / "build", help="where checkpoints and weights go")
    parser.add_argument("--minutes", type=float, help="end the run (fully annealed) after this wall time")
    parser.add_argument("--init", type=Path, help="weights to start from instead of the base model's")
    parser.add_argument("--seed", type=int, help="instead of the configuration's")
    return parser.parse_args()


if __name__ == "__main__":
    main()
