"""The whole study of the 184 documents, as one call: tables, verdicts, likelihood, figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from ecsim.analysis.documents import figures, likelihood, tables, targets
from ecsim.analysis.documents.fit import CONSTANTS, MECHANISMS, Fit, ensemble, fit, with_documents
from ecsim.documents.luck import Luck
from ecsim.mechanisms.power import METRICS
from ecsim.params import REGISTRY, Params

FIRST_SEED = 1000  # other seeds than those of the fit
SEEDS = 200
SWITCHES: dict[str, dict[str, float]] = {
    "as fitted": {},
    "beta = 0": {"path_dependence": 0.0},
    "anxiety does not steer instruments": {"tilt": 0.0},
    "both off": {"path_dependence": 0.0, "tilt": 0.0},
    "no saturation": {"saturation": 0.0},
    "no saturation, beta = 0": {"saturation": 0.0, "path_dependence": 0.0},
    "anxiety moves nothing": {"tilt": 0.0, "rate_anxiety": 0.0, "security_anxiety": 0.0},
    "no calendar": {"rate_election": 0.0, "security_house": 0.0},
}
ASSUMED = (
    "inertia",
    "dispersion",
    "congress_session",
    "clauses_congress",
    "clauses_tail",
    "taste",
    "theme",
    "theme_tilt",
    "congress_build",
    "security_congress",
    "tilt_system",
    "decay",
    "inheritance",
)


@dataclass(frozen=True)
class Study:
    """The results.

    Attributes:
        targets: every target with value, interval and verdict; beside it the same with beta = 0, refitted.
        ledger: free parameters against independent moments.
        posterior: what the yearly numbers and the pattern W9 say of each mechanism.
        posterior_numbers: what the yearly numbers alone say.
        framework: class of instrument by objective.
        series: yearly series of figures 2, 6 and 7.
        files: what was written.
    """

    targets: pd.DataFrame
    ledger: pd.DataFrame
    posterior: likelihood.Posterior
    posterior_numbers: likelihood.Posterior
    framework: pd.DataFrame
    series: pd.DataFrame
    files: tuple[Path, ...]


def run(
    out: Path, params: Params | None = None, seeds: int = SEEDS, points: int = likelihood.POINTS, say: Callable[[str], None] = print
) -> Study:
    """Compare the process with the paper, and write tables (CSV) and figures (PNG, SVG).

    Args:
        out: folder for the results.
        params: defaults unless given.
        seeds: size of the ensemble.
        points: parameter sets at which the likelihood is simulated.
        say: where progress goes.
    """
    params = params or Params()
    luck = Luck(range(FIRST_SEED, FIRST_SEED + seeds))
    say(f"ensemble of {seeds} seeds …")
    summary = ensemble(params, luck)
    say("refit with beta = 0 …")
    without = targets.compare(ensemble(fit(with_documents(params, {"path_dependence": 0.0})).params, luck))
    table = targets.compare(summary).assign(mean_beta_0=without["mean"], verdict_beta_0=without["verdict"])
    say(f"synthetic likelihood over {points} parameter sets …")
    design = likelihood.design(params, points)
    posterior, numbers = (likelihood.posterior(likelihood.Emulator(design, pattern)) for pattern in (True, False))
    series, framework, ledger = tables.yearly_series(summary), tables.framework(summary), tables.ledger()
    out.mkdir(parents=True, exist_ok=True)
    written = {
        "targets": table,
        "ledger": ledger,
        "posterior": posterior.summary,
        "posterior_numbers": numbers.summary,
        "profiles": posterior.profiles,
        "profiles_numbers": numbers.profiles,
        "framework": framework,
        "series": series,
        "instruments": tables.catalogue(),
    }
    files = []
    for name, frame in written.items():
        files.append(out / f"{name}.csv")
        frame.to_csv(files[-1], index=False)
    files += figures.draw_all(series, posterior.profiles, out / "figures", seeds)
    return Study(table, ledger, posterior, numbers, framework, series, tuple(files))


def refit(params: Params | None = None) -> tuple[Fit, pd.DataFrame]:
    """Fit anew. Returns the fit, and a table of stored and fitted values."""
    params = params or Params()
    found = fit(params)
    stored = {name: getattr(params.documents, name) for name in (*MECHANISMS, *CONSTANTS)}
    table = pd.DataFrame({"parameter": list(stored), "stored": list(stored.values()), "fitted": [found.values[n] for n in stored]})
    return found, table.assign(difference=table["fitted"] - table["stored"])


def switched_off(params: Params | None = None) -> pd.DataFrame:
    """The fit with mechanisms switched off in turn and the rest refitted: misfit, and calibration targets missed."""
    params = params or Params()
    return pd.DataFrame([_variant(name, params, fixed=values) for name, values in SWITCHES.items()])


def robustness(params: Params | None = None) -> pd.DataFrame:
    """The fit under other measures of power, and with each assumption at the ends of its range."""
    params = params or Params()
    rows = [_variant(f"measure of power: {m}", params, measure=m) for m in METRICS]
    for name in ASSUMED:
        info = REGISTRY[f"documents.{name}"]
        for end in (info.lo, info.hi):
            assert end is not None
            rows.append(_variant(f"{name} = {end:g}", with_documents(params, {name: end})))
    return pd.DataFrame(rows)


def _variant(name: str, params: Params, measure: str = "gerd", fixed: dict[str, float] | None = None) -> dict[str, object]:
    found = fit(params, measure=measure, fixed=fixed)
    luck = Luck(range(FIRST_SEED, FIRST_SEED + SEEDS))
    table = targets.compare(ensemble(found.params, luck, measure))
    missed = table[(table["role"] == "calibration") & (table["verdict"] != "pass")]
    fitted = {m: getattr(found.params.documents, m) for m in MECHANISMS}
    return {"variant": name, "misfit": found.misfit, "missed": " ".join(dict.fromkeys(missed["id"])), **fitted}
