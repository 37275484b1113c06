"""Synthetic study folders with known answers, for the tests of analysis and report. The numbers mean nothing.

An outcome is base + effect[policy] + draw part + (policy x draw) part + seed part, so that expected paired
differences, shares of variance and correlations are known.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

POLICIES = ("none", "small_yard", "blanket", "history")
STATES = ("USA", "CHN", "JPN", "NLD", "KOR", "TWN", "DEU", "GBR", "FRA", "EUR", "ISR", "SGP", "MYS", "IND", "VNM", "ROW")
SIDES = {
    "USA": "incumbent",
    "CHN": "challenger",
    "JPN": "ally",
    "NLD": "ally",
    "KOR": "ally",
    "TWN": "ally",
    "DEU": "ally",
    "GBR": "ally",
    "FRA": "ally",
    "EUR": "ally",
}
DOMAINS = {"chips": 0.6, "dual_use": 1.4, "nuclear": 0.9, "emerging": 1.1}
PRODUCTS = (
    "critical_minerals",
    "materials",
    "wafers",
    "photomasks",
    "tool_components",
    "lithography",
    "deposition_etch",
    "process_control",
    "other_tools",
    "eda_ip",
    "foundry_advanced",
    "foundry_mature",
    "memory",
    "hbm",
    "logic_design",
    "assembly_test",
    "accelerators",
    "servers",
    "telecom_equipment",
    "handsets",
    "electronics",
    "cloud_ai",
)
TOOLS = ("entity_list", "ear_fdp", "ccl", "meu", "us_persons", "s301", "cfius", "visa_refusal", "global_licence")
PARAMETERS = {
    "market.challenger_growth": (-2.0, 1.0),
    "permission.leak_scale": (0.3, 1.7),
    "innovation.embodied_kappa": (0.0, 4.0),
    "innovation.stretch": (0.4, 1.8),
    "innovation.subsidy_absorbed": (0.5, 6.0),
    "accounts.value_exponent": (0.1, 0.4),
}


@dataclass(frozen=True)
class Effect:
    """Expected outcome under each policy, and the three standard deviations."""

    none: float
    small_yard: float
    blanket: float
    history: float
    draw: float
    cross: float
    seed: float

    def at(self, policy: str) -> float:
        return float(getattr(self, policy))


EFFECTS = {
    "unmet_need": Effect(0.2, 4.6, 9.8, 6.1, 0.8, 0.9, 0.3),
    "disruption": Effect(0.0, 3.1, 8.7, 4.4, 0.9, 0.8, 0.3),
    "gap_foundry": Effect(1.1, 1.9, 2.2, 2.0, 0.3, 0.2, 0.05),
    "gap_lithography": Effect(2.8, 3.1, 3.0, 3.1, 0.4, 0.2, 0.05),
    "gap_accelerators": Effect(0.9, 1.8, 1.9, 1.9, 0.4, 0.25, 0.06),
    "gap_cloud": Effect(0.3, 0.6, 0.9, 0.7, 0.2, 0.1, 0.04),
    "gap_mean": Effect(0.9, 1.42, 1.38, 1.4, 0.25, 0.15, 0.04),
    "gap_added": Effect(0.0, 0.52, 0.48, 0.5, 0.0, 0.18, 0.04),
    "closing_speed": Effect(0.06, 0.02, 0.03, 0.02, 0.02, 0.01, 0.004),
    "locked_in": Effect(0.2, 0.4, 0.45, 0.4, 0.06, 0.04, 0.02),
    "power_ratio": Effect(0.925, 0.912, 0.901, 0.909, 0.06, 0.004, 0.002),
    "power_ratio_change": Effect(0.0, -0.013, -0.024, -0.016, 0.0, 0.005, 0.002),
    "parity_year": Effect(2024.0, 2024.4, 2024.9, 2024.5, 2.2, 0.2, 0.2),
    "home_revenue": Effect(0.0, -2.9, -8.1, -4.6, 0.0, 0.9, 0.3),
    "home_rd": Effect(0.0, -2.1, -6.6, -3.8, 0.0, 0.8, 0.2),
    "home_market_value": Effect(0.0, -1.8, -5.5, -3.1, 0.0, 0.7, 0.3),
    "ally_revenue": Effect(0.0, -0.6, 2.1, -1.2, 0.0, 0.8, 0.3),
    "ally_rd": Effect(0.0, -0.4, 1.2, -0.9, 0.0, 0.6, 0.2),
    "world_value": Effect(0.0, -0.9, -2.4, -1.4, 0.0, 0.35, 0.1),
    "price_level": Effect(0.0, 0.8, 2.6, 1.3, 0.0, 0.3, 0.1),
    "challenger_revenue": Effect(0.0, -3.2, 1.9, -2.6, 0.0, 1.8, 0.4),
    "third_revenue": Effect(0.0, 0.7, 2.2, 1.0, 0.0, 0.4, 0.2),
    "leverage": Effect(0.93, 0.74, 0.58, 0.69, 0.04, 0.03, 0.01),
    "dissatisfaction": Effect(0.31, 0.38, 0.47, 0.41, 0.03, 0.015, 0.008),
    "conflict_index": Effect(0.21, 0.25, 0.29, 0.26, 0.04, 0.01, 0.005),
    "denied": Effect(0.0, 410.0, 1450.0, 720.0, 60.0, 50.0, 15.0),
    "diverted": Effect(0.0, 62.0, 171.0, 98.0, 25.0, 12.0, 4.0),
    "degraded": Effect(0.0, 130.0, 95.0, 140.0, 20.0, 12.0, 5.0),
    "backfilled": Effect(0.0, 120.0, 560.0, 230.0, 40.0, 30.0, 9.0),
    "self_sufficiency": Effect(31.0, 38.0, 47.0, 41.0, 3.0, 1.5, 0.5),
    "self_sufficiency_tools": Effect(24.0, 39.0, 43.0, 40.0, 4.0, 2.0, 0.6),
    "decoupling": Effect(0.0, 14.0, 46.0, 23.0, 0.0, 3.0, 1.0),
    "cohesion": Effect(0.8, 0.74, 0.55, 0.68, 0.03, 0.02, 0.01),
    "anxiety": Effect(0.62, 0.6, 0.59, 0.6, 0.05, 0.01, 0.01),
    "listed_entities": Effect(0.0, 240.0, 980.0, 810.0, 0.0, 0.0, 0.0),
}


def expected_difference(outcome: str, a: str, b: str) -> float:
    """The known answer of a paired comparison."""
    return EFFECTS[outcome].at(a) - EFFECTS[outcome].at(b)


def make_runs(
    draws: int = 12,
    seeds: int = 2,
    policies: tuple[str, ...] = POLICIES,
    rng: int = 1,
    strength: dict[str, tuple[str, float]] | None = None,
) -> pd.DataFrame:
    """A table of runs.

    Args:
        strength: label -> (known policy, factor on its effect), for policies beyond the four.
    """
    g = np.random.default_rng(rng)
    parameters = {name: g.uniform(lo, hi, draws) for name, (lo, hi) in PARAMETERS.items()}
    shock_draw = {o: g.normal(size=draws) for o in EFFECTS}
    shock_cross = {o: {p: g.normal(size=draws) for p in ("small_yard", "blanket", "history")} for o in EFFECTS}
    shock_seed = {o: g.normal(size=(draws, seeds)) for o in EFFECTS}
    shock_own = {o: {p: g.normal(size=(draws, seeds)) for p in POLICIES} for o in EFFECTS}
    rows = []
    for label in policies:
        kind, factor = (strength or {}).get(label, (label, 1.0))
        for d in range(draws):
            for s in range(seeds):
                row: dict[str, object] = {
                    "run": len(rows),
                    "policy": label,
                    "replicate": d * seeds + s,
                    "draw": d,
                    "seed": 1000 + d * seeds + s,
                }
                row |= {"status": "ok", "reason": "", "wall_ms": 90.0} | {n: v[d] for n, v in parameters.items()}
                for o, e in EFFECTS.items():
                    own = 0.0 if kind == "none" else (e.at(kind) - e.none + e.cross * shock_cross[o][kind][d]) * factor
                    chance = (
                        0.0 if kind == "none" and e.draw == 0 else e.seed * (0.8 * shock_seed[o][d, s] + 0.6 * shock_own[o][kind][d, s])
                    )
                    row[o] = e.none + own + e.draw * shock_draw[o][d] + chance
                rows.append(row)
    return pd.DataFrame(rows)


def design_runs(draws: int, seeds: int, rng: int = 1) -> pd.DataFrame:
    """Runs of the designs: two families along intensity, a 2^4 factorial, and levels of alliance participation."""
    strength: dict[str, tuple[str, float]] = {}
    extra: dict[str, dict[str, object]] = {}
    for family in ("small_yard", "blanket"):
        for i in (0.25, 0.5, 0.75, 1.25, 1.5):
            label = f"{family}@{i:g}"
            strength[label] = (family, i)
            extra[label] = {"family": family, "intensity": i}
    for scope in ("narrow", "wide"):
        for height in ("low", "high"):
            for reach in ("domestic", "fdp"):
                for coalition in ("alone", "allies"):
                    label = f"{scope}-{height}-{reach}-{coalition}"
                    factor = (0.25 if height == "low" else 0.7) + (0.25 if reach == "fdp" else 0) + (0.3 if coalition == "allies" else 0)
                    factor -= 0.15 if reach == "fdp" and coalition == "allies" else 0
                    strength[label] = ("small_yard" if scope == "narrow" else "blanket", factor)
                    extra[label] = {"scope": scope, "height": height, "reach": reach, "coalition": coalition}
    for level in np.linspace(0, 1, 11):
        label = f"small_yard:extent={level:.1f}"
        strength[label] = ("small_yard", float(0.25 + 1.1 / (1 + np.exp(-12 * (level - 0.6)))))
        extra[label] = {"participation": float(level), "sense": "extent"}
    table = make_runs(draws, seeds, tuple(strength), rng, strength)
    for column in ("family", "intensity", "scope", "height", "reach", "coalition", "participation", "sense"):
        table[column] = [extra[p].get(column) for p in table["policy"]]
    return table


def write_study(
    folder: Path,
    *,
    draws: int = 12,
    seeds: int = 2,
    policies: tuple[str, ...] = POLICIES,
    designs: bool = False,
    quarters: int = 72,
    fail: int = 0,
    series: bool = True,
    rng: int = 1,
) -> Path:
    """A whole results folder.

    Args:
        designs: add families, factorial and participation.
        fail: number of runs that failed.
        series: write series, flows and events too.
    """
    folder.mkdir(parents=True, exist_ok=True)
    runs = make_runs(draws, seeds, policies, rng)
    if "blanket" in policies and "small_yard" in policies and designs:
        runs["family"] = runs["policy"].where(runs["policy"].isin(["small_yard", "blanket"]))
        runs["intensity"] = np.where(runs["family"].notna(), 1.0, np.nan)
        runs = pd.concat([runs, design_runs(draws, seeds, rng)], ignore_index=True)
        runs["run"] = np.arange(len(runs))
    late = runs["parity_year"] > 2027
    runs.loc[late, "parity_year"] = np.nan
    bad = runs.index[:: max(1, len(runs) // fail)][:fail] if fail else []
    runs.loc[bad, ["status", "reason"]] = ["failed", "NaN in output at quarter 31"]
    runs.loc[bad, list(EFFECTS)] = np.nan
    runs.to_parquet(folder / "runs.parquet", index=False)
    if series:
        main = runs[runs["policy"].isin(policies) & (runs["status"] == "ok")]
        make_series(main, quarters, rng).to_parquet(folder / "series.parquet", index=False)
        make_flows(main, rng).to_parquet(folder / "flows.parquet", index=False)
        make_events(main, quarters).to_parquet(folder / "events.parquet", index=False)
    (folder / "manifest.json").write_text(json.dumps(manifest(policies, draws, seeds), indent=1), encoding="utf-8")
    return folder


def make_series(runs: pd.DataFrame, quarters: int, rng: int) -> pd.DataFrame:
    """Time series that end near the scalars; long table."""
    g = np.random.default_rng(rng + 1)
    t = np.arange(quarters)
    ramp = np.clip((t - 4) / max(1, quarters - 8), 0, 1)
    start = {"composite": 0.72, "nominal": 0.67, "ppp": 1.05, "gerd": 0.8}
    slope = {"composite": 0.2, "nominal": 0.1, "ppp": 0.34, "gerd": 0.3}
    taste = {p: g.uniform(0.3, 1.6) for p in PRODUCTS}
    level = {p: g.uniform(0.4, 3.0) for p in PRODUCTS}
    size = {s: g.uniform(10, 120) for s in STATES}
    hurt = {s: g.normal(0, 1.0) for s in STATES}
    counts = {"none": 0.0, "small_yard": 1.0, "blanket": 0.5, "history": 2.4}
    first = {tool: g.integers(2, max(3, quarters // 2)) for tool in TOOLS}
    wave = np.cumsum(g.normal(0, 1, (runs["replicate"].max() + 1, quarters)), axis=1) / np.sqrt(quarters)
    parts = []
    for r in runs.to_dict("records"):
        w = wave[r["replicate"]]
        policy = r["policy"]
        strong = {"none": 0.0, "small_yard": 1.0, "blanket": 1.5, "history": 1.2}.get(policy, 0.7)
        own = r["gap_added"] / 0.5
        table: dict[tuple[str, str], np.ndarray] = {}
        for m, level0 in start.items():
            table["power_ratio", m] = (
                level0 + (slope[m] + 0.05 * r["market.challenger_growth"]) * ramp + r["power_ratio_change"] * ramp**2 + 0.006 * w
            )
        for p in PRODUCTS:
            table["gap", p] = (
                level[p] * (1 - 0.35 * ramp) + own * taste[p] * 0.5 * ramp + 0.05 * (r["innovation.stretch"] - 1) * t / 20 + 0.03 * w
            )
            table["unmet", p] = 0.01 * np.maximum(0, r["unmet_need"] * taste[p] * np.exp(-(((ramp - 0.4) / 0.3) ** 2)) + 0.1 * w)
            table["self_sufficiency", p] = 0.2 + 0.01 * (r["self_sufficiency"] * ramp * taste[p] / 2 + 0.2 * w)
        for d, weight in DOMAINS.items():
            table["domain_gap", d] = weight * table["gap", PRODUCTS[0]]
            table["domain_value_ratio", d] = weight * (0.6 + 0.2 * ramp + 0.05 * own * ramp + 0.01 * w)
        for s in STATES:
            table["revenue", s] = size[s] * (1 + 0.4 * ramp) * (1 + 0.02 * strong * hurt[s] * ramp * own + 0.004 * w)
        for side, o in (
            ("incumbent", "home_revenue"),
            ("ally", "ally_revenue"),
            ("challenger", "challenger_revenue"),
            ("third", "third_revenue"),
        ):
            table["revenue_side", side] = 100 * (1 + 0.4 * ramp) * (1 + r[o] / 100 * np.minimum(1, 2 * ramp) + 0.002 * w)
        table["dissatisfaction", ""] = 0.3 + (r["dissatisfaction"] - 0.3) * ramp + 0.004 * w
        table["conflict_index", ""] = 0.15 + (r["conflict_index"] - 0.15) * ramp + 0.004 * w
        table["anxiety", ""] = 0.4 + 0.2 * ramp + 0.01 * w
        table["price_level", ""] = 1 + r["price_level"] / 100 * ramp
        for o in ("denied", "diverted", "degraded", "backfilled"):
            table[o, ""] = np.maximum(0, r[o] / quarters * 2 * ramp)
        table["listed_entities", ""] = np.round(r["listed_entities"] * ramp)
        scale = counts.get(policy, 0.5)
        for tool in TOOLS:
            table["instrument", tool] = np.round(scale * 3 * np.clip((t - first[tool]) / 16, 0, 1))
        table["rules_in_force", ""] = sum(table["instrument", tool] for tool in TOOLS)
        table["adoption", "JPN"] = np.where(t > 20, 0.7 * (strong > 0), 0.0)
        table["adoption", "NLD"] = np.where(t > 22, 0.8 * (strong > 0), 0.0)
        n = len(table)
        parts.append(
            pd.DataFrame(
                {
                    "run": r["run"],
                    "policy": policy,
                    "replicate": r["replicate"],
                    "draw": r["draw"],
                    "quarter": np.tile(t, n),
                    "name": np.repeat([k[0] for k in table], quarters),
                    "key": np.repeat([k[1] for k in table], quarters),
                    "value": np.concatenate(list(table.values())),
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def make_flows(runs: pd.DataFrame, rng: int) -> pd.DataFrame:
    """A network map with a few large flows and many small ones."""
    g = np.random.default_rng(rng + 2)
    links = [(p, s) for p in PRODUCTS for s in STATES if s != "CHN" and g.random() < 0.35]
    base = {link: float(g.pareto(1.3) * 0.4) for link in links}
    strong = {"none": 0.0, "small_yard": 0.35, "blanket": 0.8, "history": 0.5}
    rows = []
    for r in runs.to_dict("records"):
        for (p, s), b in base.items():
            cut = b * strong.get(r["policy"], 0.4) * (1.0 if SIDES.get(s) in ("incumbent", "ally") else 0.15)
            helped = b * 0.4 * strong.get(r["policy"], 0.4) if SIDES.get(s, "third") == "third" else 0.0
            rows.append(
                {
                    "run": r["run"],
                    "policy": r["policy"],
                    "replicate": r["replicate"],
                    "product": p,
                    "from_state": s,
                    "to_state": "CHN",
                    "delivered": b - cut,
                    "blocked": cut,
                    "diverted": cut * 0.12,
                    "degraded": cut * 0.2,
                    "backfilled": helped,
                    "baseline": b,
                }
            )
    return pd.DataFrame(rows)


def make_events(runs: pd.DataFrame, quarters: int) -> pd.DataFrame:
    """A few moves of each run."""
    rows = []
    for r in runs.to_dict("records"):
        for q in range(2, min(quarters, 30), 7):
            rows.append(
                {
                    "run": r["run"],
                    "policy": r["policy"],
                    "replicate": r["replicate"],
                    "quarter": q,
                    "actor": "USA",
                    "verb": "control",
                    "tool": TOOLS[q % len(TOOLS)],
                    "rule": f"r{q}",
                    "text_en": "controls advanced chips",
                    "text_zh": "管制先进芯片",
                }
            )
    return pd.DataFrame(rows)


def manifest(policies: tuple[str, ...], draws: int, seeds: int) -> dict[str, object]:
    """A manifest with every entry that the report knows."""
    return {
        "command": "ecsim compare replicates=12",
        "versions": {"ecsim": "0.1.0", "python": "3.11.9", "mesa": "3.3.1", "numpy": "2.4.6"},
        "git": {"commit": "0123abc", "dirty": False},
        "seeds": [1000 + i for i in range(draws * seeds)],
        "model_hash": "deadbeefdeadbeef",
        "wall_s": 61.2,
        "policies": {p: policy_settings(p) for p in policies},
        "config": {"policy": {"scope": ["accelerators", "lithography"], "denial": 0.95}, "params": {"time": {"quarters": 72}}},
        "sides": SIDES,
    }


def policy_settings(label: str) -> dict[str, object]:
    """Settings of a policy as the manifest keeps them."""
    if label in {"none", "history"}:
        return {"name": label, "kind": "none" if label == "none" else "script", "scenario": label, "height": 0.0, "model_hash": "c0ffee"}
    scope = ["accelerators", "lithography"] if label == "small_yard" else []
    thresholds = {"accelerators": -1.0, "hbm": None} if label == "small_yard" else {}
    return {
        "name": label,
        "kind": "doctrine",
        "scope": scope,
        "threshold": -2.9,
        "thresholds": thresholds,
        "height": 0.95,
        "fdp": True,
        "start": "2018Q3",
        "model_hash": "c0ffee",
    }
