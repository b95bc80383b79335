"""Symmetric int8 weights, one scale per output channel, in seven bits.

ONNX Runtime multiplies unsigned 8-bit activations by signed weights. On AVX2
without VNNI it adds two products in 16 bits, which saturates once weights pass
64: 2 * 255 * 63 still fits. The eighth bit costs wrong sums there, so it is not
used; the scale per channel makes up for most of it.
"""

import numpy as np

WEIGHT_LIMIT = 63
TABLE_LIMIT = 127  # the embedding table is looked up, never multiplied


def per_column(weights):
    """int8 [in, out] and float32 scales [out], with weights ~ int8 * scale."""
    return _quantise(weights, 0, WEIGHT_LIMIT)


def per_row(table):
    """int8 [rows, width] and float32 scales [rows, 1], for a table that is looked up by row."""
    return _quantise(table, 1, TABLE_LIMIT)


def _quantise(values, axis, limit):
    scales = np.abs(values).max(axis=axis, keepdims=True) / limit
    scales = np.where(scales == 0, 1, scales).astype(np.float32)
    numbers = np.clip(np.rint(values / scales), -limit, limit).astype(np.int8)
    return numbers, scales if axis else scales[0]
