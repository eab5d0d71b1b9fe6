"""What was found: a table of figures, each beside its goal, and a file with all of it."""

import json
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

__all__ = ["Figure", "Report"]

_OUT = Path(__file__).parent / "out"


class Figure(msgspec.Struct, frozen=True):
    """One figure and the goal it is held against, if it has one; `reached` is None where it has none."""

    what: str
    value: str
    goal: str = ""
    reached: bool | None = None


class Report:
    """Collects figures and prints each group as a table."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.figures: list[Figure] = []

    def table(self, title: str, head: list[str], rows: list[list[str]]) -> None:
        """Print a table; the first column is text, the others are figures."""
        widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]
        print(f"\n{title}")
        for row in [head, ["-" * w for w in widths], *rows]:
            cells = [row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))]
            print("  " + "  ".join(cells), flush=True)

    def add(self, figure: Figure) -> None:
        """A figure for the last table."""
        self.figures.append(figure)

    def close(self) -> Path:
        """Print the figures against their goals, and write everything down; answers where."""
        if self.figures:
            said = {True: "reached", False: "not reached", None: ""}
            rows = [[f.what, f.value, f.goal, said[f.reached]] for f in self.figures]
            self.table("Against the goals", ["figure", "value", "goal", ""], rows)
        _OUT.mkdir(exist_ok=True)
        now = datetime.now(UTC)
        path = _OUT / f"{now:%Y%m%dT%H%M%SZ}.json"
        everything = {
            "at": now.isoformat(),
            "machine": {"system": platform.platform(), "python": platform.python_version()},
            "facts": self.facts,
            "figures": msgspec.to_builtins(self.figures),
        }
        path.write_text(json.dumps(everything, indent=1))
        return path
