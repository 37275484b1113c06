"""No number of the model stands outside the registry: the syntax trees of the rooms where the model lives are searched.

Allowed are −1, 0, 1 and 2; positions (a constant index of an array, an axis); sizes of caches; arguments of `par` and
`Number`, which declare a number with unit, range and source; and the named constants listed below, each with its reason.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import ecsim

ROOT = Path(ecsim.__file__).parent
ROOMS = ("mechanisms", "kernels", "agents", "tools", "strategies", "synthesis", "documents", "permission_table")
FILES = (
    *("population.py", "model.py", "world.py", "economy.py", "rules.py", "moves.py"),
    *("baseline.py", "flows.py", "layout.py", "schedule.py", "record.py"),
)
FREE = (-1, 0, 1, 2)
DECLARE = ("par", "Number", "_subsidy", "_opens")
POSITIONS = ("axis", "maxsize", "compresslevel", "threads")

UNIT = "conversion of units, or the calendar"
GUARD = "guard against division by zero or rounding; no result depends on it"
SOLVER = "setting of a numerical method: enough rounds, small enough an error"
CUT = "cut-off far in the tail of a distribution"
MEMORY = "bound on memory; no result depends on it"
WORKERS = "who does the work; no result depends on it"
ORDER = "names of positions"
VINTAGE = "vintage of the data tables"
REPORT = "threshold of a report on a run, not of the run"
IGNORANCE = "chance of one of two outcomes of which nothing is known"
BITS = "bits of a machine integer"
GENERATOR = "the random number generator Philox 4x64-10"
SAID = "when a user is told what is waited for; no result depends on it"
DOUBLE = "arithmetic of numbers of double precision, and series of the exponential and the logarithm"

NAMED: dict[str, dict[str, str]] = {
    "*": {
        **dict.fromkeys(("TINY", "SLACK"), GUARD),
        **dict.fromkeys(("YEAR", "QUARTERS", "QUARTERS_A_YEAR", "MONTHS", "PERCENT", "PERCENT_A_YEAR", "QUARTERLY_PERCENT"), UNIT),
        **dict.fromkeys(("FIRST_YEAR", "FIRST", "LAST"), VINTAGE),
        **dict.fromkeys(("CHUNK", "STEP"), MEMORY),
        "UNKNOWN": IGNORANCE,
        "SIDES": ORDER,
    },
    "mechanisms/opening.py": {"FIXED_AXES": ORDER, "CONTENT_ROUNDS": SOLVER, "CAPITAL_ROUNDS": SOLVER, "KEPT_UP_TO": MEMORY},
    "mechanisms/qualification.py": {"DRAWS": ORDER},
    "mechanisms/permission.py": {"KEPT": MEMORY, "KEPT_UP_TO": MEMORY},
    "kernels/trade.py": {"LEONTIEF": ORDER, "CES": ORDER, "LINEAR": ORDER},
    "kernels/adaptation.py": {"LEONTIEF": ORDER, "CES": ORDER, "LINEAR": ORDER},
    "kernels/permission.py": {"CERTAIN": DOUBLE},
    "kernels/draws.py": dict.fromkeys(("MULTIPLIERS", "STEPS", "ROUNDS", "NUMBERS", "HALF", "LOW", "SPARE", "UNIT"), GENERATOR),
    "kernels/elementary.py": dict.fromkeys(
        ("PER_OCTAVE", "OCTAVE", "OCTAVE_REST", "WHOLE", "LOWEST", "HIGHEST", "ROOT", "POWERS", "ODD", "BITS", "BIAS", "FRACTION", "ONE"),
        DOUBLE,
    ),
    "kernels/jit.py": {"FEW": SAID},
    "kernels/sharing.py": {"PIECES": WORKERS},
    "schedule.py": {"SHARED_FROM": WORKERS, "MOST_THREADS": WORKERS},
    "economy.py": {"SIDE_OF_ROLE": ORDER},
    "world.py": {"OUTSIDE": REPORT},
    "memory.py": {"STRIDE": MEMORY},
    "mechanisms/trend.py": {"ROUNDS": SOLVER},
    "synthesis/fit.py": {
        "KEEP": SOLVER,
        "ROUNDS": SOLVER,
        "SEARCHES": SOLVER,
        "LEAST_FACTOR": GUARD,
        "TIGHT": SOLVER,
        "PART": SOLVER,
        "SHARE": SOLVER,
        "ABLE": SOLVER,
    },
    "synthesis/links.py": {"HEAD": SOLVER},
    "synthesis/markets.py": {"ROUNDS": SOLVER, "CLOSE": SOLVER},
    "synthesis/paths.py": {"MIDDLE": UNIT, "KNOWN_TO": VINTAGE},
    "documents/anxiety.py": {"HISTORY_START": VINTAGE},
    "documents/calendar.py": {"TERM": UNIT},
    "documents/instruments.py": {"N_INSTRUMENTS": ORDER},
    "documents/luck.py": {"CLAUSES_MAX": CUT},
    "documents/writing.py": {
        "COUNT_MAX": CUT,
        "COMMERCE": ORDER,
        "CONGRESS": ORDER,
        "OTHER": ORDER,
        "REGULATION": ORDER,
        "LAW": ORDER,
        "ORDER": ORDER,
        "STATEMENT": ORDER,
    },
    "strategies/trends.py": {"PARTS": REPORT},
    "permission_table/classes.py": {"MAX_LISTS": BITS},
}


def _files() -> list[Path]:
    return [p for room in ROOMS for p in sorted((ROOT / room).rglob("*.py"))] + [ROOT / name for name in FILES]


def bare_numbers(tree: ast.Module, named: dict[str, str]) -> Iterator[tuple[int, object]]:
    """Line and value of every number that nothing declares."""
    allowed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _called(node) in DECLARE or isinstance(node, ast.keyword) and node.arg in POSITIONS:
            allowed.update(ast.walk(node))
        elif isinstance(node, ast.Subscript) and _positions(node.slice):
            allowed.update(ast.walk(node.slice))
        elif isinstance(node, ast.ClassDef) and any(_name(base) in ("Enum", "IntEnum") for base in node.bases):
            allowed.update(child for item in node.body if isinstance(item, ast.Assign) for child in ast.walk(item))
    for item in tree.body:
        if isinstance(item, (ast.Assign, ast.AnnAssign)) and _targets(item) and _targets(item) <= set(named):
            allowed.update(ast.walk(item))
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value not in FREE and node not in allowed:
            yield node.lineno, node.value


def _positions(node: ast.AST) -> bool:
    """Whole numbers, and slices and tuples of them."""
    parts = list(ast.walk(node))
    kinds = (ast.Constant, ast.Tuple, ast.Slice, ast.UnaryOp, ast.USub, ast.Load, ast.Name)
    return all(isinstance(part, kinds) for part in parts)


def _called(node: ast.Call) -> str:
    return _name(node.func)


def _name(node: ast.AST) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _targets(item: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = item.targets if isinstance(item, ast.Assign) else [item.target]
    return {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name)}


def _named(path: Path) -> dict[str, str]:
    return {**NAMED["*"], **NAMED.get(path.relative_to(ROOT).as_posix(), {})}


@pytest.mark.parametrize("path", _files(), ids=lambda p: p.relative_to(ROOT).as_posix())
def test_a_room_holds_no_bare_number(path: Path) -> None:
    found = list(bare_numbers(ast.parse(path.read_text(encoding="utf-8")), _named(path)))
    told = "; ".join(f"line {line}: {value}" for line, value in found)
    assert not found, f"{path.name}: {told}. Move it to params/ with unit, range and source, or declare it as a Number."


def test_no_exemption_is_left_over() -> None:
    for name, constants in NAMED.items():
        if name == "*":
            continue
        assigned = {
            t
            for item in ast.parse((ROOT / name).read_text(encoding="utf-8")).body
            if isinstance(item, (ast.Assign, ast.AnnAssign))
            for t in _targets(item)
        }
        assert set(constants) <= assigned, f"{name}: no such constants: {set(constants) - assigned}"


@pytest.mark.parametrize(
    ("source", "bare"),
    [
        ("x = 0.3 * y", [0.3]),
        ("SPEED = 0.7", [0.7]),
        ("def f(speed=0.7): ...", [0.7]),
        ("x = 1.0 - y / 2.0", []),
        ("x = y[3] + y[:, 4] + y.sum(axis=3)", []),
        ("x = y[z > 3]", [3]),
        ("x = Number(0.3, 0.1, 0.5, 'assumption')", []),
        ("TINY = 1e-12", []),
    ],
)
def test_the_search_finds_bare_numbers_and_only_those(source: str, bare: list[float]) -> None:
    assert [value for _, value in bare_numbers(ast.parse(source), NAMED["*"])] == bare
