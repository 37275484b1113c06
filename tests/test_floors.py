"""Imports only go down: a room may use the rooms of its own floor and of those below, never of those above."""

from __future__ import annotations

import ast
from pathlib import Path

import ecsim

SOURCE = Path(ecsim.__file__).parent

FLOORS: tuple[frozenset[str], ...] = tuple(
    frozenset(rooms.split())
    for rooms in (
        "errors places",
        "params streams rules moves move_text institutes",
        "arguments economy layout baseline permission_table world data population synthesis",
        "mechanisms kernels documents tools",
        "agents strategies",
        "schedule domains record detail outcomes yearly flows model impulse",
        "convert grammar config experiment progress importers",
        "analysis",
        "describe describe_policy",
        "report",
        "game",
        "calibration",
        "api plot summary verdicts answers staged calibrating longrun reference cli __init__ __main__",
    )
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
KNOWS = {
    "mesa": {"model", "agents"},
    "omegaconf": {"config", "cli"},
    "hydra": {"grammar", "config", "cli"},
    "matplotlib": {"report", "plot", "analysis", "longrun"},
    "nicegui": {"game"},
    "fastapi": {"game"},
    "uvicorn": {"game"},
}


def rooms() -> dict[Path, str]:
    return {path: path.relative_to(SOURCE).parts[0].removesuffix(".py") for path in sorted(SOURCE.rglob("*.py"))}


def imports(path: Path, *, for_types: bool) -> set[str]:
    """Modules that a file imports; those under TYPE_CHECKING only when asked for."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for child in ast.walk(node)
    }
    names: set[str] = set()
    for node in ast.walk(tree):
        if node in hidden and not for_types:
            continue
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
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
