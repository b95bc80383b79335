"""Markdown for the model card."""

BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


class Report:
    """Markdown sections, printed as they come."""

    def __init__(self):
        self.lines = []

    def add(self, *lines):
        self.lines += lines
        print("\n".join(lines), flush=True)

    def table(self, title, *rows):
        """The first row is the heading; floats get three digits."""
        cells = [[f"{c:.3f}" if isinstance(c, float) else str(c) for c in row] for row in rows]
        lines = ["| " + " | ".join(row) + " |" for row in cells]
        self.add("", f"**{title}**", "", lines[0], "|" + " --- |" * len(cells[0]), *lines[1:])

    def text(self):
        return "\n".join(self.lines).strip()


def write_card(path, text):
    """Replaces what stands between the card's two markers."""
    card = path.read_text()
    head, tail = card[: card.index(BEGIN) + len(BEGIN)], card[card.index(END) :]
    path.write_text(f"{head}\n\n{text}\n\n{tail}")
