"""Measures a model on held-out data: python -m train.evaluate --data DIR

Prints Markdown and draws the curves; --card also puts it between the markers of
the model's MODEL_CARD.md. Every score is that of a whole text: calibrated, the
maximum over its windows, each window run alone on the int8 graph. A source
marked * was never trained on; of the others this is the tenth held out by a hash
of the text. Numbers in brackets are 95 % intervals: over a thousand stratified
resamples with a fixed seed, or Wilson's for a plain share of texts.

Scores are kept under train/.cache, by graph, so a second run is quick.
"""

import argparse
from pathlib import Path

from train.measure import apart, injection, int8, places, policy, thresholds, toxicity
from train.measure.setting import Setting
from train.report import write_card

MODEL = Path(__file__).parent.parent
FP32 = MODEL / "train" / "build" / "model.fp32.onnx"
FIGURES = MODEL.parent / "docs" / "model"


def main():
    args = _arguments()
    setting = Setting.load(args.data, args.model, _fp32(args), args.figures)
    comments = toxicity.section(setting)
    injections = injection.section(setting)
    own = apart.section(setting)
    if not args.no_service:
        policy.section(setting, comments, injections, own)
    thresholds.section(setting, comments, injections, own)
    places.section(setting, args.placements)
    int8.section(setting, comments)
    if args.card:
        write_card(args.model / "MODEL_CARD.md", setting.report.text())


def _fp32(args):
    """The fp32 graph: the one named, else the one that the last export left; None where there is none."""
    return args.fp32 or (FP32 if FP32.exists() else None)


def _arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with toxicity/ and injection/")
    parser.add_argument("--model", type=Path, default=MODEL / "bundled", help="folder with manifest.json")
    parser.add_argument("--fp32", type=Path, help="an fp32 graph of the same weights (default: build/model.fp32.onnx)")
    parser.add_argument("--figures", type=Path, default=FIGURES, help="where the curves are drawn")
    parser.add_argument("--placements", type=int, default=100, help="attacks and harmless texts to move about")
    parser.add_argument("--no-service", action="store_true", help="leave out what the service decides")
    parser.add_argument("--card", action="store_true", help="put the figures into MODEL_CARD.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
