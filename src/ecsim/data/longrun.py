"""The tables of the long history, 1949 to 2025: control acts and yearly series, shipped or a user's own, checked row by row."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from ecsim.data.checks import check_table
from ecsim.data.loader import SHIPPED, read_csv
from ecsim.data.schema import BASES, INF, Schema
from ecsim.errors import UserError, unknown

FIRST_YEAR, LAST_YEAR = 1949, 2025
CHALLENGERS = ("RUS", "CHN", "JPN")  # RUS is the Soviet Union to 1991
OTHER = "OTHER"  # an act that touches none of them
DIRECTIONS = ("tighten", "loosen", "shift")
CONTENTS = ("strategic_goods", "technology", "emerging", "market")
CHANNELS = ("export", "beside")  # denial of exports; measures beside trade in goods: tariffs, investment, procurement
VARIABLES = {  # variable of long_series.csv -> states that need it
    "gdp": CHALLENGERS,
    "milex": CHALLENGERS,
    "cinc": CHALLENGERS,
    "rd": ("USA", *CHALLENGERS),
    "distance": CHALLENGERS,
    "ally": CHALLENGERS,
    "exports": CHALLENGERS,
    "imbalance": ("USA",),
}
YEARS = (float(FIRST_YEAR), float(LAST_YEAR))

ACTS = Schema(
    (
        *("id", "year", "act", "direction", "size", "size_lo", "size_hi"),
        *("channel", "content", "targets", "legal_basis", "basis", "flag", "source"),
    ),
    numbers=("year", "size", "size_lo", "size_hi"),
    key=("id",),
    limits={"year": YEARS, "size": (0.0, 3.0), "size_lo": (0.0, 3.0), "size_hi": (0.0, 3.0)},
    choices={"direction": DIRECTIONS, "channel": CHANNELS, "content": CONTENTS, "basis": BASES},
    values=(("size", "size_lo", "size_hi"),),
)
SERIES = Schema(
    ("state", "variable", "year", "value", "unit", "basis", "flag", "lo", "hi", "source"),
    numbers=("year", "value", "lo", "hi"),
    optional=("lo", "hi"),
    key=("state", "variable", "year"),
    limits={"year": YEARS, "value": (-1.0, INF)},
    choices={"state": ("USA", *CHALLENGERS), "variable": tuple(VARIABLES), "basis": BASES},
    values=(("value", "lo", "hi"),),
)


def load_acts(path: str | Path | None = None) -> pd.DataFrame:
    """Control acts and turning points, in order of time.

    Args:
        path: a user's own table in place of the shipped one.

    Returns:
        One row an act; `direction`, `size` 0 to 3 with the coder's range, `channel`, `content`, `targets` (states, joined by ";").

    Raises:
        UserError: the first thing wrong, with file, row, column and accepted values.
    """
    file, where = _named("control_acts.csv", path)
    table = read_csv(file, ACTS, where)
    check_table(table, ACTS, where)
    _check_targets(table, where)
    return table.sort_values("year", kind="stable").reset_index(drop=True)


def load_series(path: str | Path | None = None) -> pd.DataFrame:
    """Yearly series of power, relations and pressure; between the years given lie straight lines.

    Raises:
        UserError: the first thing wrong, with file, row, column and accepted values; a variable that a state lacks.
    """
    file, where = _named("long_series.csv", path)
    table = read_csv(file, SERIES, where)
    check_table(table, SERIES, where)
    have = set(zip(table["state"], table["variable"], strict=True))
    for variable, states in VARIABLES.items():
        for state in states:
            if (state, variable) not in have:
                raise UserError(f"{where}: {state}, {variable}: missing; accepted: at least one year of it")
    return table


def _named(shipped: str, path: str | Path | None) -> tuple[Path, str]:
    """The file to read, and its name in errors: a user's own as it was given."""
    return (SHIPPED / shipped, shipped) if path is None else (Path(path), str(path))


def _check_targets(table: pd.DataFrame, where: str) -> None:
    accepted = (*CHALLENGERS, OTHER)
    for row, targets in enumerate(table["targets"]):
        for target in targets.split(";"):
            if target not in accepted:
                raise unknown(f"{where}: row {row + 2}: targets", "state", target, accepted)
    whole = np.flatnonzero(table["year"] % 1 != 0)
    if len(whole):
        raise UserError(f"{where}: row {whole[0] + 2}: year: '{table['year'].iloc[whole[0]]:g}'; accepted: a whole year")
