"""Builds the ONNX graph of a BERT classifier by hand, in any precision and layout.

Inputs and output are those of docs/models.md: ids and mask [batch, sequence], or
packed rows, to logits float32 [batch, labels]. There is no input for token types:
a text is one segment, so type 0 is part of the position table.

The operators are those ONNX Runtime runs fastest: its fused Attention,
SkipLayerNormalization and BiasGelu, and for int8 QAttention and
DynamicQuantizeMatMul with signed weights.
"""

from onnx import TensorProto

from export import heads
from export.arithmetic import Eight, Half, Single
from export.correct import corrected
from export.emit import KINDS, Emitter
from export.equalise import equalised
from export.layers import Layers
from export.layout import Packed, Padded
from export.reach import reach

PRECISIONS = {"fp32": Single, "int8": Eight, "fp16": Half}
LAYOUTS = {"padded": Padded, "packed": Packed}


def build(weights, config, precision, layout="padded", ids="int64", samples=None):
    """The model proto.

    weights: float32 arrays named as in train.bert, or with pooler and classifier in
    place of the head. config: keys and values as in a BERT's config.json. ids: the
    type of all inputs, int32 or int64. samples: token ids of texts like those to come,
    by which int8 learns how far activations reach; without, made up from the vocabulary.
    """
    for value, allowed in ((precision, PRECISIONS), (layout, LAYOUTS), (ids, KINDS)):
        if value not in allowed:
            raise ValueError(f"{value!r} is none of {', '.join(allowed)}")
    if precision == "int8":
        weights = corrected(*equalised(weights, reach(weights, config, samples)))
    head, where = heads.of(weights), LAYOUTS[layout]()
    g = Emitter()
    x = Layers(g, PRECISIONS[precision](weights), config).run(where)
    head.build(g, g.cast(x, TensorProto.FLOAT) if precision == "fp16" else x, where)
    return g.model(where.inputs(KINDS[ids], head.whole), [("logits", TensorProto.FLOAT, [where.rows, head.labels])])
