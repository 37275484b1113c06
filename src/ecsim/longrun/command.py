"""What `ecsim long` runs, writes and says. `ecsim run scenario=long_history` is the same."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from ecsim.analysis.text.columns import Rows, as_text
from ecsim.analysis.text.words import Words, words_of
from ecsim.data.longrun import load_acts, load_series
from ecsim.errors import UserError, twice, unknown
from ecsim.longrun.figure import draw
from ecsim.longrun.inputs import BEFORE_2018
from ecsim.longrun.study import DRAWS, Findings, study
from ecsim.params import REGISTRY, Params
from ecsim.report.languages import warnings
from ecsim.verdicts import Conclusion

SCENARIO = "scenario=long_history"
OWN = ("draws", "seed", "out", "acts", "series", "lang")
MOST_DRAWS = 1000
CODED = ("fitted", "forecaster", "challenger", "act", "direction", "channel", "verdict", "by_direction")  # columns whose values have names


def run_long(words: Sequence[str], lang: str = "en") -> Conclusion:
    """Run the long history.

    Args:
        words: `key=value`: draws, seed, out (a folder), acts and series (tables of one's own), lang, and parameters of the model.
        lang: language, where the words name none.

    Raises:
        UserError: an unknown key, a value that will not do, a bad row in a table.
    """
    own, values = _parse(words)
    w = words_of(own.get("lang", lang))
    params = Params().with_values(values, "long")
    draws, seed = _whole(own, "draws", DRAWS, 2, MOST_DRAWS), _whole(own, "seed", 1, 0, 2**31)
    found = study(load_acts(own.get("acts")), load_series(own.get("series")), params, draws, seed)
    folder = Path(own.get("out") or Path("results") / f"long-{time.strftime('%Y%m%d-%H%M%S')}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"out: cannot write to '{folder}' ({error.strerror or error}); accepted: a folder that you may write to") from error
    for name in ("scores", "targets", "turns", "years"):
        getattr(found, name).to_csv(folder / f"{name}.csv", index=False, float_format="%.6g")
    pictures = draw(found, folder, w)
    return _conclude(found, folder, pictures[0], draws, w)


def _parse(words: Sequence[str]) -> tuple[dict[str, str], dict[str, Any]]:
    """Own keys as text, parameters as values of their type."""
    own: dict[str, str] = {}
    values: dict[str, Any] = {}
    told: dict[str, str] = {}
    for word in words:
        key, equals, text = word.partition("=")
        if word == SCENARIO:
            continue
        if text != told.setdefault(key, text):
            raise twice(key, told[key], text)
        if not equals:
            raise UserError(f"long: '{word}' will not do; accepted: key=value with a key of {', '.join(OWN)}, or a parameter")
        if key in OWN:
            own[key] = text
        elif key in REGISTRY:
            values[key] = _value(text, REGISTRY[key].default)
        else:
            raise unknown("long", "key", key, [*OWN, *REGISTRY])
    return own, values


def _value(text: str, default: Any) -> Any:
    """Text as a value of the type of the default; what cannot be read stays text, and the registry refuses it."""
    if isinstance(default, bool):
        return {"true": True, "false": False}.get(text.lower(), text)
    if isinstance(default, (int, float)):
        try:
            return float(text)
        except ValueError:
            return text
    return text


def _whole(own: dict[str, str], key: str, default: int, lo: int, hi: int) -> int:
    text = own.get(key, str(default))
    if not text.isdigit() or not lo <= int(text) <= hi:
        raise UserError(f"long: {key}: '{text}' will not do; accepted: a whole number from {lo} to {hi}")
    return int(text)


def _counts(verdicts: pd.Series, w: Words) -> str:
    """How many turns have each verdict."""
    counts = verdicts.value_counts()
    return w("list.part").join(w(f"long.turns.{v}", n=int(counts.get(v, 0))) for v in ("explained", "leaning", "not explained"))


def _conclude(found: Findings, folder: Path, picture: Path, draws: int, w: Words) -> Conclusion:
    """What was found, in words and as values."""
    stock = float(found.letters.stock[BEFORE_2018 - 1])
    told, along = _counts(found.turns["verdict"], w), _counts(found.turns["by_direction"], w)
    pressure = w("list.part").join(f"{w.said(f'long.fitted.{k}', k)} {v:g}" for k, v in found.pressure.items())
    parts = [
        w("long.scores", draws=draws) + "\n\n" + as_text(_score_rows(found, w)) + "\n\n" + w("long.scores.how"),
        w("long.targets") + "\n\n" + as_text(_rounded(found.targets.to_dict("records"), w)),
        w("long.turns") + "\n\n" + as_text(_rounded(found.turns.to_dict("records"), w)),
        w("long.turns.told", n=len(found.turns), told=told, along=along),
        w("long.pressure", list=pressure),
        w("long.stock", stock=f"{stock:.0f}", inherited=f"{found.letters.inherited:.0f}"),
        *warnings(w),
        w("told.results", path=folder) + "\n" + w("told.figure", path=picture),
    ]
    values = {
        "folder": str(folder),
        "figure": str(picture),
        "scores": found.scores.to_dict("records"),
        "targets": found.targets.to_dict("records"),
        "turns": found.turns.to_dict("records"),
        "pressure": found.pressure,
        "stock_2017": stock,
        "stock_assumed": found.letters.inherited,
    }
    return Conclusion("\n\n".join(parts), values)


def _score_rows(found: Findings, w: Words) -> Rows:
    table = found.scores.assign(forecaster=[w(f"long.by.{name}") for name in found.scores["forecaster"]])
    return _rounded(table.to_dict("records"), w, 3)


def _rounded(rows: list[Any], w: Words, digits: int = 2) -> Rows:
    """Numbers to some digits, and nothing for what is not a number; columns and codes by their names."""

    def shown(column: str, value: Any) -> Any:
        if not isinstance(value, float):
            return w.said(f"long.{column}.{value}", value) if column in CODED else value
        if math.isnan(value):
            return ""
        text = f"{value:.{digits}f}"
        return text.removeprefix("-") if float(text) == 0 else text

    return [{w.said(f"long.column.{key}", key): shown(key, value) for key, value in row.items()} for row in rows]
