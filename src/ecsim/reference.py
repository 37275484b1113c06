"""Reference pages printed from the code: `python -m ecsim.reference docs` writes them, `--check` says which are out of date."""

from __future__ import annotations

import importlib
import inspect
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import is_dataclass
from enum import Enum
from pathlib import Path
from typing import Any

from ecsim import describe
from ecsim.analysis.text.columns import Rows
from ecsim.economy import Economy, array_fields
from ecsim.world import state_fields

MARK = re.compile(r"(<!-- generated: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
MODEL = "model.md"
PRINTED = "Printed by `./dev python -m ecsim.reference docs`; do not edit.\n"
PUBLIC = (
    *("ecsim.api", "ecsim.course", "ecsim.model", "ecsim.moves", "ecsim.move_text", "ecsim.rules", "ecsim.params", "ecsim.outcomes"),
    *("ecsim.yearly", "ecsim.mechanisms.base", "ecsim.strategies.base", "ecsim.tools.base", "ecsim.data.loader", "ecsim.population"),
    *("ecsim.analysis.targets", "ecsim.calibration.run", "ecsim.importers.eto"),
)


def pages(docs: Path) -> dict[Path, str]:
    """Every page that is printed, as it should be: path -> text."""
    model = (docs / MODEL).read_text(encoding="utf-8")
    made = {docs / MODEL: MARK.sub(lambda m: f"{m[1]}{BLOCKS[m[2]]()}\n{m[3]}", model)}
    for name, make in PAGES.items():
        made[docs / "reference" / f"{name}.md"] = make()
    return made


def write(docs: Path) -> list[Path]:
    """Write what is out of date; returns it."""
    stale = out_of_date(docs)
    for path in stale:
        path.parent.mkdir(exist_ok=True)
        path.write_text(pages(docs)[path], encoding="utf-8")
    return stale


def out_of_date(docs: Path) -> list[Path]:
    """Pages that are not as they should be."""
    return [path for path, text in pages(docs).items() if not path.exists() or path.read_text(encoding="utf-8") != text]


def markdown(rows: Rows) -> str:
    """Rows as a table."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row[name]).replace("|", "\\|").replace("\n", " ") for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _parameters() -> str:
    rows = describe.rows_of("parameters")
    parts = ["# Parameters\n\n" + PRINTED]
    parts.append(
        "A range is plausible values; what is accepted goes beyond it by its width at most, and no further than the equations bear. "
        "`drawn` are drawn anew for each replicate of a comparison. Any is a key of the configuration."
    )
    for group in dict.fromkeys(row["parameter"].split(".")[0] for row in rows):
        parts.append(f"## {group}\n\n{markdown([row for row in rows if row['parameter'].split('.')[0] == group])}")
    parts.append("## Numbers declared beside the parameters\n\n" + markdown(describe.rows_of("numbers")))
    return "\n\n".join(parts) + "\n"


def _outcomes() -> str:
    whole = "## Of a run\n\n" + markdown(describe.rows_of("outcomes"))
    yearly = "## By year\n\nAsked for in `experiment.yearly` or a file of targets.\n\n" + markdown(describe.rows_of("yearly"))
    return "\n\n".join(["# Outcomes\n\n" + PRINTED, whole, yearly]) + "\n"


def _state() -> str:
    axes = inspect.cleandoc(inspect.getmodule(Economy).__doc__ or "").partition("Axes are written as\n")[2]
    moving = [{"field": f.name, "axes": f.metadata["shape"], "unit": f.metadata["unit"], "is": f.metadata["doc"]} for f in state_fields()]
    fixed = [
        {"field": f.name, "axes": f.metadata["shape"], "unit": f.metadata["unit"], "is": f.metadata["doc"]} for f in array_fields(Economy)
    ]
    parts = [
        "# State variables\n\n" + PRINTED,
        "Axes:\n" + axes,
        f"## Moving: `World`\n\n{markdown(moving)}",
        f"## Fixed: `Economy`\n\n{markdown(fixed)}",
    ]
    return "\n\n".join(parts) + "\n"


def _api() -> str:
    parts = ["# Python interface\n\n" + PRINTED]
    for name in PUBLIC:
        module = importlib.import_module(name)
        parts.append(f"## `{name}`\n\n{_first(module)}")
        parts += [f"### `{head}`\n\n{_doc(thing)}" for head, thing in _members(module)]
    return "\n\n".join(parts) + "\n"


def _members(module: Any) -> Iterator[tuple[str, Any]]:
    """Public classes and functions defined in a module, or in a package and shown by it, in order of definition, with their signatures."""
    found = [(n, x) for n, x in vars(module).items() if not n.startswith("_") and (inspect.isclass(x) or inspect.isfunction(x))]
    own = [(n, x) for n, x in found if x.__module__ == module.__name__]
    shown = [(n, x) for n, x in found if n in getattr(module, "__all__", ()) and x.__module__.startswith(f"{module.__name__}.")]
    for name, thing in sorted(own or shown, key=lambda item: (item[1].__module__, inspect.getsourcelines(item[1])[1])):
        plain = inspect.isclass(thing) and (is_dataclass(thing) or issubclass(thing, Exception | Enum))  # signatures that differ by Python
        yield (name if plain else f"{name}{_signature(thing)}"), thing


def _signature(thing: Any) -> str:
    try:
        return re.sub(r" at 0x[0-9a-f]+", "", str(inspect.signature(thing)).replace("'", ""))  # an address is new in every process
    except (TypeError, ValueError):
        return ""


def _first(thing: Any) -> str:
    return (inspect.getdoc(thing) or "").partition("\n")[0]


def _doc(thing: Any) -> str:
    return "```text\n" + (inspect.getdoc(thing) or "").strip() + "\n```"


def _reference() -> str:
    about = {
        "parameters": "every parameter and declared number: unit, default, range, source",
        "outcomes": "outcomes of a run and by year",
        "state": "state variables with axes and units",
        "api": "the Python interface",
    }
    return "\n".join(f"- [reference/{name}.md](reference/{name}.md): {about[name]}" for name in PAGES)


PAGES: dict[str, Callable[[], str]] = {"parameters": _parameters, "outcomes": _outcomes, "state": _state, "api": _api}
BLOCKS: dict[str, Callable[[], str]] = {"schedule": lambda: markdown(describe.rows_of("schedule")), "reference": _reference}


def main(words: list[str]) -> int:
    """Write the pages, or with --check say which are out of date."""
    folders = [word for word in words if not word.startswith("-")]
    docs = Path(folders[0] if folders else "docs")
    stale = out_of_date(docs) if "--check" in words else write(docs)
    print("\n".join(str(path) for path in stale) or "all up to date")
    return 1 if stale and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
