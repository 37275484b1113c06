"""The outcomes by year by name, with keys, unit and meaning."""

from __future__ import annotations

from ecsim.strategies.trends import TRENDS
from ecsim.yearly import readings
from ecsim.yearly.base import YearOutcome

_ALL = (
    *(
        YearOutcome(
            f"trend_{t.name}",
            (),
            t.unit,
            f"Trend of control until the end of the year, last against first third of the time under control: {t.doc}.",
            readings.trend(t.name),
        )
        for t in TRENDS.values()
    ),
    YearOutcome(
        "sales_to_challenger",
        ("product", "state"),
        "USD bn",
        "Sales to buyers in the challenger by firms that the state owns, wherever they make.",
        readings.sales,
        ("cell_to_challenger",),
    ),
    YearOutcome(
        "imports",
        ("product", "state"),
        "USD bn",
        "Imports of the challenger from plants in the state, whoever owns them.",
        readings.imports,
        ("cell_to_challenger",),
    ),
    YearOutcome(
        "import_share",
        ("product", "state"),
        "%",
        "Share of plants in the state in those imports.",
        readings.import_share,
        ("cell_to_challenger",),
    ),
    YearOutcome(
        "home_share",
        ("product", "state"),
        "%",
        "Share of sales to the challenger, by firms that the state owns, made on home soil.",
        readings.home_share,
        ("cell_to_challenger",),
    ),
    YearOutcome(
        "home_made",
        ("product", "state"),
        "%",
        "Share of all revenue of firms that the state owns made on home soil.",
        readings.home_made,
        ("cell_revenue",),
    ),
    YearOutcome(
        "world_share",
        ("product", "state"),
        "%",
        "World share by revenue of firms that the state owns.",
        readings.world_share,
        ("cell_revenue",),
    ),
    YearOutcome(
        "world_share_made",
        ("product", "state"),
        "%",
        "World share by revenue of plants in the state.",
        readings.world_share_made,
        ("cell_revenue",),
    ),
    YearOutcome(
        "level",
        ("product", "state"),
        "generations",
        "Level of the state's leading firm; 0 is the frontier of 2018.",
        readings.level,
        ("level",),
    ),
    YearOutcome(
        "gap", ("product", "state"), "generations", "Gap of the state's leading firm behind the frontier.", readings.gap, ("level",)
    ),
    YearOutcome(
        "self_sufficiency", ("product",), "%", "Purchases in the challenger that its own firms made there.", readings.self_sufficiency
    ),
    YearOutcome("revenue", ("company",), "USD bn", "Revenue of a company, at prices of 2018.", readings.company("company_revenue")),
    YearOutcome(
        "output",
        ("company",),
        "USD bn",
        "Output of a company, at constant prices.",
        readings.company("company_output"),
        ("company_output",),
    ),
    YearOutcome("rd_intensity", ("company",), "%", "R&D of a company over its revenue.", readings.rd_intensity, ("company_rd",)),
    YearOutcome(
        "listed_rd_intensity",
        (),
        "%",
        "R&D over revenue of named companies on a list in the year.",
        readings.listed_rd_intensity,
        ("company_rd",),
    ),
    YearOutcome(
        "listed_output", (), "USD bn", "Output of named companies on a list in the year.", readings.listed_output, ("company_output",)
    ),
    YearOutcome(
        "listed_rd_effect",
        (),
        "%",
        "R&D of named companies on a list against the path without controls, mean over companies.",
        readings.listed_effect("company_rd"),
        ("company_rd",),
    ),
    YearOutcome(
        "listed_output_effect", (), "%", "Output of them, likewise.", readings.listed_effect("company_output"), ("company_output",)
    ),
    YearOutcome(
        "listed_entities", (), "count", "Legal entities on lists of the incumbent at the end of the year.", readings.end("listed_entities")
    ),
    YearOutcome(
        "listed_outside",
        (),
        "count",
        "Of these, outside the chains of the run, those listed before 2018 among them.",
        readings.end("listed_outside"),
    ),
    YearOutcome("rules_in_force", (), "count", "Rules in force at the end of the year.", readings.end("rules_in_force")),
    YearOutcome(
        "adoption_year",
        ("state",),
        "year",
        "Date, from the start of the year on, from which the state applies the incumbent's rules or makes one of its own.",
        readings.adoption_year,
    ),
    YearOutcome(
        "adoption_lag",
        ("state",),
        "months",
        "Months from the incumbent's first rule in or after the year to that date, in steps of three.",
        readings.adoption_lag,
    ),
    YearOutcome(
        "adopted",
        ("state",),
        "0 or 1",
        "Whether the state applies the incumbent's rules, or one of its own, by the end of the year.",
        readings.adopted,
    ),
    YearOutcome(
        "retaliation_lag",
        (),
        "months",
        "Months from the incumbent's first control in or after the year to the challenger's next control or listing, in steps of three.",
        readings.retaliation_lag,
    ),
    YearOutcome(
        "reversal_lag",
        ("state",),
        "months",
        "Mean months from a rule or listing of the state, made in or after the year, to its lifting or suspension.",
        readings.reversal_lag,
    ),
)
YEARLY: dict[str, YearOutcome] = {o.name: o for o in _ALL}
