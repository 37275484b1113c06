"""Charts as SVG text: the same on a page, on a projector and in print. All words in them are escaped.

Lines differ by dash as well as by colour, so that they can be told apart without colour. A picture says in its title what it
shows; the numbers stand in a table beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from ecsim.moves import quarter_label
from ecsim.shown import Shown

WIDTH, HEIGHT = 420, 210
LEFT, RIGHT, TOP, BOTTOM = 82, 12, 20, 30
BLUE, ORANGE, GREY, INK = "#0072B2", "#D55E00", "#767676", "#1b1b1b"
TICKS = 4
ALIKE = 1e-4  # share of their size by which values differ that a chart draws as one: its ticks would read the same
LABEL = 76.0  # room for the name of a quarter
STEPS = (1, 2, 4, 8, 12, 16, 20, 40, 80, 400)  # quarters from one name to the next
Place = Callable[[float], float]


@dataclass(frozen=True)
class Line:
    """A line of a chart, with a band around it where there is one.

    Attributes:
        name: in the legend.
        x: quarters.
        y: values; None leaves a gap.
        low, high: band, or empty.
        colour: of line and band.
        dash: SVG dash pattern; "" for a solid line.
    """

    name: str
    x: Sequence[int]
    y: Sequence[float | None]
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()
    colour: str = BLUE
    dash: str = ""


def chart(title: str, unit: Shown, lines: Sequence[Line], *, since: int | None = None, since_text: str = "") -> str:
    """A chart of lines over quarters.

    Args:
        title: what it shows, read out by screen readers.
        unit: on the value axis, whose ticks are written in it; lines are as they are kept.
        lines: at least one value among them, or the chart is empty.
        since: quarter at which a mark is set (where play began, where a preview begins).
        since_text: words beside that mark.

    Returns:
        An SVG element.
    """
    numbers = [v for line in lines for part in (line.y, line.low, line.high) for v in part if v is not None and math.isfinite(v)]
    quarters = [q for line in lines for q in line.x]
    head = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title, quote=True)}" class="chart">'
    if not numbers:
        return f'{head}<text x="{WIDTH / 2}" y="{HEIGHT / 2}" text-anchor="middle">–</text></svg>'
    ticks = nice(min(numbers), max(numbers))
    lo, hi = ticks[0], ticks[-1]
    q0, q1 = min(quarters), max(*quarters, min(quarters) + 1)

    def px(q: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (q - q0) / (q1 - q0)

    def py(v: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (v - lo) / (hi - lo)

    parts = [head, *_axes(ticks, q0, q1, px, py, unit)]
    if since is not None and q0 <= since <= q1:
        parts.append(
            f'<line x1="{px(since):.1f}" x2="{px(since):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="{GREY}" stroke-dasharray="2 3"/>'
        )
        side = "end" if px(since) > WIDTH * 0.7 else "start"
        shift = -4 if side == "end" else 4
        parts.append(f'<text x="{px(since) + shift:.1f}" y="{TOP - 5}" text-anchor="{side}" class="mark">{escape(since_text)}</text>')
    for line in lines:
        parts += _line(line, px, py)
    return "".join([*parts, "</svg>"])


def legend(lines: Iterable[Line]) -> str:
    """The legend of a chart, as HTML below it."""
    return "".join(
        '<span class="key"><svg width="26" height="10" aria-hidden="true"><line x1="0" x2="26" y1="5" y2="5" '
        f'stroke="{line.colour}" stroke-width="2.5" stroke-dasharray="{line.dash}"/></svg> {escape(line.name)}</span>'
        for line in lines
    )


def nice(low: float, high: float) -> list[float]:
    """Round values that span a range, three to six of them."""
    if low == high == 0:
        high = 1.0
    if high - low < max(1e-9, ALIKE * max(abs(low), abs(high))):
        pad = max(abs(high) * 0.1, 0.05)
        low, high = low - pad, high + pad
    rough = (high - low) / TICKS
    scale = 10.0 ** math.floor(math.log10(rough))
    step = next(m * scale for m in (1.0, 2.0, 2.5, 5.0, 10.0) if m * scale >= rough * (1 - 1e-9))
    first = math.floor(low / step + 1e-9)
    last = max(math.ceil(high / step - 1e-9), first + 1)
    return [round(step * i, 10) for i in range(first, last + 1)]


def number(value: float | None, sign: bool = False) -> str:
    """A number for people: three figures that matter, and a true minus."""
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    digits = 0 if size >= 100 or (size >= 1 and value == round(value)) else 1 if size >= 10 else 2 if size >= 0.1 or size == 0 else 3
    text = f"{value:+.{digits}f}" if sign else f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.lstrip("+-")
    return text.replace("-", "\N{MINUS SIGN}")


def _axes(ticks: Sequence[float], q0: int, q1: int, px: Place, py: Place, unit: Shown) -> Iterator[str]:
    for tick in ticks:
        y = py(tick)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e3e3e3"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{unit.text(_tick(tick))}</text>'
    for q, x in _quarters(q0, q1, px):
        yield f'<text x="{x:.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{quarter_label(q)}</text>'
    middle = (TOP + HEIGHT - BOTTOM) / 2
    yield f'<text transform="translate(11 {middle}) rotate(-90)" text-anchor="middle" class="unit">{escape(unit.name)}</text>'


def _quarters(q0: int, q1: int, px: Place) -> list[tuple[int, float]]:
    """Quarters that are named on the axis, at even distances, and where: clear of the lowest value, and within the chart."""
    named: list[tuple[int, float]] = []
    for step in STEPS:
        named = [(q, min(max(px(q), LEFT + LABEL / 2), WIDTH - LABEL / 2)) for q in range(q0, q1 + 1) if q % step == 0]
        if len(named) <= TICKS + 1 and all(right - left >= LABEL for (_, left), (_, right) in pairwise(named)):
            break
    return named


def _tick(value: float) -> str:
    return f"{value:g}".replace("-", "\N{MINUS SIGN}")


def _line(line: Line, px: Place, py: Place) -> Iterator[str]:
    band = [(q, a, b) for q, a, b in zip(line.x, line.low, line.high, strict=False) if a is not None and b is not None]
    if band:
        around = [f"{px(q):.1f},{py(b):.1f}" for q, _, b in band] + [f"{px(q):.1f},{py(a):.1f}" for q, a, _ in reversed(band)]
        yield f'<polygon points="{" ".join(around)}" fill="{line.colour}" fill-opacity="0.16"/>'
    run: list[str] = []
    runs = [run]
    for q, v in zip(line.x, line.y, strict=True):
        if v is None or not math.isfinite(v):
            run = []
            runs.append(run)
        else:
            run.append(f"{px(q):.1f},{py(v):.1f}")
    for points in runs:
        if len(points) == 1:
            x, y = points[0].split(",")
            yield f'<circle cx="{x}" cy="{y}" r="3" fill="{line.colour}"/>'
        elif points:
            yield (
                f'<polyline points="{" ".join(points)}" fill="none" stroke="{line.colour}" stroke-width="2.2" '
                f'stroke-linejoin="round" stroke-dasharray="{line.dash}"/>'
            )
