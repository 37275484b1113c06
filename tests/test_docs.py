"""Pages that teach run as they are written, and printed pages are those of the code."""

from __future__ import annotations

import re
import shlex
import subprocess
from pathlib import Path

import pytest

from ecsim import reference
from ecsim.cli import main
from ecsim.params import REGISTRY

DOCS = Path(__file__).parents[1] / "docs"
TAUGHT = ("first-hour.md", "add-a-mechanism.md", "add-a-state.md", "alliance-study.md", "validation.md")
BLOCK = re.compile(r"<!-- run:(?P<more>[^>]*)-->\n```(?P<kind>console|python)\n(?P<text>.*?)```", re.DOTALL)


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Kind, text, and the words that a test adds to each command, of every block of a page."""
    return [(m["kind"], m["text"], m["more"].strip()) for m in BLOCK.finditer((DOCS / page).read_text(encoding="utf-8"))]


@pytest.mark.slow
@pytest.mark.parametrize("page", TAUGHT)
def test_what_a_page_teaches_runs(page, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for kind, text, more in blocks(page):
        if kind == "python":
            exec(compile(text, page, "exec"), names)  # as a reader would type it
            continue
        for line in text.splitlines():
            words = shlex.split(line)
            assert words[0] == "ecsim", line
            added = [] if words[1] == "describe" else shlex.split(more)
            keys = {word.partition("=")[0] for word in added}  # which a page may set itself
            own = [word for word in words[1:] if word.partition("=")[0] not in keys]
            assert main([*own, *added]) == 0, f"{line}\n{capsys.readouterr().err}"


@pytest.mark.parametrize("page", TAUGHT)
def test_every_command_and_program_of_a_page_is_run(page) -> None:
    text = (DOCS / page).read_text(encoding="utf-8")
    assert text.count("```console") + text.count("```python") == len(blocks(page)) > 0


def test_the_equations_are_written_in_registered_parameters_and_leave_none_out() -> None:
    """Every name in an equation, or after a group and a dot, is a parameter, and every parameter of the mechanisms is there."""
    text = (DOCS / "model.md").read_text(encoding="utf-8")
    own = {"g_state"}  # symbols that are no parameters
    bare = {name.split(".")[1] for name in REGISTRY}
    equations = "\n".join(line for line in text.splitlines() if line.startswith("    "))
    assert set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", equations)) <= bare | own
    groups = {name.split(".")[0] for name in REGISTRY}
    named = {f"{group}.{name}" for group, name in re.findall(r"`([a-z]+)\.([a-z_]+)`", text) if group in groups}
    assert named <= set(REGISTRY)
    of_mechanisms = ("power", "permission", "production", "adaptation", "innovation", "accounts", "market")
    assert [n for n in REGISTRY if n.split(".")[0] in of_mechanisms and not re.search(rf"\b{n.split('.')[1]}\b", text)] == []


def test_printed_pages_are_up_to_date() -> None:
    """If this fails: ./dev python -m ecsim.reference docs"""
    assert [path.name for path in reference.out_of_date(DOCS)] == []


def test_a_page_out_of_date_is_found_and_written_again(tmp_path) -> None:
    (tmp_path / "model.md").write_text("before\n<!-- generated: schedule -->\nold\n<!-- end -->\nafter\n", encoding="utf-8")
    assert len(reference.out_of_date(tmp_path)) == 5
    assert len(reference.write(tmp_path)) == 5
    assert reference.out_of_date(tmp_path) == []
    text = (tmp_path / "model.md").read_text(encoding="utf-8")
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "compile_rules" in text
    assert "\nold\n" not in text


def test_links_between_pages_lead_somewhere() -> None:
    for page in [*DOCS.glob("*.md"), DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md"]:
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http"):
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_page_is_reachable_from_the_readme() -> None:
    seen, queue = set(), [DOCS.parent / "README.md"]
    while queue:
        page = queue.pop()
        seen.add(page.resolve())
        for target in re.findall(r"\]\(([^)#:]+\.md)", page.read_text(encoding="utf-8")):
            found = (page.parent / target).resolve()
            if found.exists() and found not in seen:
                queue.append(found)
    tracked = subprocess.run(["git", "ls-files", "docs/*.md"], cwd=DOCS.parent, capture_output=True, text=True, check=False).stdout.split()
    pages = {(DOCS.parent / name).resolve() for name in tracked if "/decisions/" not in name}
    assert pages <= seen, sorted(p.name for p in pages - seen)
