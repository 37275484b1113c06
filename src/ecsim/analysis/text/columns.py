"""Tables as text: aligned columns, which fit the terminal where they are shown on one."""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from collections.abc import Sequence
from typing import Any

Rows = list[dict[str, Any]]
GAP = "  "
LEAST_WIDTH = 16  # columns that a wrapped cell keeps
PIECE = re.compile(r"[“（《]*[\u3400-\u9fff][，。；：、）”》]*|[^\s\u3400-\u9fff“（《]+\s*|\s+|[“（《]+")


def as_text(rows: Rows) -> str:
    """Rows as aligned columns; on a terminal, long cells are wrapped to its width, and rows too wide for it become blocks."""
    if not rows:
        return ""
    names = list(rows[0])
    cells = [[cell_text(row[name]) for name in names] for row in rows]
    widths = [max(_width(line[i]) for line in [names, *cells]) for i in range(len(names))]
    room = _room()
    if room:
        widths = _shrink(widths, [names, *cells], room - len(GAP) * (len(names) - 1))
        if not widths:
            return _blocks(names, cells, room)
    lines = [names, ["-" * w for w in widths], *cells]
    return "\n".join(line for row in lines for line in _lines(row, widths))


def beside(head: str, more: str) -> str:
    """Two texts on a line; on a terminal too narrow for that, the second below the first."""
    line, room = f"{head}   {more}", _room()
    if not room or _width(line) <= room:
        return line
    return "\n".join([head, *(GAP + part for part in _wrap(more, room - len(GAP)))])


def _room() -> int:
    """Columns of the terminal that the text is shown on; 0 where it goes elsewhere."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else 0


def _shrink(widths: list[int], cells: Sequence[Sequence[str]], room: int) -> list[int]:
    """Take from the widest column until the row fits; nothing where that would break words or leave slivers of text."""
    least = [min(n, max(LEAST_WIDTH, *(_width(p) for row in cells for p in _pieces(row[i])))) for i, n in enumerate(widths)]
    widths = list(widths)
    while sum(widths) > room:
        i = max(range(len(widths)), key=lambda i: widths[i] - least[i])
        if widths[i] == least[i]:
            return []
        widths[i] -= 1
    return widths


def _blocks(names: Sequence[str], cells: Sequence[Sequence[str]], room: int) -> str:
    """A block a row: a heading, and below it each other cell that is not empty, behind the name of its column."""
    k = 1 + (len({row[0] for row in cells}) < len(cells) == len({tuple(row[:2]) for row in cells}))  # two where they tell rows apart
    label = max(map(_width, names[k:]), default=0)
    widths = [label, max(LEAST_WIDTH, room - label - 2 * len(GAP))]
    return "\n\n".join(
        "\n".join(
            [
                GAP.join(row[:k]),
                *(GAP + line for name, cell in zip(names[k:], row[k:], strict=True) if cell for line in _lines((name, cell), widths)),
            ]
        )
        for row in cells
    )


def _lines(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    wrapped = [_wrap(cell, width) for cell, width in zip(cells, widths, strict=True)]
    height = max(len(w) for w in wrapped)
    filled = [w + [""] * (height - len(w)) for w in wrapped]
    return [
        GAP.join(part + " " * (n - _width(part)) for part, n in zip(row, widths, strict=True)).rstrip() for row in zip(*filled, strict=True)
    ]


def _pieces(text: str) -> list[str]:
    """What a line may be broken between: words, and Chinese characters with the marks that cling to them."""
    return PIECE.findall(text)


def _wrap(text: str, width: int) -> list[str]:
    """Lines of at most so many columns; a piece wider than that stands alone."""
    lines = [""]
    for piece in _pieces(text):
        if lines[-1] and _width(lines[-1] + piece.rstrip()) > width:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += piece
    return [*lines[:-1], lines[-1].rstrip()]


def _width(text: str) -> int:
    """Columns that a text takes on a terminal."""
    return sum(2 if unicodedata.east_asian_width(ch) in "WF" else 1 for ch in text)


def cell_text(value: Any) -> str:
    """A value as it stands in a table."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, float):
        return f"{value:.10g}"
    return ", ".join(map(str, value)) if isinstance(value, (list, tuple, dict)) else str(value)
