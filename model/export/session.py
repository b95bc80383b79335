"""Runs an ONNX graph on the CPU, as the service does."""

import numpy as np
import onnxruntime

from train.batches import pad


class Session:
    """model: a path or serialised bytes. One thread, so figures do not depend on the machine's load."""

    def __init__(self, model):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        source = model if isinstance(model, bytes) else str(model)
        self._session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])

    def logits(self, sequences):
        """float32 [len(sequences), labels] for one padded batch of token id lists."""
        return self.run(*(tensor.numpy() for tensor in pad(sequences)))

    def run(self, ids, mask):
        return self._session.run(["logits"], {"input_ids": ids, "attention_mask": mask})[0]

    def each(self, sequences):
        """The same, one sequence at a time: what the service computes."""
        return np.concatenate([self.logits([sequence]) for sequence in sequences])
