"""Hydra's configuration into typed values, and what users read when they slip."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsim import composing, config
from ecsim.data.loader import SHIPPED
from ecsim.errors import UserError
from ecsim.experiment.studies import plan_study
from ecsim.params import REGISTRY, Params
from ecsim.places import scenarios_dir

NUMBERS = [info for info in REGISTRY.values() if info.lo is not None]


def message(*overrides: str) -> str:
    """The one line that a user sees."""
    with pytest.raises(UserError) as error:
        config.compose(overrides)
    text = str(error.value)
    assert "\n" not in text
    return text


def test_nothing_overridden_gives_the_registry():
    made = config.compose()
    assert made.run.params == Params()
    assert made.run.label == "small_yard"
    assert made.chosen == frozenset()


def test_every_parameter_has_a_key_of_its_own():
    tree = config.compose().tree
    for name, info in REGISTRY.items():
        group, key = name.split(".")
        assert tree[group][key] == (list(info.default) if isinstance(info.default, tuple) else info.default)


@settings(max_examples=20)
@given(st.sampled_from(NUMBERS), st.floats(0, 1))
def test_a_parameter_takes_any_value_of_its_range(info, u):
    value = info.lo + u * (info.hi - info.lo)
    value = round(value) if isinstance(info.default, int) else value
    made = config.compose([f"{info.name}={value!r}"])
    assert made.run.params.flat()[info.name] == value
    assert info.name in made.chosen


def test_files_and_values_of_policy():
    run = config.compose(["policy=blanket", "alliance=allies", "policy.height=0.5", "policy.thresholds.lithography=-1"]).run
    assert (run.label, run.policy.height, run.policy.thresholds["lithography"]) == ("blanket", 0.5, -1.0)
    assert "JPN" in run.alliance.members


def test_the_later_of_two_overrides_counts():
    run = config.compose(["policy=blanket", "seed=3", "policy=none", "seed=4"]).run
    assert (run.label, run.seed) == ("none", 4)


def test_a_scenario_is_played_by_the_policy_that_plays_scenarios():
    run = config.compose(["scenario=dutch_exit"]).run
    assert (run.policy.kind, run.label) == ("script", "dutch_exit")
    assert config.compose(["policy=blanket"]).run.scenario is None


@pytest.mark.parametrize(
    ("override", "parts"),
    [
        ("polcy=blanket", ["unknown key 'polcy'", "did you mean 'policy'?", "accepted:", "innovation"]),
        ("policy=blankt", ["policy: unknown choice 'blankt'", "did you mean 'blanket'?", "small_yard"]),
        ("policy.heigth=1", ["unknown key 'policy.heigth'", "did you mean 'policy.height'?"]),
        ("innovation.strech=1", ["did you mean 'innovation.stretch'?", "innovation.learning"]),
        ("stretch=1", ["unknown key 'stretch'", "did you mean 'innovation.stretch'?"]),
        ("innovation.stretch=abc", ["innovation.stretch: 'abc' is not a number", "accepted: 0.4 to 1.8"]),
        ("innovation.stretch=99", ["innovation.stretch: 99 is out of range"]),
        ("time.quarters=1.5", ["time.quarters: 1.5 is not a whole number"]),
        ("power.metric=gpd", ["power.metric", "nominal", "ppp"]),
        ("policy.fdp=perhaps", ["policy.fdp: 'perhaps' will not do", "true, false"]),
        ("policy.scope=lithography", ["policy.scope: 'lithography'", "a list"]),
        ("policy.scope=[lithografy]", ["policy.scope: unknown product 'lithografy'", "did you mean 'lithography'?"]),
        ("policy.height=2", ["policy.height: '2.0' will not do", "from 0 to 1"]),
        ("seed=soon", ["seed: 'soon' will not do", "a whole number"]),
        ("seed=-1", ["seed: -1 will not do", "from 0 to"]),
        ("policy=null", ["policy: unknown choice"]),
        ("policy=small_yard,blanket", ["policy: several values", "ecsim sweep"]),
        ("experiment.draws=-1", ["experiment.draws: -1", "from 0"]),
        ("launcher.kind=cloud", ["unknown launcher 'cloud'", "processes"]),
        ("what now", ["'what now': not an override", "policy=blanket"]),
        ("hydra.nothing=1", ["configuration:", "hydra.nothing"]),
    ],
)
def test_a_slip_gives_one_line_with_what_is_accepted(override, parts):
    text = message(override)
    for part in parts:
        assert part in text


def test_hydra_shows_its_own_error_on_request(monkeypatch):
    monkeypatch.setenv("HYDRA_FULL_ERROR", "1")
    with pytest.raises(Exception, match="hydra.nothing") as error:
        config.compose(["hydra.nothing=1"])
    assert not isinstance(error.value, UserError)


def test_a_folder_of_ones_own(tmp_path):
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "mine.yaml").write_text("name: mine\nkind: doctrine\nheight: 0.7\n")
    run = config.compose(["policy=mine"], config_dir=tmp_path).run
    assert (run.label, run.policy.height) == ("mine", 0.7)


def test_a_file_of_ones_own_that_was_changed_is_read_again(tmp_path):
    mine = tmp_path / "policy" / "mine.yaml"
    mine.parent.mkdir()
    for height in (0.7, 0.75, 0.8):
        mine.write_text(f"name: mine\nkind: doctrine\nheight: {height}\n")
        assert config.compose(["policy=mine", "policy.fdp=true"], config_dir=tmp_path).run.policy.height == height


@pytest.mark.parametrize(
    "words",
    [
        ["policy=blanket", "policy.height=0.5", "policy.thresholds.lithography=-1", "seed=4"],
        ["policy.thresholds={lithography:-1,memory:2}", "policy.scope=[lithography]", "alliance.members=[JPN,NLD]"],
        ["scenario=dutch_exit", "time.quarters=12", "out='a b,c'", "experiment.policies=['small_yard policy.height=0.5',none]"],
        ["policy=endogenous", "innovation.stretch=${innovation.learning}", "innovation.learning=0.02", "hydra.verbose=true"],
        ["policy.height=0.4", "~policy.height", "policy.fdp=false"],
        ["economy=three_domains", "experiment=quick", "population.domains=[nuclear]", "response=none"],
    ],
    ids=lambda words: words[0],
)
def test_values_set_in_files_composed_before_are_as_hydra_sets_them(words, monkeypatch):
    config.compose([word for word in words if "." not in word])
    mine = config.compose(words)
    monkeypatch.setattr(composing, "_composed", composing._by_hydra)
    whole = config.compose(words)
    assert mine == whole
    assert list(mine.tree) == list(whole.tree)


@pytest.mark.parametrize("word", ["policy.height@x=1", "policy.scope.first=1", "policy.height.more=1", "innovation.stretch=${nothing}"])
def test_a_value_that_cannot_be_set_is_refused_as_hydra_refuses_it(word, monkeypatch):
    told = message(word)
    monkeypatch.setattr(composing, "_composed", composing._by_hydra)
    assert told == message(word)


def test_a_misspelt_key_in_a_file_of_ones_own(tmp_path):
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "mine.yaml").write_text("name: mine\nkind: doctrine\nheigth: 0.7\n")
    with pytest.raises(UserError, match="policy: unknown key 'heigth'; did you mean 'height'"):
        config.compose(["policy=mine"], config_dir=tmp_path)


def test_a_shipped_name_cannot_be_taken(tmp_path):
    (tmp_path / "policy").mkdir()
    (tmp_path / "policy" / "blanket.yaml").write_text("name: blanket\n")
    with pytest.raises(UserError, match="'blanket' is the name of a shipped policy"):
        config.compose(["policy=blanket"], config_dir=tmp_path)


# hashes


def test_the_hash_changes_with_what_runs_and_not_with_seed_or_label():
    base = config.compose(["policy=blanket"]).run
    assert config.compose(["policy=blanket", "seed=5"]).run.model_hash == base.model_hash
    seen = {base.model_hash}
    for override in ("policy.height=0.9", "innovation.stretch=1.1", "alliance=allies", "response=none"):
        seen.add(config.compose(["policy=blanket", override]).run.model_hash)
    assert len(seen) == 5


def test_hashes_change_with_what_is_in_files_of_the_users(tmp_path):
    mine, below, tables = tmp_path / "mine.yaml", tmp_path / "below.yaml", tmp_path / "tables"
    tables.mkdir()
    shutil.copy(SHIPPED / "company_rd.csv", tables)
    text = (scenarios_dir() / "dutch_exit.yaml").read_text(encoding="utf-8")
    mine.write_text(text.replace("base: three_country_coalition", "base: below").replace("id: D2", "id: D3"), encoding="utf-8")
    below.write_text(text, encoding="utf-8")
    files, seen = [tables / "company_rd.csv", mine, below], set()
    for changed in (None, *files):
        if changed:
            changed.write_text(changed.read_text(encoding="utf-8") + "\n", encoding="utf-8")
        plan, _ = plan_study("run", ["policy=history", f"scenario.file={mine}", f"population.tables={tables}"])
        seen |= {plan.plan_hash, plan.variants[0].config.model_hash}
    assert list(plan.own_files()) == [str(file) for file in files] and len(seen) == 8


def test_the_hash_is_the_same_in_another_process_and_after_pickling():
    run = config.compose(["policy=small_yard", "innovation.stretch=1.2"]).run
    assert pickle.loads(pickle.dumps(run)) == run
    code = "from ecsim import config; print(config.compose(['policy=small_yard', 'innovation.stretch=1.2']).run.model_hash)"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": _source(), "PYTHONHASHSEED": "77"}
    )
    assert printed.stdout.strip() == run.model_hash


def _source() -> str:
    return str(Path(config.__file__).parents[1])


# grids


def test_a_grid_is_what_composing_each_point_gives():
    words = ["policy=small_yard,blanket", "alliance.participation=range(0,1,0.5)", "innovation.stretch=0.5,1.5", "seed=9"]
    made = config.grid(words)
    assert len(made.points) == 8
    for run, point in made.points:
        alone = config.compose([f"{k}={v}" for k, v in point.items()] + ["seed=9"])
        assert run == alone.run
        assert made.settings.chosen >= {"innovation.stretch"}


@pytest.mark.parametrize(
    ("word", "values"),
    [
        ("policy=choice(none,blanket)", ["none", "blanket"]),
        ("policy=glob(bl*)", ["blanket"]),
        ("policy=glob(*,exclude=[custom,history,none,small_yard,endogenous])", ["blanket"]),
        ("policy.height=range(0,1.01,0.5)", [0.0, 0.5, 1.0]),
        ("policy.height=sort(0.9,0.1)", [0.1, 0.9]),
        ("policy.fdp=true,false", [True, False]),
        ("alliance.members=[JPN],[JPN,NLD]", [("JPN",), ("JPN", "NLD")]),
        ("policy.thresholds.lithography=1,2", [1.0, 2.0]),
        ("seed=range(3,6)", [3, 4, 5]),
    ],
)
def test_sweeps_in_hydras_grammar(word, values):
    made = config.grid([word])
    key = word.split("=")[0]

    def seen(run):
        value = run.label if key == "policy" else run
        for name in key.split(".") if key != "policy" else []:
            value = value[name] if isinstance(value, dict) else getattr(value, name)
        return value

    assert [seen(run) for run, _ in made.points] == values


def test_an_interval_is_for_a_design():
    made = config.grid(["policy=none,blanket", "innovation.stretch=interval(0.5,1)"])
    assert made.intervals == {"innovation.stretch": (0.5, 1.0)}
    assert len(made.points) == 2
    with pytest.raises(UserError, match=r"an interval is filled by a design; accepted with: experiment.draws=64"):
        plan_study("sweep", ["innovation.stretch=interval(0.5,1)"])


@pytest.mark.parametrize("word", ["experiment.draws=1,2", "launcher=local,serial", "out=a,b", "experiment=quick,thorough"])
def test_what_belongs_to_the_study_is_not_swept(word):
    with pytest.raises(UserError, match="belongs to the whole study and cannot be swept"):
        config.grid([word])


def test_a_swept_parameter_stands_whatever_is_drawn():
    plan, _ = plan_study("sweep", ["innovation.stretch=0.5,1.5", "experiment.draws=4", "time.quarters=4"])
    drawn = {job.config.params.innovation.stretch for job in plan.jobs()}
    assert drawn == {0.5, 1.5}
    assert len({job.config.params.permission.leak_scale for job in plan.jobs()}) == 4


def test_a_swept_seed_is_the_seed_of_the_run():
    plan, _ = plan_study("sweep", ["seed=range(3,6)", "time.quarters=4"])
    assert [job.config.seed for job in plan.jobs()] == [3, 4, 5]
    with pytest.raises(UserError, match="seed: swept beside draws"):
        plan_study("sweep", ["seed=1,2", "experiment.seeds=2"])


def test_a_grid_checks_every_value():
    with pytest.raises(UserError, match="innovation.stretch: 99 is out of range"):
        config.grid(["innovation.stretch=1,99"])
    with pytest.raises(UserError, match="did you mean 'policy.height'"):
        config.grid(["policy.heigth=0,1"])
    with pytest.raises(UserError, match="two numbers, the smaller first"):
        config.grid(["innovation.stretch=interval(1,0)"])
    with pytest.raises(UserError, match="nothing matches"):
        config.grid(["policy=glob(zz*)"])
    with pytest.raises(UserError, match="shuffle makes no difference"):
        config.grid(["policy.height=shuffle(0,1)"])
    with pytest.raises(UserError, match=r"policy.height: 'range\(1,0\)' is empty; accepted: values such as"):
        config.grid(["policy.height=range(1,0)"])
    with pytest.raises(UserError, match="~response: every run has a response; accepted: response=counter, "):
        config.grid(["~response", "policy=none,blanket"])


# plans of the commands


def labels(command: str, *words: str) -> list[str]:
    return [v.config.label for v in plan_study(command, words)[0].variants]


def test_compare_takes_policies_scenarios_and_policies_with_overrides():
    wanted = "experiment.policies=[none,dutch_exit,'small_yard alliance=allies','small_yard policy.height=0.5']"
    assert labels("compare", wanted) == ["none", "dutch_exit", "small_yard+allies", "small_yard:height=0.5"]


def test_overrides_of_compare_reach_every_policy():
    plan, _ = plan_study("compare", ["time.quarters=8", "innovation.stretch=1.3", "experiment=quick"])
    jobs = list(plan.jobs())
    assert {job.config.params.time.quarters for job in jobs} == {8}
    assert {job.config.params.innovation.stretch for job in jobs} == {1.3}
    assert len({job.config.params.innovation.embodied_kappa for job in jobs}) == 8


def test_a_run_takes_the_seed_as_its_own():
    plan, _ = plan_study("run", ["seed=42"])
    assert [job.config.seed for job in plan.jobs()] == [42]


def test_a_sweep_names_its_points_and_keeps_swept_values_as_columns():
    plan, _ = plan_study("sweep", ["policy=none,small_yard", "alliance.participation=0,0.5"])
    assert [v.config.label for v in plan.variants] == [
        "none:participation=0", "none:participation=0.5", "small_yard:participation=0", "small_yard:participation=0.5",
    ]  # fmt: skip
    assert [v.columns["alliance.participation"] for v in plan.variants] == [0, 0.5, 0, 0.5]


def test_the_factorial_has_every_corner_and_shares_its_replicates():
    plan, made = plan_study("factorial", [])
    corners = [v for v in plan.variants if "scope" in v.columns]
    assert len({tuple(v.columns.items()) for v in corners}) == len(corners) == 16
    for v in corners:
        assert v.config.policy.fdp == (v.columns["reach"] == "fdp")
        assert v.config.alliance.active == (v.columns["coalition"] == "allies")
        assert bool(v.config.policy.scope) == (v.columns["scope"] == "narrow")
    assert len({v.config.policy.height for v in corners}) == 2
    families = {(v.columns["family"], v.columns["intensity"]) for v in plan.variants if "family" in v.columns}
    assert families == {(f, h) for f in ("small_yard", "blanket") for h in made.experiment.heights}
    assert {"none", "small_yard", "blanket", "chips_only"} <= {v.config.label for v in plan.variants}


@pytest.mark.parametrize("heights", ["[]", "[0.5]"])
def test_a_factorial_wants_heights_to_compare_at_equal_cost(heights):
    with pytest.raises(UserError, match=r"^experiment\.heights: .* will not do for a factorial; accepted: two or more numbers"):
        plan_study("factorial", [f"experiment.heights={heights}"])


@pytest.mark.parametrize(
    ("command", "words", "text"),
    [
        ("compare", ["policy=blanket"], "runs several policies"),
        ("compare", ["policies=[none,blanket]", "response=none,first_paper"], "a list has no part in them"),
        ("compare", ["policy=none,blanket", "experiment.design=morris"], "depend on each other"),
        ("compare", ["experiment.policies=[none,nothing]"], "unknown choice 'nothing'"),
        ("compare", ["experiment.policies=[none,none]"], "named twice"),
        ("compare", ["experiment.policies=['small_yard policy.height=0.5','small_yard  policy.height=0.5']"], "two policies are called"),
        ("run", ["policy=blanket", "scenario=dutch_exit"], "plays no scenario"),
        ("sweep", ["policy=blanket"], "nothing is swept"),
        ("fly", [], "unknown command 'fly'"),
    ],
)
def test_studies_that_make_no_sense(command, words, text):
    with pytest.raises(UserError, match=text):
        plan_study(command, words)


@pytest.mark.parametrize(
    ("word", "match"),
    [
        ("experiment.uncertain=[power.metric]", "power.metric has no range"),
        ("experiment.uncertain=[innovation.strech]", "did you mean 'innovation.stretch'"),
        ("experiment.uncertain=['zz.*']", "nothing with a range matches"),
        ("experiment.design=sobel", "did you mean 'sobol'"),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_anything_runs(word, match):
    with pytest.raises(UserError, match=match):
        plan_study("compare", [word])
