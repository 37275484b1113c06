"""The supply chains side by side: mean technology gap, and value added of the challenger over the incumbent's, by year."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Patch

from ecsim.analysis.bands import BAND
from ecsim.analysis.compare import Comparison
from ecsim.analysis.study import NO_CONTROL, date_of, parity_of
from ecsim.report import style
from ecsim.report.figures.base import Context, Plate, canvas, in_order, legend, policy_handles
from ecsim.tools import vocabulary

SERIES = ("domain_gap", "domain_value_ratio")


def table(c: Comparison) -> pd.DataFrame | None:
    """series, domain, policy, quarter, median, lo, hi, runs; None where the runs have one supply chain."""
    parts = []
    for name in SERIES:
        series = c.study.series(name, c.policies)
        groups = series.groupby(["key", "policy", "quarter"], sort=False)["value"]
        out = pd.DataFrame(
            {"median": groups.median(), "lo": groups.quantile(BAND[0]), "hi": groups.quantile(BAND[1]), "runs": groups.count()}
        )
        parts.append(out.reset_index().rename(columns={"key": "domain"}).assign(series=name))
    t = pd.concat(parts, ignore_index=True)
    rank = {d: i for i, d in enumerate(vocabulary("domain"))}
    t = t.sort_values("domain", key=lambda names: names.map(rank), kind="stable").reset_index(drop=True)
    return t if t["domain"].nunique() > 1 else None


def draw(t: pd.DataFrame, ctx: Context) -> Figure:
    """A column for each domain: the gap above, the ratio of value added with the parity zone below."""
    w, zone = ctx.words, parity_of(ctx.manifest)
    domains, policies = list(pd.unique(t["domain"])), in_order(ctx, t["policy"])
    many = t["runs"].max() > 1
    fig = canvas(ctx, w("fig.domains"), 5.6, note=w("source.band") if many else "")
    axes = fig.subplots(len(SERIES), len(domains), sharex=True, squeeze=False)
    for i, name in enumerate(SERIES):
        for j, domain in enumerate(domains):
            ax = axes[i][j]
            if name == "domain_value_ratio":
                ax.axhspan(*zone, color=style.BAND, zorder=0)
            for policy in policies:
                rows = t[(t["series"] == name) & (t["domain"] == domain) & (t["policy"] == policy)]
                x = date_of(rows["quarter"])
                if many and policy in (NO_CONTROL, policies[0]):
                    ax.fill_between(x, rows["lo"], rows["hi"], color=ctx.colour(policy), alpha=0.16, linewidth=0)
                ax.plot(x, rows["median"], color=ctx.colour(policy), linestyle=ctx.line(policy), linewidth=1.9)
            ax.set_ylim(bottom=0)
            ax.locator_params(axis="x", nbins=4, integer=True)
            ax.locator_params(axis="y", nbins=5)
            if i == 0:
                ax.set_title(w.domain(domain))
    axes[0][0].set_ylabel(w("axis.gap.short"))
    axes[1][0].set_ylabel(w("axis.value_ratio"))
    parity = Patch(facecolor=style.BAND, edgecolor=style.GRID, label=w("legend.parity", lo=f"{zone[0]:g}", hi=f"{zone[1]:g}"))
    legend(fig, [*policy_handles(ctx, policies), parity])
    return fig


def twin(t: pd.DataFrame, ctx: Context) -> pd.DataFrame:
    """First and last quarter by domain and policy."""
    w = ctx.words
    ends = t[t["quarter"].isin((t["quarter"].min(), t["quarter"].max()))]
    wide = ends.pivot_table(index=["domain", "series", "policy"], columns="quarter", values="median", sort=False).reset_index()
    names = {"domain_gap": w("axis.gap.short"), "domain_value_ratio": w("axis.value_ratio")}
    years = {q: str(int(date_of(q))) for q in wide.columns if not isinstance(q, str)}
    shown = {years[q]: [f"{x:.3g}" for x in wide[q]] for q in years}
    return pd.DataFrame(
        {
            w("table.domain"): [w.domain(d) for d in wide["domain"]],
            w("table.outcome"): [names[s] for s in wide["series"]],
            w("table.policy"): [w.policy(p) for p in wide["policy"]],
            **shown,
        }
    )


PLATE = Plate("domains", table, draw, twin)
