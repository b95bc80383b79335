"""Measures a BERT in plain PyTorch: python bench/gpu/torch_bench.py --config FILE [--device cpu]

On a card in fp16, on the CPU in fp32, with PyTorch's own fused attention, eager, as
people run it who write no server: the same shapes and the same mix of lengths as
gpu-bench, beside which its figures stand. The weights are random; speed does not depend
on them. It writes JSON to standard output.
"""

import argparse
import json
import math
import statistics
import time

import torch
from torch import nn
from torch.nn import functional as F

LENGTHS = (32, 128, 512)
MOST_TOKENS = 1 << 16  # of a batch on a card
GAIN = 1.02  # what a batch twice as large must give
BUDGETS = (8192, 16384, 32768)  # padded tokens of a batch of mixed lengths
WINDOW = 256  # texts that are sorted together, as the batcher does


class Layer(nn.Module):
    def __init__(self, width, heads, inner):
        super().__init__()
        self.heads = heads
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, inner), nn.Linear(inner, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)

    def forward(self, x, mask):
        b, s, w = x.shape
        q, k, v = self.qkv(x).view(b, s, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        x = self.norm1(x + self.out(attention(q, k, v, mask).transpose(1, 2).reshape(b, s, w)))
        return self.norm2(x + self.down(F.gelu(self.up(x))))


def attention(q, k, v, mask):
    if hasattr(F, "scaled_dot_product_attention"):  # PyTorch 2
        return F.scaled_dot_product_attention(q, k, v, attn_mask=mask)
    scores = q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1])
    if mask is not None:
        scores = scores.masked_fill(~mask, -1e4)
    return torch.softmax(scores, -1) @ v


class Bert(nn.Module):
    def __init__(self, config, labels=6):
        super().__init__()
        width = config["hidden_size"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.norm = nn.LayerNorm(width)
        heads, inner = config["num_attention_heads"], config["intermediate_size"]
        self.layers = nn.ModuleList(Layer(width, heads, inner) for _ in range(config["num_hidden_layers"]))
        self.head = nn.Linear(width, labels)

    def forward(self, ids, mask=None):
        """ids: int64 [batch, sequence]; mask: bool [batch, 1, 1, sequence] or None where nothing is padding."""
        x = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]])
        for layer in self.layers:
            x = layer(x, mask)
        return self.head(x[:, 0])


class Bench:
    def __init__(self, config, device, seconds):
        self.card, self.device, self.seconds = device != "cpu", torch.device(device), seconds
        self.dtype = torch.float16 if self.card else torch.float32
        self.config = config
        self.model = Bert(config).to(self.device, self.dtype).eval()

    def ids(self, batch, tokens):
        return torch.randint(0, self.config["vocab_size"], (batch, tokens), device=self.device)

    def clock(self):
        if self.card:
            torch.cuda.synchronize()
        return time.perf_counter()

    def times(self, run, most=10_000):
        """Seconds of each call of run, the first three left out, for as long as is measured."""
        for _ in range(3):
            run()
        took, began = [], self.clock()
        while len(took) < 3 or (self.clock() - began < self.seconds and len(took) < most):
            start = self.clock()
            run()
            took.append(self.clock() - start)
        return took

    def peak(self):
        """TFLOP/s of one large product of matrices, at its quickest: others only make it slower."""
        n = 8192 if self.card else 2048
        a, b = (torch.randn(n, n, device=self.device).to(self.dtype) for _ in range(2))
        return 2 * n**3 / min(self.times(lambda: a @ b)) / 1e12

    def shape(self, tokens):
        lone = self.ids(1, tokens)
        alone = statistics.median(self.times(lambda: self.model(lone)))
        best, size = (0.0, 1), 1
        while size * tokens <= (MOST_TOKENS if self.card else tokens):
            ids = self.ids(size, tokens)
            rate = size / statistics.mean(self.times(lambda: self.model(ids)))
            if rate < best[0] * GAIN and size > 4:
                break
            best, size = max(best, (rate, size)), size * 2
        graph = self.replayed(lone) if self.card else 0
        return {"tokens": tokens, "batch": best[1], "rate": best[0], "alone_ms": 1e3 * alone, "graph_ms": 1e3 * graph}

    def replayed(self, ids):
        """Seconds of one text as a CUDA graph: what launching the kernels one by one costs."""
        graph = torch.cuda.CUDAGraph()
        self.times(lambda: self.model(ids), 3)
        with torch.cuda.graph(graph):
            self.model(ids)
        return statistics.median(self.times(graph.replay))

    def mix(self, texts):
        """Texts of mixed lengths, sorted in windows, in padded batches under a mask."""
        draws = torch.exp(math.log(40) + 0.99 * torch.randn(texts, generator=torch.Generator().manual_seed(3)))
        lengths = draws.long().clamp(3, self.config["max_position_embeddings"]).tolist()
        tries = [self.mixed(lengths, budget) for budget in (BUDGETS if self.card else (512,))]
        return max(tries, key=lambda one: one["rate"])

    def mixed(self, lengths, budget):
        batches = [self.batch(group) for group in groups(lengths, budget)]
        for ids, mask in batches[:3]:
            self.model(ids, mask)
        began = self.clock()
        for ids, mask in batches:
            self.model(ids, mask)
        seconds = self.clock() - began
        padded = sum(ids.numel() for ids, _ in batches)
        return {
            "budget": budget, "rate": len(lengths) / seconds, "tokens": sum(lengths) / seconds, "padding": padded / sum(lengths),
        }  # fmt: skip

    def batch(self, lengths):
        width = max(lengths)
        mask = torch.arange(width)[None, :] < torch.tensor(lengths)[:, None]
        return self.ids(len(lengths), width), mask[:, None, None, :].to(self.device)


def groups(lengths, budget):
    """Lists of lengths: windows are sorted, and cut where a batch would be too large."""
    for start in range(0, len(lengths), WINDOW):
        group = []
        for n in sorted(lengths[start : start + WINDOW]):
            if group and n * (len(group) + 1) > budget:
                yield group
                group = []
            group.append(n)
        yield group


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--config", required=True, type=argparse.FileType())
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--texts", type=int, default=20_000)
    args = parser.parse_args()
    config = json.load(args.config)
    bench = Bench(config, args.device, args.seconds)
    with torch.inference_mode():
        lengths = [n for n in LENGTHS if n <= config["max_position_embeddings"]]
        measured = {
            "torch": torch.__version__, "dtype": str(bench.dtype).removeprefix("torch."), "peak_tflops": bench.peak(),
            "shapes": [bench.shape(n) for n in lengths], "mix": bench.mix(args.texts),
        }  # fmt: skip
    print(json.dumps(measured, indent=2))


if __name__ == "__main__":
    main()
