"""How texts lie in a graph's tensors: one a row and padded, or packed into rows.

The interface of both, for who feeds the graph, is written down in docs/models.md.
A layout names the inputs, finds each token's position, hides from a token whatever
is not of its text, and finds the texts again in what the layers made of the rows.
"""

import numpy as np
from onnx import TensorProto

MASKED = np.float32(-10000)  # added to a hidden key's score: exp of it is exactly 0


class Padded:
    """input_ids and attention_mask [batch, sequence], padding on the right."""

    name, rows = "padded", "batch"

    def inputs(self, kind, whole):
        return [(name, kind, ["batch", "sequence"]) for name in ("input_ids", "attention_mask")]

    def positions(self, g, table):
        start, length = g.axis(0), g.op("Shape", ["input_ids"], start=1, end=2)
        return g.op("Slice", [table, start, length])

    def dense_mask(self, g):
        return g.cast("attention_mask", TensorProto.INT32)

    def mask(self, g, kind):
        """mask_index and attention_bias of the fused Attention. A dense mask keeps a card from its fast kernels."""
        return (self.lengths_mask(g) if kind == TensorProto.FLOAT16 else self.dense_mask(g)), ""

    def lengths_mask(self, g):
        """int32 [3 * batch + 2]: the lengths, then twice where rows begin and end in the tensor laid end to end."""
        zero, one = g.number(0), g.number(1)
        mask = g.cast("attention_mask", TensorProto.INT64)
        shape = g.op("Shape", [mask])
        batch, length = (g.op("Gather", [shape, number]) for number in (zero, one))
        ends = g.op("Mul", [g.op("Range", [zero, g.op("Add", [batch, one]), one]), length])
        lengths = g.op("ReduceSum", [mask, g.axis(1)], keepdims=0)
        return g.cast(g.op("Concat", [lengths, ends, ends], axis=0), TensorProto.INT32)

    def first(self, g, x):
        """The vector of each text's [CLS], [batch, width]."""
        return g.op("Gather", [x, g.number(0)], axis=1)

    def texts(self, g, x):
        """x itself, and what of it is text."""
        return x, "attention_mask"


class Packed:
    """Several texts a row, told apart by sequence_ids; text_starts says where each begins."""

    name, rows = "packed", "texts"

    def inputs(self, kind, whole):
        """whole: whether all tokens of a text are read, which needs its length."""
        tokens = [(name, kind, ["rows", "tokens"]) for name in ("input_ids", "sequence_ids", "position_ids")]
        texts = ["text_starts"] + ["text_lengths"] * whole
        return tokens + [(name, kind, ["texts"]) for name in texts]

    def positions(self, g, table):
        return g.op("Gather", [table, "position_ids"], axis=0)

    def dense_mask(self, g):
        """int32 [rows, tokens, tokens]: 1 where two tokens are of one text."""
        return g.cast(self._same(g), TensorProto.INT32)

    def mask(self, g, kind):
        """The same as a bias: cards have no fast kernel for a dense mask, but for this."""
        away = g.cast(g.op("Not", [self._same(g)]), TensorProto.FLOAT)
        bias = g.op("Mul", [away, g.constant("masked", MASKED)])
        return "", g.cast(g.op("Unsqueeze", [bias, g.axis(1)]), kind)

    def first(self, g, x):
        return g.op("Gather", [self._flat(g, x), "text_starts"], axis=0)

    def texts(self, g, x):
        """x as [texts, longest, width], and what of it is text."""
        starts, lengths = (g.cast(name, TensorProto.INT64) for name in ("text_starts", "text_lengths"))
        longest = g.op("ReduceMax", [lengths], keepdims=0)
        place = g.op("Range", [g.number(0), longest, g.number(1)])
        keep = g.op("Less", [place, g.op("Unsqueeze", [lengths, g.axis(-1)])])
        where = g.op("Add", [place, g.op("Unsqueeze", [starts, g.axis(-1)])])
        inside = g.op("Where", [keep, where, g.number(0)])  # never past the last row
        return g.op("Gather", [self._flat(g, x), inside], axis=0), keep

    def _same(self, g):
        return g.op("Equal", [g.op("Unsqueeze", ["sequence_ids", g.axis(i)]) for i in (1, 2)])

    def _flat(self, g, x):
        """[rows * tokens, width]"""
        shape = g.op("Concat", [g.axis(-1), g.op("Shape", [x], start=2)], axis=0)
        return g.op("Reshape", [x, shape])
