"""The compiled engine against the reference: the same world to rounding, quarter after quarter, under any policy."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import tiny
from ecsim import api, population, schedule
from ecsim.arguments import Names
from ecsim.economy import Array
from ecsim.errors import UserError
from ecsim.kernels import draws, elementary, kept, rules
from ecsim.kernels.table import KERNELS
from ecsim.mechanisms.opening import open_world
from ecsim.mechanisms.permission import compile_with, listed_share
from ecsim.params import Params
from ecsim.permission_table import entries_of
from ecsim.record import TRACKS
from ecsim.rules import Measure, Rule
from ecsim.schedule import CONSEQUENCES, PERCEPTION, played_by, quarter_of
from ecsim.streams import Streams
from ecsim.world import World, state_fields
from town import town

CLOSE = 1e-10
LEAST = 1e-4  # differences are taken relative to the largest entry of an array, or to this where all are nil but for rounding
ARRAYS = tuple(f.name for f in state_fields())


def apart(a: World, b: World) -> dict[str, float]:
    """Largest difference of each array, relative to its largest entry, where above rounding."""
    found = {}
    for name in ARRAYS:
        x, y = getattr(a, name), getattr(b, name)
        np.testing.assert_array_equal(np.isnan(x), np.isnan(y), err_msg=name)
        if x.size and not np.isnan(x).all():
            difference = float(np.nanmax(np.abs(x * 1.0 - y)) / max(float(np.nanmax(np.abs(y))), LEAST))
            if difference > CLOSE:
                found[name] = difference
    return found


def step(w: World, engine: str, threads: int = 1) -> None:
    """A quarter as a run plays it."""
    for play in sum(played_by(engine, threads), ()):
        play(w)
    w.quarter += 1


def trouble(w: World) -> None:
    """Controls of every kind, growing with time."""
    terms: dict[str, Any] = {"tool": "t", "issuer": "USA", "destinations": ("CHN",)}
    book = w.book
    chip = w.economy.products[1:4]
    if w.quarter == 2:
        book.rules["a"] = Rule(id="a", products=chip, threshold=-0.5, denial=0.9, delay=1.0, **terms)
        book.measures["tariff"] = Measure(id="tariff", tool="t", issuer="USA", channel="tariff", targets=("CHN",), size=0.25)
    if w.quarter == 4:
        book.adoption["JPN", "USA"] = 0.7
        book.parties["list"] = set(np.flatnonzero(w.economy.owner == 1)[::2].tolist())
        book.parts["list"] = {min(book.parties["list"]): 0.5}
        book.rules["b"] = Rule(id="b", fdp=True, threshold=-1.0, sliding=True, denial=0.8, **terms)
        book.rules["c"] = Rule(id="c", party_list="list", de_minimis=0.25, delay=2.0, **terms)
        book.rules["d"] = Rule(id="d", tool="t", issuer="CHN", destinations=("USA",), denial=0.4, adoptable=False)
    if w.quarter == 6:
        for channel in ("talent", "investment", "finance", "market_access", "enforcement"):
            book.measures[channel] = Measure(id=channel, tool="t", issuer="USA", channel=channel, targets=("CHN",), size=0.3)
        for channel in ("subsidy", "stockpile", "foresight"):
            book.measures[channel] = Measure(id=channel, tool="t", issuer="CHN", channel=channel, size=0.5)
        book.measures["home"] = Measure(id="home", tool="t", issuer="CHN", channel="preference", size=0.4)
    if w.quarter == 14:
        del book.rules["b"], book.measures["tariff"]
    book.touch()


VARIANTS: list[dict[str, Any]] = [
    {},
    {"production.form": "leontief", "innovation.embodied_kappa": 0.0},
    {"production.form": "ces", "production.substitution": 0.4},
    {"production.form": "linear", "innovation.ceiling": False},
    {"adaptation.enabled": False, "innovation.catch_up": False},
]


@pytest.mark.parametrize("values", VARIANTS, ids=lambda values: "-".join(values) or "default")
@pytest.mark.parametrize("place", [pytest.param("five firms", marks=pytest.mark.slow), "town"])  # the first compiles the model anew
def test_engines_agree_on_small_economies_in_trouble(place: str, values: dict[str, Any]) -> None:
    p = (tiny.quiet() if place == "five firms" else Params()).with_values({"adaptation.qualify_hazard": 0.3} | values)
    e = tiny.economy(p) if place == "five firms" else town()
    worlds = {engine: open_world(e, p, 5) for engine in ("compiled", "reference")}
    for _ in range(20):
        for engine, w in worlds.items():
            trouble(w)
            step(w, engine)
        assert not apart(worlds["compiled"], worlds["reference"])


@pytest.mark.parametrize("policy", ["none", "small_yard", "blanket", "history", "endogenous"])
def test_engines_agree_under_every_policy(policy: str) -> None:
    models = {
        engine: api.build_model(policy, "time.quarters=24", "population.n_firms=200", f"time.engine={engine}")
        for engine in ("compiled", "reference")
    }
    for _ in range(24):
        for m in models.values():
            m.step()
        assert not apart(models["compiled"].world, models["reference"].world)


def test_mechanisms_without_a_kernel_run_as_they_are() -> None:
    perception, consequences = quarter_of("compiled")
    assert [m.name for m in (*perception, *consequences)] == [m.name for m in (*PERCEPTION, *CONSEQUENCES)]
    assert {m.name for m in (*PERCEPTION, *CONSEQUENCES)} >= set(KERNELS)
    for m, mine in zip(CONSEQUENCES, consequences, strict=True):
        assert mine.run is KERNELS.get(m.name, m.run)
        assert (mine.reads, mine.writes, mine.doc) == (m.reads, m.writes, m.doc)


def test_mechanisms_are_joined_into_few_calls() -> None:
    assert len(sum(played_by("compiled"), ())) < len(PERCEPTION + CONSEQUENCES) / 4


def test_kernels_and_their_rows_may_be_done_in_any_order_that_may_come() -> None:
    """To the last bit, under every variant of the model: each waits for what it reads and writes, a piece of rows for no other piece."""
    script = Path(__file__).parent / "shuffled.py"
    path = os.pathsep.join(p for p in sys.path if p)
    done = subprocess.run(
        [sys.executable, str(script)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1", "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["same"] * len(VARIANTS)


@pytest.mark.slow
@pytest.mark.parametrize("threads", [2, 3])
def test_threads_that_share_out_rows_do_what_one_call_does(threads: int) -> None:
    """To the last bit, with fewer rows than pieces too; one call is held to the reference above, in the same trouble."""
    sharing, alone = open_world(town(), Params(), 5), open_world(town(), Params(), 5)
    for _ in range(12):
        for w in (sharing, alone):
            trouble(w)
        step(sharing, "compiled", threads)
        step(alone, "compiled")
        for name in ARRAYS:
            np.testing.assert_array_equal(getattr(sharing, name), getattr(alone, name), err_msg=name)


@pytest.mark.slow
def test_a_large_run_is_the_same_by_any_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    made = []
    for fewest in (10**9, 1):
        monkeypatch.setattr(schedule, "SHARED_FROM", fewest)
        monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
        model = api.build_model("history", "population.n_firms=4000", "time.quarters=20")
        assert schedule.threads_for(model.economy.n_firms) == (1 if fewest > 1 else 2)
        made.append(model.run())
    pd.testing.assert_frame_equal(made[0].series, made[1].series, check_exact=True)
    pd.testing.assert_frame_equal(made[0].events, made[1].events, check_exact=True)


def test_small_runs_and_workers_of_a_study_have_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(64)), raising=False)
    monkeypatch.setattr("ecsim.cores.quota", lambda _: np.inf)
    assert schedule.threads_for(400) == 1
    assert schedule.threads_for(10**6) == schedule.MOST_THREADS
    monkeypatch.setattr(schedule, "parent_process", object)
    assert schedule.threads_for(10**6) == 1
    monkeypatch.setenv("ECSIM_THREADS", "3")
    assert (schedule.threads_for(10**6), schedule.threads_for(400)) == (3, 1)
    for bad in ("0", "two", "-1", ""):
        monkeypatch.setenv("ECSIM_THREADS", bad)
        with pytest.raises(UserError, match=r"^ECSIM_THREADS: .*; accepted: a whole number of threads, 1 or more$"):
            schedule.threads_for(400)


@pytest.mark.parametrize("name", sorted(KERNELS))
def test_each_kernel_says_what_its_mechanism_says(name: str) -> None:
    mechanism = next(m for m in (*PERCEPTION, *CONSEQUENCES) if m.name == name)
    assert (KERNELS[name].__doc__ or "").strip() == mechanism.doc


def test_both_engines_record_the_same() -> None:
    runs = {}
    for engine in ("compiled", "reference"):
        m = api.build_model("history", "time.quarters=16", "population.n_firms=200", f"time.engine={engine}")
        runs[engine] = m.run()
    for name, x in runs["reference"].record.tracks.items():
        np.testing.assert_allclose(runs["compiled"].record.tracks[name], x, rtol=1e-9, atol=1e-9, err_msg=name)
    np.testing.assert_allclose(runs["compiled"].trade, runs["reference"].trade, rtol=1e-9, atol=1e-9)
    assert runs["reference"].trade.any(axis=(1, 2, 3)).all()


@pytest.mark.parametrize("policy", ["history", "endogenous"])
def test_what_follows_from_the_rule_book_is_recorded_as_it_stands(policy: str) -> None:
    """It is read again only where the book or the parameters changed."""
    m = api.build_model(policy, "time.quarters=24", "population.n_firms=200")
    seen = set()
    while not m.finished:
        if m.quarter == 12:
            m.world.params = m.world.params.with_values({"government.listed_before": 150.0})
        m.step()
        for track in TRACKS:
            if track.of_book:
                noted = m.recorder.tracks[track.name][m.quarter - 1]
                assert (noted == track.read(m.world)).all(), track.name
                seen.add((track.name, noted.tobytes()))
    assert len({name for name, _ in seen}) == 4 and len(seen) > 12


def test_kernels_are_compiled_in_memory_where_no_folder_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    from ecsim.kernels import jit

    monkeypatch.setattr(jit.Kept._impl_class, "_locator_classes", [])  # so numba finds no folder
    with pytest.raises(RuntimeError, match="cannot cache function"):
        jit.Kept(lambda x: x + 1)
    assert jit.alone(lambda x: x + 1)(2) == 3


def test_documents_are_the_same_to_the_last_bit_by_either_engine() -> None:
    from ecsim.documents.luck import Luck
    from ecsim.documents.process import DocumentProcess
    from ecsim.documents.writing import PARTS as reference
    from ecsim.kernels.papers import PARTS as compiled

    runs = {}
    for name, parts in (("reference", reference), ("compiled", compiled)):
        process, luck = DocumentProcess(Params(), parts), Luck(range(30))
        state = process.start(30, 0.4)
        anxiety, lobby = np.linspace(0.1, 1.0, 30), np.linspace(1.0, 0.0, 30)
        batches = [process.step(state, anxiety, lobby, luck, quarter, 0.8) for quarter in range(12)]
        runs[name] = [state.stock, state.activity, *(x for b in batches for x in vars(b).values())]
    assert len(runs["reference"][2]) > 0
    for x, y in zip(runs["reference"], runs["compiled"], strict=True):
        np.testing.assert_array_equal(x, y)
        assert x.dtype == y.dtype


@pytest.mark.parametrize("seed", [1, 2])
def test_what_governments_see_and_weigh_is_the_same_to_the_last_bit_by_either_engine(seed: int) -> None:
    from dataclasses import fields, replace

    from ecsim.params import REFERENCE
    from ecsim.strategies import accession, choice, listing, outlook, yard
    from ecsim.strategies.allies import levels
    from ecsim.strategies.bargain import bargain
    from ecsim.strategies.government import Government

    m = api.build_model("endogenous", "alliance=endogenous", "time.quarters=40", "population.n_firms=200", f"seed={seed}")
    government = next(p for p in m.players if isinstance(p, Government))
    plain = replace(m.params, time=replace(m.params.time, engine=REFERENCE))
    met = 0
    while not m.finished:
        m.step()
        w = m.world
        if m.finished or government.docket is None:
            continue
        within, past = np.linspace(0.0, 1.0, w.economy.n_products), np.zeros(w.economy.n_states)
        wanted = accession.package(w.economy, accession.rules_offered(w.book, "USA", "CHN"))
        found = []
        for w.params in (m.params, plain):
            seen = outlook.observe(w)
            over = yard.survey(w, seen, government.docket.theta, levels(w), within)
            why = accession.reasons(w, seen, wanted, levels(w), past)
            docket, value = government.docket, yard.worth(w.economy, w.params.government.emerging, w.params.government.fade)
            lists = listing.prospects(w, seen, over.home, value, docket.listed, docket.counted)
            scale = choice.Scale.of(w, seen, bargain(w.quarter, w.params.government, 1.0), 1.0)
            options = choice.Options.of(w, scale, docket, over.change, lists)
            weighed = lists.valid, lists.denial, lists.revenue, np.array(options.sizes), options.valid, options.utility
            told = [getattr(x, f.name) for x in (seen, seen.ordered) for f in fields(x)]
            found.append([*told, *vars(over.change).values(), over.threshold, over.home, *weighed, *vars(why).values()])
            assert sum(options.sizes) == len(options.utility)
        w.params = m.params
        for x, y in zip(*found, strict=True):
            np.testing.assert_array_equal(x, y)
        met += not wanted.empty
    assert met > 5


@pytest.mark.parametrize(("own", "true", "lo", "hi"), [(elementary.exps, np.exp, -708.0, 709.0), (elementary.logs, np.log, 1e-300, 1e300)])
def test_exponentials_and_logarithms_are_those_of_a_longer_number(
    own: Callable[[Array], None], true: Callable[[Array], Array], lo: float, hi: float
) -> None:
    rng = np.random.default_rng(1)
    near = rng.normal(0.0, 1.0, 4000) if lo < 0 else np.exp(rng.normal(0.0, 1.0, 4000))
    far = rng.uniform(lo, hi, 4000) if lo < 0 else np.exp(rng.uniform(np.log(lo), np.log(hi), 4000))
    x = np.concatenate([near, far, 1.0 + rng.normal(0.0, 1e-7, 1000), [lo, hi, 1.0, 2.0]])
    got = x.copy()
    own(got)
    expected = true(x.astype(np.longdouble))
    units = np.abs(got - expected) / np.maximum(np.spacing(np.abs(expected).astype(float)), 1e-320)
    assert units.max() <= 3.0  # one more where longer numbers are no longer


def test_what_has_no_logarithm_has_none() -> None:
    x = np.array([0.0, -1.0, np.nan, np.inf])
    elementary.logs(x)
    assert np.isnan(x).all()


def test_exponentials_beyond_what_a_number_holds_stay_finite() -> None:
    x = np.array([-np.inf, -1e9, 0.0, -0.0, 1e9, np.inf])
    elementary.exps(x)
    assert (x[:2] < 1e-300).all()
    assert (x[2:4] == 1.0).all()
    assert (x[4:] > 1e300).all()
    assert np.isfinite(x).all()


@pytest.mark.parametrize("seed", [0, 7, 2**64 - 1])
def test_single_numbers_of_a_stream_are_those_drawn_at_length(seed: int) -> None:
    streams = Streams(seed)
    for quarter in (0, 3, 71):
        drawn = streams.uniform("qualify", quarter, 23)
        assert [draws.uniform(streams.key("qualify"), quarter, i) for i in range(23)] == drawn.tolist()


@pytest.mark.parametrize("size", [(22, 21), (5000,)])
def test_draws_over_an_array_are_those_of_the_stream_however_often_they_are_made(size: tuple[int, ...]) -> None:
    seen = np.empty(size)
    for seed, quarter in [(1, 0), (1, 1), (2, 0), *((3, q) for q in range(600)), (1, 0), (1, 1)]:  # more than are kept
        Streams(seed).fill_normal("progress", quarter, seen)
        np.testing.assert_array_equal(seen, Streams(seed).normal("progress", quarter, size))
        seen[:] = np.nan  # what is done to the array does not come back


def test_draws_are_as_many_as_the_economy_has_firms_whichever_was_before() -> None:
    names, params = Names(("shock_progress",)), Params()
    small, large = (population.build(params.with_values({"population.n_firms": n})) for n in (200, 300))
    w = open_world(small, params, 1)
    for e in (small, large, small):
        w.economy = e
        (drawn,) = w.arguments.of(w, names)
        np.testing.assert_array_equal(drawn, w.streams.normal("progress", w.quarter, e.n_firms))


@pytest.mark.parametrize("policy", ["none", "blanket", "history", "endogenous"])
def test_both_engines_compile_the_same_table(policy: str) -> None:
    model = api.build_model(policy, "time.quarters=24")
    model.run()
    w = model.world
    compile_with(w, rules.entries_of, rules.listed_share)
    compiled = w.table
    w.compiled, w.compiled_at = (), None
    compile_with(w, entries_of, listed_share)
    reference = w.table
    assert compiled is not reference
    np.testing.assert_array_equal(compiled.pair, reference.pair)
    np.testing.assert_array_equal(compiled.exposed, reference.exposed)
    pair = compiled.pair[compiled.pair >= 0]
    assert len(pair) > 0 or policy == "none"
    for cell in range(w.economy.n_cells):
        for ours, theirs in zip(compiled.says(pair, np.full(len(pair), cell)), reference.says(pair, np.full(len(pair), cell)), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-12)


def test_what_is_compiled_is_known_by_all_that_it_is_made_of(tmp_path: Path) -> None:
    package = kept.HERE.parent
    known = {path for form in kept.SOURCES for path in package.glob(form)}
    for path in package.glob("kernels/*.py"):
        for line in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(line, ast.ImportFrom) and str(line.module).startswith("ecsim."):
                places = [package.joinpath(*str(line.module).split(".")[1:])]
                places += [places[0] / alias.name for alias in line.names]
                found = [place for place in places if place.with_suffix(".py") in known or place / "__init__.py" in known]
                assert found or str(line.module) == "ecsim.kernels", (path.name, line.module)
    shutil.copytree(package, tmp_path / "ecsim", ignore=shutil.ignore_patterns("__pycache__", "game", "report"))
    assert kept.digest_of(tmp_path / "ecsim") == kept.digest_of_sources()
    group = tmp_path / "ecsim" / "params" / "trade.py"
    lines = group.read_text(encoding="utf-8").splitlines()
    speed, markup = (next(i for i, line in enumerate(lines) if name in line) for name in ("price_speed: float", "price_markup: float"))
    lines.insert(markup, lines.pop(speed))
    group.write_text("\n".join(lines), encoding="utf-8")
    assert kept.digest_of(tmp_path / "ecsim") != kept.digest_of_sources()


def test_where_compiled_kernels_are_kept_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from numba import config

    from ecsim.kernels import jit

    beside = [""] if os.access(kept.HERE, os.W_OK) else []  # else numba keeps them in a folder of the user's
    for place in (*beside, str(tmp_path)):
        monkeypatch.setenv("NUMBA_CACHE_DIR", place)
        monkeypatch.setattr(config, "CACHE_DIR", place)
        assert jit.Kept(jit.joined).cache_path == str(kept.folder())
