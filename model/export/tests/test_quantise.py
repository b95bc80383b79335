"""Eight-bit weights against exact sums of integers, in ONNX Runtime's own kernel."""

import unittest

import numpy as np
from onnx import TensorProto

from export.emit import FUSED, Emitter
from export.quantise import per_column, per_row
from export.session import Session


class Quantise(unittest.TestCase):
    def test_every_pair_fits(self):
        random = np.random.default_rng(3)
        for shape in ((384, 40), (7, 5), (1, 3)):
            numbers, scales = per_column(random.standard_t(3, shape).astype(np.float32))
            even = numbers[: len(numbers) // 2 * 2].astype(int)
            self.assertLessEqual(np.abs(even[0::2] + even[1::2]).max(initial=0), 128)
            self.assertLessEqual(np.abs(numbers.astype(int)).max(), 127)

    def test_no_sum_saturates(self):
        """Equal weights and the largest activations are the worst that can be."""
        random = np.random.default_rng(4)
        weights = np.concatenate([np.full((64, 8), 0.5), random.normal(size=(64, 8)), np.full((64, 8), -0.5)], 1).astype(np.float32)
        numbers, _ = per_column(weights)
        rows = np.full((16, 64), 255, np.float32)
        rows[:, ::5] = 0
        found = _multiply(rows, numbers)
        self.assertEqual(np.abs(found - rows.astype(int) @ numbers.astype(int)).max(), 0)

    def test_error_is_half_a_step(self):
        values = np.random.default_rng(5).normal(size=(96, 33)).astype(np.float32)
        for numbers, scales in (per_column(values), per_row(values)):
            self.assertLessEqual((np.abs(numbers * scales - values) / scales).max(), 0.501)

    def test_zeros_stay_zeros(self):
        self.assertEqual(np.abs(per_column(np.zeros((4, 4), np.float32))[0]).max(), 0)


def _multiply(rows, numbers):
    """rows [n, in], of 0 to 255 and with both in it, so that they are quantised as they are."""
    g = Emitter()
    ones = g.constant("scale", np.ones(numbers.shape[1], np.float32))
    floats = g.cast("input_ids", TensorProto.FLOAT)
    g.op("DynamicQuantizeMatMul", [floats, g.constant("weight", numbers), ones], FUSED, name="logits")
    model = g.model([("input_ids", TensorProto.INT32, ["n", "in"])], [("logits", TensorProto.FLOAT, ["n", "out"])])
    return Session(model.SerializeToString()).feed({"input_ids": rows})


if __name__ == "__main__":
    unittest.main()
