"""A bare loop around ONNX Runtime: python bare.py --model FILE --ids FILE [--callers 1]

--ids is a JSON list of windows, each a list of token ids. They are run once in groups of at
most 1, and once of at most 8, windows of equal length: nothing is padded. Prints the seconds
that each took, as JSON: {"1": 1.5, "8": 1.4}.
"""

import argparse
import itertools
import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
import onnxruntime


def open_session(model: Path, threads: int) -> onnxruntime.InferenceSession:
    """Opens a model on the CPU with so many threads a call, that do not spin."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def grouped(windows: list[list[int]], most: int) -> list[dict[str, numpy.ndarray]]:
    """Returns the tensors of windows, those of equal length together."""
    batches = []
    for _, same in itertools.groupby(sorted(windows, key=len), key=len):
        same = list(same)
        for at in range(0, len(same), most):
            ids = numpy.array(same[at : at + most], dtype=numpy.int64)
            batches.append({"input_ids": ids, "attention_mask": numpy.ones_like(ids)})
    return batches


def run(session: onnxruntime.InferenceSession, batches: list[dict[str, numpy.ndarray]], callers: int) -> float:
    """Runs every batch once, so many at a time, and returns the seconds it took."""
    with ThreadPoolExecutor(callers) as pool:
        began = time.perf_counter()
        list(pool.map(lambda batch: session.run(None, batch), batches))
        return time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--ids", type=Path, required=True)
    parser.add_argument("--callers", type=int, default=1)
    args = parser.parse_args()
    windows = json.loads(args.ids.read_text())
    session = open_session(args.model, 1)
    run(session, grouped(windows[:20], 1), args.callers)  # the first ones find it cold
    print(json.dumps({str(most): run(session, grouped(windows, most), args.callers) for most in (1, 8)}))


if __name__ == "__main__":
    main()
