"""Markdown for the model card."""

from train.measure.quality import Estimate

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
FIGURES = "../../docs/model"  # from the card


class Report:
    """Markdown sections, printed as they come."""

    def __init__(self):
        self.lines = []

    def add(self, *lines):
        self.lines += lines
        print("\n".join(lines), flush=True)

    def table(self, title, note, *rows):
        """The first row is the heading; floats and Estimates get three digits. note: what to read it for."""
        cells = [[f"{c:.3f}" if isinstance(c, (float, Estimate)) else str(c) for c in row] for row in rows]
        lines = ["| " + " | ".join(row) + " |" for row in cells]
        self.add("", f"**{title}.** {note}".rstrip(), "", lines[0], "|" + " --- |" * len(cells[0]), *lines[1:])

    def figure(self, file, caption):
        self.add("", f"![{caption}]({FIGURES}/{file})")

    def text(self):
        return "\n".join(self.lines).strip()


def write_card(path, text):
    """Replaces what stands between the card's two markers."""
    card = path.read_text()
    head, tail = card[: card.index(BEGIN) + len(BEGIN)], card[card.index(END) :]
    path.write_text(f"{head}\n\n{text}\n\n{tail}")
