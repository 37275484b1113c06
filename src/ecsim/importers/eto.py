"""`ecsim import eto DIR`: the CSET/ETO tables as an economy that runs, with a report of what was imported and guessed.

Inputs become products, provision shares, sequence recipes. What the tables lack is filled by declared defaults: the
attributes of the shipped product that a kind is most like, the demand of the shipped chip market, and the numbers of
`Defaults`. Nothing is copied into ecsim: the result is a folder of the user's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ecsim.data import load
from ecsim.errors import UserError
from ecsim.importers.eto_chain import chain_of
from ecsim.importers.eto_maker import SOURCE, Maker
from ecsim.importers.eto_tables import read
from ecsim.params import Params
from ecsim.places import conf_dir
from ecsim.population import build

ADVANCED = ("lithography", "etch", "deposition", "chemical vapor", "process control", "inspection", "ion implant", "clean")


@dataclass(frozen=True, eq=False)
class Imported:
    """What an import made.

    Attributes:
        folder: a configuration folder: tables/, economy/NAME.yaml, policy/NAME_small_yard.yaml, report.md.
        name: name of the economy.
        imported, merged, guessed, dropped: what became of the tables, a line each.
        products, firms: number of products and of firm rows of the economy built as a test.
    """

    folder: Path
    name: str
    imported: tuple[str, ...]
    merged: tuple[str, ...]
    guessed: tuple[str, ...]
    dropped: tuple[str, ...]
    products: int
    firms: int


def import_eto(source: Path, out: Path, name: str = "eto") -> Imported:
    """Build the economy, check that it runs, and write it.

    Args:
        source: folder with the tables.
        out: folder for the result; new or empty.
        name: name of the economy.

    Raises:
        UserError: broken tables, or a folder that cannot be written.
    """
    t = read(source)
    chain = chain_of(t)
    maker = Maker(t, chain, load())
    tables = maker.tables()
    if not name.isidentifier():
        raise UserError(f"name: '{name}' will not do; accepted: letters, digits and _")
    try:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise UserError(f"out: '{out}' is not empty; accepted: a new folder, or an empty one")
        (out / "tables").mkdir()
        for key, table in tables.items():
            table.to_csv(out / "tables" / f"{key}.csv", index=False, lineterminator="\n")
    except OSError as error:
        raise UserError(f"out: cannot write to '{out}' ({error.strerror or error}); accepted: a folder that you may write to") from error
    economy = build(Params(), load(out / "tables"))
    made = Imported(
        folder=out,
        name=name,
        imported=tuple(maker.imported),
        merged=chain.merged + tuple(maker.merged),
        guessed=tuple(maker.guessed),
        dropped=chain.dropped + tuple(maker.dropped) + t.notes,
        products=economy.n_products,
        firms=economy.n_firms,
    )
    _write_configuration(made, maker)
    (out / "report.md").write_text(report_text(made), encoding="utf-8")
    return made


def report_text(made: Imported) -> str:
    """The report, as Markdown."""
    parts = [f"# Import of {SOURCE.partition(',')[0]}", f"{made.products} products, {made.firms} firm rows."]
    for title in ("imported", "merged", "guessed", "dropped"):
        lines = getattr(made, title)
        parts.append(f"## {title.capitalize()} ({len(lines)})\n\n" + ("\n".join(f"- {line}" for line in lines) or "nothing"))
    return "\n\n".join(parts) + "\n"


def how_to_run(made: Imported) -> str:
    """The command that compares no controls, the small yard on this chain and blanket controls."""
    policies = f"experiment.policies=[none,{made.name}_small_yard,blanket]"
    return f"ecsim compare --config-dir {made.folder} economy={made.name} response=none '{policies}'"


def _write_configuration(made: Imported, maker: Maker) -> None:
    """economy/NAME.yaml, and the small yard on the products of this chain."""
    (made.folder / "economy").mkdir()
    (made.folder / "policy").mkdir()
    where = (made.folder / "tables").resolve()
    (made.folder / "economy" / f"{made.name}.yaml").write_text(
        f"# @package _global_\n# Imported from {SOURCE}.\npopulation:\n  tables: '{where}'\n", encoding="utf-8"
    )
    nodes = maker.nodes.values()
    scope = [n.product for n in nodes if n.kind in ("fabrication", "software") or any(word in n.name.lower() for word in ADVANCED)]
    (fabrication,) = (n.product for n in nodes if n.kind == "fabrication")
    tools = [n.product for n in nodes if n.kind == "tool" and n.product in scope]
    lines = (conf_dir() / "policy" / "small_yard.yaml").read_text(encoding="utf-8").splitlines()
    kept, skip = [], False
    for line in lines:
        key = line.partition(":")[0]
        if line and not line.startswith((" ", "#")):
            skip = key in ("name", "scope", "thresholds", "end_uses", "companies", "listing_products")
        if not skip and not line.startswith("#"):
            kept.append(line)
    head = [
        f"# Small yard, high fence, on the products of the imported chain {made.name}; numbers of the shipped package.",
        f"name: {made.name}_small_yard",
        f"scope: [{', '.join(scope)}]",
        f"end_uses: {{{', '.join(f'{p}: [{fabrication}]' for p in tools)}}}",
        "thresholds: {}",
        "companies: []",
        f"listing_products: [{', '.join(scope)}]",
    ]
    path = made.folder / "policy" / f"{made.name}_small_yard.yaml"
    path.write_text("\n".join([*head, *kept]) + "\n", encoding="utf-8")
