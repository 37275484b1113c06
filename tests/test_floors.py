"""Imports only go down: a room may use the rooms of its own floor and of those below, never of those above."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import ecsim

SOURCE = Path(ecsim.__file__).parent

FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(rooms.split())
    for rooms in (
        "errors places version cores locks",
        "params streams rules moves shown move_text institutes",
        "arguments economy layout memory baseline permission_table world data population synthesis",
        "mechanisms kernels documents tools",
        "agents strategies",
        "schedule domains longform record detail outcomes yearly flows course model impulse",
        "convert grammar composing config experiment progress importers",
        "analysis",
        "describe describe_policy describe_zh",
        "report",
        "game",
        "calibration",
        "api plot summary verdicts answers endings staged calibrating longrun reference cli __init__ __main__",
    )
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
ONE_THING: tuple[tuple[str, ...], ...] = (  # parts that may name each other's types
    ("ecsim.model", "ecsim.agents."),
    ("ecsim.world", "ecsim.arguments"),
    ("ecsim.game.web.",),
)
KNOWS = {
    "mesa": {"model", "agents"},
    "omegaconf": {"composing"},
    "hydra": {"grammar", "composing", "config", "cli"},
    "matplotlib": {"report", "plot", "analysis", "longrun"},
    "nicegui": {"game"},
    "fastapi": {"game"},
    "uvicorn": {"game"},
}


def rooms() -> dict[Path, str]:
    return {path: path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in sorted(SOURCE.rglob("*.py"))}


@cache
def imported(path: Path, *, for_types: bool) -> tuple[ast.Import | ast.ImportFrom, ...]:
    """Statements by which a file imports; those under TYPE_CHECKING only when asked for."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
    }
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]
    return tuple(node for node in found if for_types or node not in hidden)


def imports(path: Path, *, for_types: bool) -> set[str]:
    """Modules that a file imports."""
    names: set[str] = set()
    for node in imported(path, for_types=for_types):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)} if node.module == "ecsim" else {node.module}
    return names


def test_every_room_has_a_floor() -> None:
    assert set(rooms().values()) == set(FLOOR_OF), set(rooms().values()) ^ set(FLOOR_OF)


def test_imports_only_go_down() -> None:
    wrong = []
    for path, room in rooms().items():
        for name in imports(path, for_types=False):
            parts = name.split(".")
            if parts[0] == "ecsim" and len(parts) > 1 and parts[1] in FLOOR_OF and FLOOR_OF[parts[1]] > FLOOR_OF[room]:
                wrong.append(f"{path.relative_to(SOURCE)} imports {name}")
    assert not wrong, "\n".join(sorted(wrong))


def modules() -> dict[str, Path]:
    """Dotted names of all files."""
    return {".".join(("ecsim", *p.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__"): p for p in rooms()}


def circles(*, for_types: bool) -> set[frozenset[str]]:
    """Sets of modules that import each other, directly or by way of others."""
    files = modules()
    graph = {m: _named(p, files, for_types=for_types) - {m} for m, p in files.items()}
    reach: dict[str, set[str]] = {}
    for start in graph:
        seen, queue = set[str](), [start]
        while queue:
            more = graph[queue.pop()] - seen
            seen |= more
            queue += more
        reach[start] = seen
    return {frozenset(n for n in reach[m] if m in reach[n]) for m in graph if m in reach[m]}


def _named(path: Path, files: dict[str, Path], *, for_types: bool) -> set[str]:
    """The modules themselves that a file imports, where `imports` gives the package of `from package import module`."""
    found: set[str] = set()
    for node in imported(path, for_types=for_types):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        else:
            found |= {name if (name := f"{node.module}.{alias.name}") in files else str(node.module) for alias in node.names}
    return found & set(files)


def test_no_import_closes_a_circle() -> None:
    assert circles(for_types=False) == set()


def test_only_parts_of_one_thing_know_each_others_types() -> None:
    found = circles(for_types=True)
    wrong = [sorted(c) for c in found if not any(c <= {m for m in modules() if m.startswith(thing)} for thing in ONE_THING)]
    assert not wrong, wrong


def test_libraries_stay_in_their_rooms() -> None:
    wrong = []
    for path, room in rooms().items():
        for name in imports(path, for_types=False):
            library = name.split(".")[0]
            if library in KNOWS and room not in KNOWS[library]:
                wrong.append(f"{path.relative_to(SOURCE)} imports {name}")
    assert not wrong, "\n".join(sorted(wrong))


def test_only_pages_know_the_web() -> None:
    wrong = [
        f"{path.relative_to(SOURCE)} imports {name}"
        for path, room in rooms().items()
        if room == "game" and path.parent.name != "web"
        for name in imports(path, for_types=False)
        if name.split(".")[0] in ("nicegui", "fastapi", "starlette", "uvicorn")
        or (name.startswith("ecsim.game.web") and path.name != "command.py")
    ]
    assert not wrong, wrong
