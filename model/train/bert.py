"""The network: a BERT encoder and eight logits over its pooled output.

It is written out here, not imported, because the exporter builds the same
graph by hand and the two must agree name by name.
"""

import math

import torch
from torch import nn
from torch.nn import functional as F

# The last two are one category seen from two sides: `injection` is of what somebody says to a
# model, `indirect_injection` of what stands in a text that a model reads. A plain task is honest
# there and an attack here, so that one label for both would have to be wrong about one of them.
LABELS = ("toxic", "severe_toxic", "obscene", "threat", "insult", "identity_hate", "injection", "indirect_injection")

# What a padded key's attention score gets added. ONNX Runtime's Attention uses
# the same figure; exp(-10000) is exactly 0 in float32.
MASKED = -10000.0


class Layer(nn.Module):
    """One transformer layer, normalised after each residual sum (as BERT is)."""

    def __init__(self, width, heads, inner, eps):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps)

    def forward(self, x, bias, drop):
        """x: [batch, sequence, width]; bias: [batch, 1, 1, sequence], added to the scores."""
        b, s, w = x.shape
        q, k, v = self.qkv(x).view(b, s, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        weights = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(w // self.heads) + bias, -1)
        mixed = (weights @ v).transpose(1, 2).reshape(b, s, w)
        x = self.norm1(x + drop(self.out(mixed)))
        return self.norm2(x + drop(self.down(F.gelu(self.up(x)))))


class Classifier(nn.Module):
    """Token ids to logits, one per label of LABELS, none of them normalised.

    The head reads the mean and the maximum of the token vectors: the mean knows
    the tone of the text, the maximum finds one planted sentence whatever
    surrounds it. Padding enters neither.
    """

    def __init__(self, config):
        super().__init__()
        width, eps = config["hidden_size"], config["layer_norm_eps"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.norm = nn.LayerNorm(width, eps)
        self.layers = nn.ModuleList(
            Layer(width, config["num_attention_heads"], config["intermediate_size"], eps)
            for _ in range(config["num_hidden_layers"])
        )
        self.head = nn.Linear(2 * width, len(LABELS))

    def forward(self, ids, mask, drop=lambda x: x):
        """ids, mask: int64 [batch, sequence], mask 1 for text and 0 for padding; returns [batch, labels].

        drop is training's dropout: applied to what each half of a layer adds, and to the pooled vector.
        """
        keep = mask.to(torch.float32)
        x = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]])
        bias = (1 - keep)[:, None, None, :] * MASKED
        for layer in self.layers:
            x = layer(x, bias, drop)
        keep = keep[:, :, None]
        mean = (x * keep).sum(1) / keep.sum(1)
        top = (x + (1 - keep) * MASKED).max(1).values
        return self.head(drop(torch.cat([mean, top], 1)))

    def freeze(self, layers):
        """Leaves the embeddings and the first layers as the base model has them."""
        for part in (self.words, self.positions, self.norm, *self.layers[:layers]):
            part.requires_grad_(False)


def from_base(state, config):
    """A Classifier from the base model's tensors, named as Hugging Face's BertModel names them.

    The token type embedding is constant here (one segment), so it is folded
    into the positions. The head starts small and random.
    """
    model = Classifier(config)
    own = {
        "words.weight": state["embeddings.word_embeddings.weight"],
        "positions.weight": state["embeddings.position_embeddings.weight"]
        + state["embeddings.token_type_embeddings.weight"][0],
        "head.weight": torch.randn_like(model.head.weight) * 0.02,
        "head.bias": torch.zeros(len(LABELS)),
    }
    _copy(own, "norm", state, "embeddings.LayerNorm")
    for i in range(config["num_hidden_layers"]):
        theirs, ours = f"encoder.layer.{i}", f"layers.{i}"
        for kind in ("weight", "bias"):
            parts = [state[f"{theirs}.attention.self.{p}.{kind}"] for p in ("query", "key", "value")]
            own[f"{ours}.qkv.{kind}"] = torch.cat(parts)
        _copy(own, f"{ours}.out", state, f"{theirs}.attention.output.dense")
        _copy(own, f"{ours}.norm1", state, f"{theirs}.attention.output.LayerNorm")
        _copy(own, f"{ours}.up", state, f"{theirs}.intermediate.dense")
        _copy(own, f"{ours}.down", state, f"{theirs}.output.dense")
        _copy(own, f"{ours}.norm2", state, f"{theirs}.output.LayerNorm")
    model.load_state_dict(own)
    return model


def _copy(own, ours, state, theirs):
    for kind in ("weight", "bias"):
        own[f"{ours}.{kind}"] = state[f"{theirs}.{kind}"]
