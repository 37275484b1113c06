"""The test: fit on one window and predict the other, both ways, against naive rivals; targets; turns explained and not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecsim.data.longrun import CHALLENGERS
from ecsim.economy import Array
from ecsim.longrun import ensemble, rivals
from ecsim.longrun.coding import YEARS, Record, record
from ecsim.longrun.ensemble import Drawn
from ecsim.longrun.inputs import inputs
from ecsim.longrun.layer import Path, yearly
from ecsim.longrun.letters import Letters
from ecsim.longrun.scores import Forecast, block_interval, coverage, crps, log_score
from ecsim.params import Params

WINDOWS = {"2018-2025": YEARS >= 2018, "1949-2017": YEARS < 2018}
DRAWS = 16
PRESSURES = (2.0, 6.0)
SURE, HALF = 0.8, 0.5  # share of draws that must turn as the record did
FORECASTERS = (
    *("mechanism", "beta zero", "relations off", "trade pressure", "measure ppp", "measure cinc"),  # the mechanism and its variants
    *("constant", "trend", "power ratio", "path dependence"),  # its rivals
)


@dataclass(frozen=True, eq=False)
class Findings:
    """What the study found.

    Attributes:
        record: as coded.
        main: paths of the mechanism over the draws; the first at given parameters.
        coupled, letters: the path at given parameters with the administration that its documents build up.
        forecasts: window fitted -> forecaster -> forecasts of all years and challengers.
        scores: a row a window and forecaster: CRPS, log score, coverage, by challenger and over all.
        targets: who is the main challenger: share of years told right, Brier score.
        turns: a row an act and challenger: what the record and the mechanism did, and the verdict.
        years: a row a year and challenger: record with its band, mechanism, threat, content.
        pressure: trade pressure preferred in each window.
    """

    record: Record
    main: list[Path]
    coupled: Path
    letters: Letters
    forecasts: dict[str, dict[str, Forecast]]
    scores: pd.DataFrame
    targets: pd.DataFrame
    turns: pd.DataFrame
    years: pd.DataFrame
    pressure: dict[str, float]


def study(acts: pd.DataFrame, series: pd.DataFrame, params: Params, draws: int = DRAWS, seed: int = 1) -> Findings:
    """Run the layer over draws and hold it against the record.

    Args:
        acts, series: as `ecsim.data.longrun` gives them.
        draws: of uncertain parameters and series; the first is the default.
        seed: of the draws.
    """
    seen = record(acts, params.long, seed)
    made = ensemble.draws(params, series, draws, seed)
    runs = _variants(made, series)
    main = runs["mechanism"]
    given = inputs(series, params)
    ratio = [yearly(given.ratio)[:, 0]]
    pressed = {value: ensemble.paths(made, series, pressure=value) for value in PRESSURES}
    forecasts: dict[str, dict[str, Forecast]] = {}
    chosen: dict[str, float] = {}
    for name, window in WINDOWS.items():
        told = {key: rivals.line(_strictness(paths), seen.strictness, window) for key, paths in runs.items()}
        by_pressure = {0.0: told["mechanism"]} | {v: rivals.line(_strictness(p), seen.strictness, window) for v, p in pressed.items()}
        chosen[name] = max(by_pressure, key=lambda v: float(log_score(*_part(by_pressure[v], seen, window)).mean()))
        told["trade pressure"] = by_pressure[chosen[name]]
        told["constant"] = rivals.constant(seen.strictness, window)
        told["trend"] = rivals.trend(seen.strictness, window)
        told["power ratio"] = rivals.line(ratio, seen.strictness, window)
        told["path dependence"] = rivals.path_dependence(seen.strictness, window)
        forecasts[name] = {key: told[key] for key in FORECASTERS}
    threats = _threats(made, series, main)
    path, letters = ensemble.coupled(params, series, seed)
    return Findings(
        record=seen,
        main=main,
        coupled=path,
        letters=letters,
        forecasts=forecasts,
        scores=_scores(forecasts, seen),
        targets=_targets(seen, main, threats, ratio[0]),
        turns=turns(acts, seen, main, params),
        years=_years(seen, main, threats),
        pressure=chosen,
    )


def _variants(made: list[Drawn], series: pd.DataFrame) -> dict[str, list[Path]]:
    off = [(p.with_values({"long.relations": False}), v) for p, v in made]
    return {
        "mechanism": ensemble.paths(made, series),
        "beta zero": ensemble.paths(made, series, beta=False),
        "relations off": ensemble.paths(off, series),
        "measure ppp": ensemble.paths(made, series, measure="ppp"),
        "measure cinc": ensemble.paths(made, series, measure="cinc"),
    }


def _strictness(paths: Sequence[Path]) -> list[Array]:
    return [yearly(p.strictness) for p in paths]


def _part(forecast: Forecast, seen: Record, years: Array, challenger: int | None = None) -> tuple[Forecast, Array]:
    """Forecasts and record of some years, of one challenger or of all."""
    keep = np.repeat(years, len(CHALLENGERS))
    if challenger is not None:
        keep = keep & (np.arange(len(keep)) % len(CHALLENGERS) == challenger)
    return Forecast(forecast.mean[:, keep], forecast.sd[:, keep]), seen.strictness.ravel()[keep]


def _scores(forecasts: dict[str, dict[str, Forecast]], seen: Record) -> pd.DataFrame:
    """Scores on the years that were not fitted; `behind`: CRPS over that of the mechanism, with 90% interval over blocks of years."""
    rows = []
    for fitted, told in forecasts.items():
        new = ~WINDOWS[fitted]
        for key, forecast in told.items():
            whole = _part(forecast, seen, new)
            row: dict[str, float | str] = {"fitted": fitted, "forecaster": key}
            row["crps"], row["log_score"] = float(crps(*whole).mean()), float(log_score(*whole).mean())
            row["coverage"] = coverage(*whole)
            behind = (crps(*whole) - crps(*_part(told["mechanism"], seen, new))).reshape(-1, len(CHALLENGERS)).mean(axis=1)
            row["behind"], (row["behind_lo"], row["behind_hi"]) = float(behind.mean()), block_interval(behind)
            for c, name in enumerate(CHALLENGERS):
                row[f"crps_{name}"] = float(crps(*_part(forecast, seen, new, c)).mean())
            rows.append(row)
    return pd.DataFrame(rows)


def _threats(made: list[Drawn], series: pd.DataFrame, main: list[Path]) -> Array:
    """Threat by draw, year and challenger, (D, Y, C): anxiety, counted by relations."""
    found = []
    for (p, values), path in zip(made, main, strict=True):
        hostility = inputs(series, p, values).hostility if p.long.relations else 1.0
        found.append(yearly(np.minimum(1.0, path.anxiety * hostility)))
    return np.array(found)


def _targets(seen: Record, main: list[Path], threats: Array, ratio: Array) -> pd.DataFrame:
    """How well each tells who is controlled most strictly."""
    one = np.eye(len(CHALLENGERS))
    told = {
        "mechanism: threat": one[threats.argmax(axis=2)].mean(axis=0),
        "mechanism: strictness": one[np.array(_strictness(main)).argmax(axis=2)].mean(axis=0),
        "power ratio": one[ratio.argmax(axis=1)],
        "always China": one[np.full(len(YEARS), CHALLENGERS.index("CHN"))],
        "always Soviet Union": one[np.full(len(YEARS), CHALLENGERS.index("RUS"))],
    }
    rows = []
    for name, chance in told.items():
        right = chance.argmax(axis=1) == seen.target
        brier = ((chance - one[seen.target]) ** 2).sum(axis=1)
        row = {"forecaster": name, "right": float(right.mean()), "brier": float(brier.mean())}
        for label, years in (
            ("right_1949_1991", YEARS <= 1991),
            ("right_1992_2017", (YEARS > 1991) & (YEARS < 2018)),
            ("right_2018_2025", YEARS >= 2018),
        ):
            row[label] = float(right[years].mean())
        rows.append(row)
    return pd.DataFrame(rows)


def turns(acts: pd.DataFrame, seen: Record, main: list[Path], params: Params) -> pd.DataFrame:
    """Acts of size 2 or more, and what the mechanism did from the year before to two years after.

    A draw turns where it moves in the direction of the act, and further that way than in the same span three years earlier: a level that
    drifts on as before has not turned. The verdict counts such draws, and `by_direction` those that move in the direction at all.
    """
    rows = []
    at_first = np.array([params.long.start_soviet, params.long.start_china, 0.0])
    levels = {
        "export": (_from(at_first, seen.strictness[None]), _from(at_first, np.array(_strictness(main)))),
        "beside": (_from(0.0 * at_first, seen.beside[None]), _from(0.0 * at_first, np.array([yearly(p.beside) for p in main]))),
    }
    for act in acts.itertuples():
        if act.direction == "shift" or act.size < 2:
            continue
        coded, told = levels[act.channel]
        sign = 1.0 if act.direction == "tighten" else -1.0
        for name in act.targets.split(";"):
            if name not in CHALLENGERS:
                continue
            c, y = CHALLENGERS.index(name), int(act.year) - int(YEARS[0]) + 1
            move = _change(told[:, :, c], y)
            along = sign * move > 0.0
            turned = along & (sign * move > sign * _change(told[:, :, c], y - 3))
            rows.append(
                {
                    "year": int(act.year),
                    "challenger": name,
                    "act": act.id,
                    "direction": act.direction,
                    "channel": act.channel,
                    "record": float(_change(coded[:, :, c], y)[0]),
                    "mechanism": float(np.median(move)),
                    "share_of_draws": float(turned.mean()),
                    "verdict": _verdict(float(turned.mean())),
                    "share_along": float(along.mean()),
                    "by_direction": _verdict(float(along.mean())),
                }
            )
    return pd.DataFrame(rows)


def _verdict(share: float) -> str:
    """What a share of draws says of a turn."""
    return "explained" if share >= SURE else "leaning" if share > HALF else "not explained"


def _from(start: Array, level: Array) -> Array:
    """Levels with the one before the first year put in front, (D, Y + 1, C)."""
    return np.concatenate([np.broadcast_to(start, (len(level), 1, len(start))), level], axis=1)


def _change(level: Array, y: int) -> Array:
    """Change from the year before to two years after, (D,); before the first year nothing changes."""
    last = level.shape[1] - 1
    return np.asarray(level[:, min(max(y + 2, 0), last)] - level[:, max(y - 1, 0)])


def _years(seen: Record, main: list[Path], threats: Array) -> pd.DataFrame:
    told = np.array(_strictness(main))
    coalition = np.array([yearly(p.coalition) for p in main])
    rows = []
    for y, year in enumerate(YEARS):
        for c, name in enumerate(CHALLENGERS):
            rows.append(
                {
                    "year": int(year),
                    "challenger": name,
                    "record": seen.strictness[y, c],
                    "record_lo": seen.lo[y, c],
                    "record_hi": seen.hi[y, c],
                    "mechanism": np.median(told[:, y, c]),
                    "mechanism_lo": np.quantile(told[:, y, c], 0.05),
                    "mechanism_hi": np.quantile(told[:, y, c], 0.95),
                    "threat": np.median(threats[:, y, c]),
                    "coalition": np.median(coalition[:, y, c]),
                }
            )
    return pd.DataFrame(rows)
