"""Lays out the bundled model as hugot reads it: python folder.py --model DIR --out DIR

Writes tokenizer.json and config.json, and links the graph beside them.
"""

import argparse
import json
import shutil
from pathlib import Path

from tokenizers import BertWordPieceTokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    manifest = json.loads((args.model / "manifest.json").read_text())
    args.out.mkdir(parents=True, exist_ok=True)
    tokenizer = BertWordPieceTokenizer(str(args.model / "vocab.txt"), lowercase=manifest["tokenizer"]["lowercase"])
    tokenizer.enable_truncation(manifest["window"]["tokens"])
    tokenizer.save(str(args.out / "tokenizer.json"))
    config = {
        "max_position_embeddings": manifest["window"]["tokens"],
        "pad_token_id": 0,
        "id2label": {str(i): label["name"] for i, label in enumerate(manifest["labels"])},
    }
    (args.out / "config.json").write_text(json.dumps(config))
    shutil.copy(args.model / manifest["graphs"][0]["file"], args.out / "model.onnx")


if __name__ == "__main__":
    main()
