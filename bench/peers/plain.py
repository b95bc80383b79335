"""A plain service in Python: python plain.py --model DIR --proto DIR --listen ADDR [--threads N] [--workers N]

onnxruntime and tokenizers behind grpcio: each call is a text that is tokenised, cut at the
longest window that the model takes, and run by itself. It speaks Portcullis' own contract, so
that the same generator asks both, and has no rules, no policy, no windows and no queue.
"""

import argparse
import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import numpy
import onnxruntime
from tokenizers import BertWordPieceTokenizer

METHOD = "/portcullis.v1.ValidationService/Validate"


class Classifier:
    """The model with its tokenizer."""

    def __init__(self, folder: Path, threads: int):
        manifest = json.loads((folder / "manifest.json").read_text())
        graph = next(g for g in manifest["graphs"] if g["file"].endswith(".onnx"))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads  # 0 is ONNX Runtime's own choice
        self.session = onnxruntime.InferenceSession(str(folder / graph["file"]), options, providers=["CPUExecutionProvider"])
        self.tokenizer = BertWordPieceTokenizer(str(folder / "vocab.txt"), lowercase=manifest["tokenizer"]["lowercase"])
        self.tokenizer.enable_truncation(manifest["window"]["tokens"])
        self.labels = [label["name"] for label in manifest["labels"]]
        self.scale = numpy.array([label["calibration"]["scale"] for label in manifest["labels"]])
        self.bias = numpy.array([label["calibration"]["bias"] for label in manifest["labels"]])
        self.name, self.check = manifest["name"], manifest["check"]

    def scores(self, text: str) -> dict[str, float]:
        """Returns the probability of every label."""
        ids = numpy.array([self.tokenizer.encode(text).ids], dtype=numpy.int64)
        logits = self.session.run(None, {"input_ids": ids, "attention_mask": numpy.ones_like(ids)})[0][0]
        return dict(zip(self.labels, (1 / (1 + numpy.exp(-(self.scale * logits + self.bias)))).tolist()))


def handler(classifier: Classifier, contract) -> grpc.GenericRpcHandler:
    """Serves Validate with the classifier's scores."""

    def validate(request, _context):
        reply = contract.ValidateResponse(decision=contract.DECISION_ALLOW)
        reply.checks.add(check=classifier.check, state=contract.CHECK_STATE_COMPLETED, coverage=1)
        for label, score in classifier.scores(request.text).items():
            reply.scores.add(model=classifier.name, label=label, score=score)
        return reply

    method = grpc.unary_unary_rpc_method_handler(validate, contract.ValidateRequest.FromString, contract.ValidateResponse.SerializeToString)
    return grpc.method_handlers_generic_handler("portcullis.v1.ValidationService", {"Validate": method})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--proto", type=Path, required=True)
    parser.add_argument("--listen", required=True)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--workers", type=int, default=10)
    args = parser.parse_args()
    sys.path.insert(0, str(args.proto))  # where grpcio-tools looks for the contract
    contract = grpc.protos("portcullis/v1/validation.proto")
    server = grpc.server(ThreadPoolExecutor(args.workers))
    server.add_generic_rpc_handlers((handler(Classifier(args.model, args.threads), contract),))
    server.add_insecure_port(args.listen)
    server.start()
    server.wait_for_termination()


if __name__ == "__main__":
    main()
