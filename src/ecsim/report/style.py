"""One place for how figures look: colours of policies, states, sides and flows, fonts, sizes.

Colours are from Okabe and Ito (policies, flows), from Paul Tol's schemes (sides) and from ColorBrewer's two-sided ones (better and
worse, plus and minus), which no policy takes; all are told apart with the common kinds of colour blindness, and policies differ in
marker and line as well, for print.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import matplotlib as mpl
from matplotlib import font_manager
from matplotlib.colors import LinearSegmentedColormap, to_rgb

from ecsim.data import load

INK = "#1a1a1a"
MUTED = "#5c6670"
GRID = "#dfe3e7"
PAPER = "#ffffff"
BAND = "#f2efe4"

POLICY_COLOURS = {"none": "#6b7075", "small_yard": "#0072B2", "blanket": "#D55E00", "history": "#009E73"}
MORE_COLOURS = ("#CC79A7", "#E69F00", "#56B4E9", "#332288", "#882255", "#999933", "#117733", "#AA4499")
POLICY_MARKERS = {"none": "s", "small_yard": "o", "blanket": "D", "history": "^"}
MORE_MARKERS = ("v", "P", "X", "<", ">", "p", "h", "*")
POLICY_LINES: dict[str, Any] = {"none": (0, (1, 1.2)), "small_yard": "-", "blanket": (0, (5, 1.5)), "history": (0, (3, 1, 1, 1))}

MORE_LINES: tuple[Any, ...] = ((0, (8, 1.5, 1.5, 1.5)), (0, (2.5, 1)), (0, (8, 1, 1, 1, 1, 1)), (0, (5, 3)))

# also of text on white: all have a contrast of 4.5 or more
SIDE_COLOURS = {"incumbent": "#004488", "ally": "#3A7CAB", "challenger": "#AF4A5B", "third": "#8A6A0A"}
FLOW_COLOURS = {"blocked": "#882255", "countered": "#6A7B92", "degraded": "#CC79A7", "diverted": "#E69F00", "backfilled": "#44AA99"}
BETTER, WORSE = "#762A83", "#A67C00"  # purple and ochre, for the controlling side; also what is met and missed
PLUS, LESS = "#01665E", "#8C510A"  # signs of correlations
NEUTRAL = "#f7f7f7"
HALF = 0.45  # of a colour in the middle of its side of a map
PARAMETERS, SEEDS = "#9DB7D5", "#33567F"

LATIN = ("Arial", "Helvetica", "Liberation Sans", "DejaVu Sans")
CJK = (
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "Noto Sans SC",
    "Microsoft YaHei",
    "PingFang SC",
    "SimHei",
    "WenQuanYi Micro Hei",
    "Noto Sans CJK JP",
    "Noto Sans CJK TC",
)

WIDTH = 10.0  # inches; shown at about 960 pixels, printed at 70%
DPI = 160


def two_sided(low: str, high: str) -> LinearSegmentedColormap:
    """A map from one colour through none to another."""
    return LinearSegmentedColormap.from_list("two_sided", [low, tint(low), NEUTRAL, tint(high), high])


def one_sided(high: str) -> LinearSegmentedColormap:
    """A map from none to a colour."""
    return LinearSegmentedColormap.from_list("one_sided", [NEUTRAL, tint(high), high])


def tint(colour: str, part: float = HALF) -> str:
    """So much of a colour in white."""
    red, green, blue = (round(255 + (channel * 255 - 255) * part) for channel in to_rgb(colour))
    return f"#{red:02x}{green:02x}{blue:02x}"


def text_on(colour: Any) -> str:
    """White or ink, whichever stands out more (contrast after WCAG 2)."""
    light = brightness(colour) + 0.05
    return PAPER if 1.05 / light > light / (brightness(INK) + 0.05) else INK


def brightness(colour: Any) -> float:
    """Relative luminance after WCAG 2."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(part * c for part, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def policy_colour(label: str, labels: tuple[str, ...]) -> str:
    """Colour of a policy: fixed for the known four, by position among the others."""
    return POLICY_COLOURS.get(label) or MORE_COLOURS[_place(label, labels) % len(MORE_COLOURS)]


def policy_marker(label: str, labels: tuple[str, ...]) -> str:
    """Marker of a policy."""
    return POLICY_MARKERS.get(label) or MORE_MARKERS[_place(label, labels) % len(MORE_MARKERS)]


def policy_line(label: str, labels: tuple[str, ...] = ()) -> Any:
    """Line style of a policy."""
    return POLICY_LINES.get(label) or MORE_LINES[_place(label, labels) % len(MORE_LINES)]


def _place(label: str, labels: tuple[str, ...]) -> int:
    """Position of a policy among those without a colour of their own."""
    others = [p for p in labels if p not in POLICY_COLOURS]
    return others.index(label) if label in others else 0


def side_of(state: str, manifest: Mapping[str, Any]) -> str:
    """Side of a state: from the manifest's `sides` where it is given, else its role in the shipped data."""
    sides = manifest.get("sides")
    if isinstance(sides, Mapping) and state in sides:
        return str(sides[state])
    return _roles().get(state, "third")


@lru_cache(maxsize=1)
def _roles() -> dict[str, str]:
    states = load().states
    return dict(zip(states["state"], states["role"], strict=True))


@lru_cache(maxsize=1)
def fonts() -> tuple[str, ...]:
    """Installed fonts to use, in order: one Latin, then one Chinese if there is one."""

    known = {f.name for f in font_manager.fontManager.ttflist}
    latin = next((f for f in LATIN if f in known), "DejaVu Sans")
    return tuple(dict.fromkeys((latin, *[f for f in CJK if f in known][:1], "DejaVu Sans")))


def has_cjk() -> bool:
    """Whether Chinese can be drawn."""
    return any(f in CJK for f in fonts())


@contextmanager
def styled() -> Iterator[None]:
    """Matplotlib's settings for drawing and saving, restored afterwards. Output does not depend on the day."""

    settings: dict[str, Any] = {
        "font.family": list(fonts()),
        "font.size": 10,
        "axes.titlesize": 10.5,
        "axes.titleweight": "bold",
        "axes.titlelocation": "left",
        "axes.labelsize": 10,
        "axes.labelcolor": INK,
        "axes.edgecolor": MUTED,
        "axes.linewidth": 0.8,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.grid": True,
        "axes.axisbelow": True,
        "grid.color": GRID,
        "grid.linewidth": 0.7,
        "xtick.color": MUTED,
        "ytick.color": MUTED,
        "xtick.labelcolor": INK,
        "ytick.labelcolor": INK,
        "xtick.labelsize": 9,
        "ytick.labelsize": 9,
        "legend.frameon": False,
        "legend.fontsize": 9.5,
        "text.color": INK,
        "figure.facecolor": PAPER,
        "savefig.facecolor": PAPER,
        "svg.hashsalt": "ecsim",
        "svg.fonttype": "path",
        "axes.unicode_minus": True,
    }
    with mpl.rc_context(settings):  # type: ignore[arg-type]  # a literal type with every key there is
        yield
