"""Power ratio of challenger to incumbent under four measures of power, with the parity zone."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ecsim.analysis.bands import BAND, paired_series
from ecsim.analysis.compare import Comparison
from ecsim.analysis.study import NO_CONTROL, date_of, parity_of
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, in_order, legend, policy_handles, zero_line

METRICS = ("composite", "nominal", "ppp", "gerd")


def table(c: Comparison) -> pd.DataFrame | None:
    """kind ("ratio", "change"), metric, policy, quarter, median, lo, hi, runs."""
    series = c.study.series("power_ratio", c.policies)
    if series.empty:
        return None
    parts = [_quantiles(series).assign(kind="ratio")]
    change = paired_series(series, NO_CONTROL)
    if len(change):
        parts.append(_quantiles(change).assign(kind="change"))
    return pd.concat(parts, ignore_index=True).rename(columns={"key": "metric"})


def _quantiles(series: pd.DataFrame) -> pd.DataFrame:
    groups = series.groupby(["key", "policy", "quarter"], sort=False)["value"]
    out = pd.DataFrame({"median": groups.median(), "lo": groups.quantile(BAND[0]), "hi": groups.quantile(BAND[1]), "runs": groups.count()})
    return out.reset_index()


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """Two rows of panels, one column a measure."""

    w, zone = ctx.words, parity_of(ctx.manifest)
    metrics = [m for m in METRICS if m in set(t["metric"])] or sorted(set(t["metric"]))
    kinds = [k for k in ("ratio", "change") if k in set(t["kind"])]
    many = t["runs"].max() > 1
    fig = canvas(ctx, w("fig.power"), 3.6 + 2.4 * (len(kinds) - 1), note=w("source.band") if many else "")
    axes = fig.subplots(len(kinds), len(metrics), sharex=True, sharey="row", squeeze=False, height_ratios=[1.25, 1][: len(kinds)])
    policies = in_order(ctx, t["policy"])
    for i, kind in enumerate(kinds):
        for j, metric in enumerate(metrics):
            ax = axes[i][j]
            if kind == "ratio":
                ax.axhspan(*zone, color=style.BAND, zorder=0)
                ax.axhline(1, color=style.MUTED, linewidth=0.7, linestyle=(0, (2, 2)))
                ax.set_title(w.name("metric", metric))
            else:
                zero_line(ax)
            for policy in policies:
                rows = t[(t["kind"] == kind) & (t["metric"] == metric) & (t["policy"] == policy)]
                if rows.empty:
                    continue
                x = date_of(rows["quarter"])
                if many and (kind == "change" or policy in (NO_CONTROL, policies[0])):
                    ax.fill_between(x, rows["lo"], rows["hi"], color=ctx.colour(policy), alpha=0.16, linewidth=0)
                ax.plot(x, rows["median"], color=ctx.colour(policy), linestyle=ctx.line(policy), linewidth=1.9)
            ax.locator_params(axis="x", nbins=4, integer=True)
        axes[i][0].set_ylabel(w("axis.ratio" if kind == "ratio" else "axis.ratio_change"))
    parity = Patch(facecolor=style.BAND, edgecolor=style.GRID, label=w("legend.parity", lo=f"{zone[0]:g}", hi=f"{zone[1]:g}"))
    legend(fig, [*policy_handles(ctx, policies), parity])
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """Median in the last quarter of every third year, wide."""
    w = ctx.words
    rows = t[(t["kind"] == "ratio") & (t["quarter"] % 4 == 3)].copy()
    rows["year"] = date_of(rows["quarter"]).astype(int)
    keep = sorted(rows["year"].unique())[::-3][::-1]
    rows = rows[rows["year"].isin(keep)]
    rows["text"] = [f"{m:.3f}" for m in rows["median"]]
    wide = rows.pivot_table(index=["metric", "policy"], columns="year", values="text", aggfunc="first", sort=False).reset_index()
    wide["metric"] = [w.name("metric", m) for m in wide["metric"]]
    wide["policy"] = [w.policy(p) for p in wide["policy"]]
    return wide.rename(columns={"metric": w("table.outcome"), "policy": w("table.policy")})


def text(t: pd.DataFrame) -> str:
    """Which title applies: with or without the change against no controls."""
    return "fig.power" if "change" in set(t["kind"]) else "fig.power.ratio"


PLATE = Plate("power", table, draw, twin, text)
