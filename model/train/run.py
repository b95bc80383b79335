"""A training run: its single step, and the checkpoints it goes on from."""

import time
from concurrent.futures import ThreadPoolExecutor

import torch
from torch.nn import functional as F

SAVE_EVERY = 300  # seconds between checkpoints
MASK_TOKEN = 103  # [MASK] of BERT's vocabulary


class Run:
    """One phase of training: model, optimizer and how far it has come.

    phase: its seed, and start and end, the stretch of the learning rate's schedule.
    rows: their config, tokens() and digest(). file: where checkpoints go; one that is
    there is taken up if it is of the same rows. since: the file of the phase to go on from, or None.
    """

    def __init__(self, model, phase, rows, file, since=None):
        self.model, self.config, self.phase, self.file = model, rows.config, phase, file
        self.budget, self.digest = rows.tokens(), rows.digest()
        self.optimizer = _optimizer(model, self.config)
        self.trained = [p for p in model.parameters() if p.requires_grad]
        self.threads = ThreadPoolExecutor(2)
        self.weights = torch.tensor(self.config["loss_weights"])
        self.batches, self.tokens, self.spent, self.loss = 0, 0, 0.0, 0.0
        self._restore(since)
        self.started = self.saved = time.monotonic()
        model.train()

    def _restore(self, since):
        saved = torch.load(self.file) if self.file.exists() else {}
        same = saved.get("digest") == self.digest
        state = saved if same else torch.load(since) if since else None
        if state:
            self.model.load_state_dict(state["model"])
            self.optimizer.load_state_dict(state["optimizer"])
        if same:
            self.batches, self.tokens, self.spent = saved["batches"], saved["tokens"], saved["spent"]

    def save(self):
        """Writes the checkpoint; whole or not at all."""
        state = {
            "digest": self.digest,
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "batches": self.batches,
            "tokens": self.tokens,
            "spent": self.elapsed(),
        }
        partial = self.file.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.file)
        self.saved = time.monotonic()

    def elapsed(self):
        """Seconds of training, those before a resume included."""
        return self.spent + time.monotonic() - self.started

    def rate(self):
        """The share of the peak learning rate: up at the start of the schedule, then down to nothing at its end."""
        start, end, warm = self.phase.start, self.phase.end, self.config["warm_up"]
        progress = start + (end - start) * self.tokens / self.budget
        return max(progress / warm if progress < warm else (1 - progress) / (1 - warm), 0.01)

    def step(self, shares):
        """One update from a batch given in shares of ids, mask and targets, computed side by side."""
        for part in self.optimizer.param_groups:
            part["lr"] = part["peak"] * self.rate()
        results = list(self.threads.map(self._gradients, shares, range(len(shares))))
        for i, parameter in enumerate(self.trained):
            parameter.grad = sum(gradients[i] for _, gradients in results) / len(results)
        torch.nn.utils.clip_grad_norm_(self.trained, 1.0)
        self.optimizer.step()
        self.batches += 1
        self.tokens += sum(int(mask.sum()) for _, mask, _ in shares)
        loss = sum(loss for loss, _ in results) / len(results)
        self.loss = 0.98 * self.loss + 0.02 * loss if self.loss else loss
        self._report()
        if time.monotonic() - self.saved > SAVE_EVERY:
            self.save()

    def _gradients(self, share, number):
        """Loss and gradients of one share; its noise hangs on batch and share alone, so that a resumed run has the same."""
        ids, mask, targets = share
        noise = torch.Generator().manual_seed(self.phase.seed + 2 * self.batches + number)
        ids = hide_words(ids, mask, self.config["hidden_words"], noise)
        logits = self.model(ids, mask, dropout(self.config["dropout"], noise))
        loss = masked_loss(logits, targets, self.weights, self.config["label_smoothing"])
        return loss.item(), torch.autograd.grad(loss, self.trained)

    def _report(self):
        if self.batches % 20 == 0:
            done, elapsed = self.tokens / self.budget, self.elapsed()
            print(
                f"{self.phase.name}: batch {self.batches}  {done:6.1%}  loss {self.loss:.4f}  "
                f"{self.tokens / elapsed:.0f} tokens/s  {elapsed / done * (1 - done) / 60:.0f} min left",
                flush=True,
            )


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
