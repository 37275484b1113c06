"""Set-up: lock files, dev script, and a wheel that works in an empty folder."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from pathlib import Path

import pytest
from packaging.requirements import Requirement

TOP = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt")


def entries(lock: str) -> list[tuple[Requirement, int]]:
    """Requirements of a lock file, each with its number of hashes."""
    text = (TOP / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.strip() for line in text.splitlines() if line.strip() and not line.strip().startswith("#")]
    return [(Requirement(line.split("--hash")[0].strip()), line.count("--hash=sha256:")) for line in lines]


def pinned(lock: str, python: str) -> dict[str, str]:
    """Name -> version that a lock gives on a Python."""
    where = {
        "python_version": python,
        "python_full_version": f"{python}.1",
        "sys_platform": "linux",
        "platform_system": "",
        "os_name": "posix",
    }
    chosen: dict[str, str] = {}
    for requirement, _ in entries(lock):
        if requirement.marker is None or requirement.marker.evaluate(where):
            assert requirement.name not in chosen, f"{requirement.name} twice on {python}"
            chosen[requirement.name] = str(requirement.specifier)
    return chosen


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_is_pinned_and_hashed_and_no_host_is_named(lock):
    text = (TOP / lock).read_text(encoding="utf-8")
    assert not re.search(r"https?:|file:|--(extra-)?index-url|--find-links|(^|\s)-[if]\s|/home/|/root/", text, re.M)
    for requirement, hashes in entries(lock):
        assert re.fullmatch(r"==[^*,]+", str(requirement.specifier)), requirement
        assert hashes > 0, requirement


@pytest.mark.parametrize(("python", "mesa"), [("3.11", "==3.3"), ("3.12", "==3.5"), ("3.13", "==3.5")])
@pytest.mark.parametrize("lock", LOCKS)
def test_each_python_gets_the_mesa_that_it_can_use(lock, python, mesa):
    assert pinned(lock, python)["mesa"].startswith(mesa)


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_two_locks_agree_and_hold_what_the_project_asks_for(python):
    use, test = pinned(LOCKS[0], python), pinned(LOCKS[1], python)
    assert use.items() <= test.items()
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for wanted in map(Requirement, project["dependencies"]):
        assert wanted.specifier.contains(use[wanted.name].removeprefix("=="))
    assert not {"pytest", "ruff", "playwright"} & use.keys()


def test_the_dev_script_tells_what_it_can_do():
    told = subprocess.run([TOP / "dev", "--help"], capture_output=True, text=True, check=True).stdout
    for word in ("./dev compare", "./dev test", "PYTHON="):
        assert word in told


def test_the_dev_script_refuses_a_python_that_is_none(tmp_path):
    env = {**os.environ, "PYTHON": "/bin/false", "VENV": str(tmp_path / "venv")}
    done = subprocess.run([TOP / "dev", "run"], capture_output=True, text=True, env=env, check=False)
    assert done.returncode == 2
    assert done.stderr == "dev: PYTHON: '/bin/false' is not a Python 3.11 or newer\n"
    assert not (tmp_path / "venv").exists()


RUN = """
import hashlib
from ecsim import api
w = api.build_model("small_yard", "time.quarters=8", "population.n_firms=200")
w.run()
print(hashlib.sha256(w.world.weight.tobytes() + w.world.tech.tobytes() + w.world.gdp.tobytes()).hexdigest())
"""


@pytest.mark.slow
def test_a_wheel_runs_in_an_empty_folder_and_compiled_anew_gives_the_same_bits(tmp_path):
    source = tmp_path / "source"
    shutil.copytree(TOP, source, ignore=shutil.ignore_patterns(".git", ".venv*", "results", "__pycache__", ".*_cache", "dist"))
    isolation = [] if importlib.util.find_spec("hatchling") is None else ["--no-isolation"]
    build = [sys.executable, "-m", "build", "--wheel", *isolation, "--outdir", tmp_path, source]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("ecsim-*.whl")
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    (site,) = home.glob("lib/python*/site-packages")
    shutil.unpack_archive(wheel, site, "zip")
    assert (site / "ecsim" / "py.typed").is_file()  # without it, type checkers take nothing from an installed package
    (site / "others.pth").write_text("\n".join(p for p in sys.path if p.endswith("site-packages")))  # libraries, but not this clone
    empty = tmp_path / "empty"
    empty.mkdir()

    def python(*words: str) -> str:
        env = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        command = [home / "bin" / "python", *words]
        done = subprocess.run(command, cwd=empty, env=env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert str(site) in python("-c", "import ecsim; print(ecsim.__file__)")
    assert "dutch_exit" in python("-m", "ecsim", "describe", "scenarios")
    assert "Results: results" in python("-m", "ecsim", "run", "scenario=history", "time.quarters=8", "economy=small")
    (folder,) = (empty / "results").iterdir()
    assert (folder / "report.html").stat().st_size > 10_000
    here = subprocess.run([sys.executable, "-c", RUN], check=True, capture_output=True, text=True).stdout
    assert python("-c", RUN) == here != ""
