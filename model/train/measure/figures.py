"""The curves, as small SVG files that come out the same from the same scores."""

import io
import re

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
import numpy as np

from train.measure.quality import proportion

STYLE = {
    "svg.hashsalt": "portcullis",  # ids of clip paths, random otherwise
    "svg.fonttype": "none",
    "font.size": 9,
    "font.family": "sans-serif",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "lines.linewidth": 1.4,
    "figure.facecolor": "white",
}
PANEL = 4.2, 3.3  # inches
POINTS = 60  # of a curve: enough for the eye, few for the file
LEAST = 1e-3  # false positives, the left end of a log axis


class Figures:
    """folder: where to draw; made when there is something to."""

    def __init__(self, folder):
        self.folder = folder

    def draw(self, name, *panels):
        """Panels, each a function of an axes, in rows of three or, if they are four, of two."""
        columns = 2 if len(panels) == 4 else min(3, len(panels))
        rows = -(-len(panels) // columns)
        self.folder.mkdir(parents=True, exist_ok=True)
        with plt.rc_context(STYLE):
            drawing, axes = plt.subplots(rows, columns, figsize=(PANEL[0] * columns, PANEL[1] * rows), squeeze=False)
            for panel, ax in zip(panels, axes.flat):
                panel(ax)
            drawing.tight_layout()
            out = io.StringIO()
            drawing.savefig(out, format="svg", metadata={"Date": None}, dpi=90)
            plt.close(drawing)
        (self.folder / name).write_text(_shortened(out.getvalue()))


def roc(title, curves):
    """curves: name -> (scores of positives, scores of negatives). False positives on a log axis."""

    def panel(ax):
        for name, (positives, negatives) in curves.items():
            ax.plot(*_roc_points(positives, negatives), label=name, drawstyle="steps-post")
        ax.set(xscale="log", xlim=(LEAST, 1), ylim=(0, 1.02), title=title)
        ax.set(xlabel="false positives", ylabel="found")
        ax.xaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
        ax.legend(loc="best")

    return panel


def reliability(title, sets, bins=10):
    """sets: name -> (scores, truths). Bars are 95 % intervals of the true share."""

    def panel(ax):
        ax.plot((0, 1), (0, 1), color="#999999", linewidth=0.8, linestyle="--")
        for shift, (name, (scores, truths)) in enumerate(sets.items()):
            points = _reliability_points(np.asarray(scores), np.asarray(truths, bool), bins)
            x, shares = points[0] + 0.008 * shift, points[1]
            values = np.array([s.value for s in shares])
            bars = [values - [s.low for s in shares], [s.high for s in shares] - values]
            ax.errorbar(x, values, np.maximum(bars, 0), marker="o", markersize=3, elinewidth=0.7, label=name)
        ax.set(xlim=(-0.02, 1.03), ylim=(-0.02, 1.03), title=title, xlabel="score", ylabel="share that is true")
        ax.legend(loc="upper left")

    return panel


def histogram(title, sets, bins=25):
    """sets: name -> scores. Shares of each set on a log axis, since most scores lie at the ends."""

    def panel(ax):
        edges = np.linspace(0, 1, bins + 1)
        for name, scores in sets.items():
            heights = np.histogram(scores, edges)[0] / len(scores)
            ax.stairs(np.maximum(heights, 1e-4), edges, label=f"{name} ({len(scores)})", fill=False, linewidth=1.3)
        ax.set(yscale="log", ylim=(5e-4, 1.2), title=title, xlabel="score", ylabel="share of the set")
        ax.yaxis.set_major_formatter("{x:g}")
        ax.minorticks_off()
        ax.legend(loc="upper center")

    return panel


def scatter(title, sets):
    """sets: name -> (fp32 scores, int8 scores). Thousands of points, so they are drawn as an image."""

    def panel(ax):
        for name, (full, small) in sets.items():
            ax.plot(full, small, ".", markersize=2.5, alpha=0.5, label=name, rasterized=True)
        ax.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), title=title, xlabel="fp32", ylabel="int8")
        ax.legend(loc="upper left", markerscale=3)

    return panel


def lines(title, ticks, sets, ylabel):
    """sets: name -> Estimates, one a tick."""

    def panel(ax):
        for shift, (name, estimates) in enumerate(sets.items()):
            x = np.arange(len(ticks)) + 0.06 * (shift - len(sets) / 2)
            values = np.array([e.value for e in estimates])
            bars = [values - [e.low for e in estimates], [e.high for e in estimates] - values]
            ax.errorbar(x, values, np.maximum(bars, 0), marker="o", markersize=3, elinewidth=0.7, label=name)
        ax.set(ylim=(-0.02, 1.02), title=title, ylabel=ylabel)
        ax.set_xticks(range(len(ticks)), ticks)
        ax.legend(loc="best")

    return panel


def _shortened(svg):
    """The same drawing in half the bytes: coordinates to a hundredth of a point, no comments, no indents."""
    svg = re.sub(r"<!--.*?-->", "", svg)
    svg = re.sub(r"(\.\d\d)\d+", r"\1", svg)
    return re.sub(r"\n\s*", "\n", re.sub(r" ?\n(?=[LC] )", "", svg))


def _roc_points(positives, negatives):
    """False positives and recall at thresholds spread evenly over the log axis."""
    order = np.sort(negatives)[::-1]
    allowed = np.unique((np.geomspace(LEAST, 1, POINTS) * len(order)).astype(int).clip(0, len(order) - 1))
    found = [(np.asarray(positives) > order[a]).mean() for a in allowed]
    return [*(allowed / len(order)).clip(LEAST), 1], [*found, 1]


def _reliability_points(scores, truths, bins):
    """Mean score and true share of each bin that holds ten scores or more."""
    which = np.minimum((scores * bins).astype(int), bins - 1)
    full = [b for b in range(bins) if (which == b).sum() >= 10]
    means = np.array([scores[which == b].mean() for b in full])
    return means, [proportion(int(truths[which == b].sum()), int((which == b).sum())) for b in full]
