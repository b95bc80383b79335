"""Symmetric int8 weights, one scale per output channel, that no CPU adds up wrongly.

ONNX Runtime multiplies unsigned 8-bit activations by signed weights. On AVX2 without
VNNI it adds the products of two neighbouring inputs (0 and 1, 2 and 3, …) in 16 bits,
which saturates above 32767: 255 times two weights that add up to more than 128. So a
scale leaves that much room for every pair, where the usual remedy, seven bits for every
weight, leaves it for pairs of the largest.
"""

import numpy as np

LIMIT = 127
PAIR_LIMIT = 127  # rounding may add 1


def per_column(weights):
    """int8 [in, out] and float32 scales [out], with weights ~ int8 * scale."""
    tops = np.maximum(np.abs(weights).max(0) / LIMIT, _pairs(weights) / PAIR_LIMIT)
    return _quantise(weights, tops)


def per_row(table):
    """int8 [rows, width] and float32 scales [rows, 1], for a table that is looked up by row, never multiplied."""
    return _quantise(table, np.abs(table).max(1, keepdims=True) / LIMIT)


def _pairs(weights):
    """float [out]: the largest absolute sum of two neighbours; of different signs it is less than one of them."""
    even = weights[: len(weights) // 2 * 2]
    return np.abs(even[0::2] + even[1::2]).max(0, initial=0)


def _quantise(values, scales):
    scales = np.where(scales == 0, 1, scales).astype(np.float32)
    return np.clip(np.rint(values / scales), -LIMIT, LIMIT).astype(np.int8), scales
