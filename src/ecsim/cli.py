"""The command line. Every command takes Hydra overrides; heavy libraries are loaded when a command needs them.

Results go to stdout, progress and errors to stderr. Exit codes: 0 done; 1 failure (no run succeeded, or a fault in
ecsim); 2 bad input; 130 interrupted with Ctrl-C, finished runs kept.
"""

from __future__ import annotations

import atexit
import difflib
import gc
import itertools
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ecsim import endings
from ecsim.errors import UserError, chinese
from ecsim.kernels.kept import said_in
from ecsim.version import __version__

if TYPE_CHECKING:
    from ecsim.api import Study

OK, FAILURE, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
TYPER_INTERRUPTED = 130  # what Typer makes of Ctrl-C
STUDIES = ("run", "compare", "factorial", "sweep", "alliance", "claims", "validate", "structure", "trends")
COMMANDS = (*STUDIES, "long", "sensitivity", "discover", "calibrate", "import", "resume", "game", "report", "describe")
HYDRA_ONLY = ("--cfg", "-c", "--info", "-i", "--hydra-help", "--shell-completion", "-sc", "--resolve", "--package", "-p")
MULTIRUN = ("-m", "--multirun")
LONG = "scenario=long_history"  # the state layer alone, by a command of its own
# between two looks for garbage: by Python's own number it looks through what libraries load, and that stays, many times
NEW_OBJECTS = 500_000

USAGE_ERROR: Any = typer.BadParameter.__mro__[1]  # what all errors of usage derive from

app = typer.Typer(name="ecsim", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=False)
PASS_ON = {"ignore_unknown_options": True, "allow_extra_args": True}

Overrides = Annotated[
    list[str] | None, typer.Argument(help="Hydra overrides, such as policy=blanket innovation.stretch=1.2", show_default=False)
]
ConfigDir = Annotated[
    Path | None, typer.Option("--config-dir", help="A folder of configuration of your own (policy/mine.yaml …).", show_default=False)
]
OF_STUDIES = "Also --dry-run: say what would be run and how long it takes; --fail-fast: stop at the first run that fails."
LongWords = Annotated[
    list[str] | None,
    typer.Argument(
        help="draws=, seed=, out=FOLDER, acts=FILE, series=FILE, lang=zh, and parameters, such as long.gain=0.25", show_default=False
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Lang = Annotated[str, typer.Option(help="Language: en or zh; lang=zh as a word is the same.")]


class Stopped(Exception):
    """Ctrl-C during a study, with what became of it."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    if argv is None:  # a process of its own
        atexit.register(gc.freeze)  # what libraries loaded need not be looked through once more when it ends
        if words[:1] != ["game"]:  # which lasts for days
            gc.set_threshold(NEW_OBJECTS)
    try:
        with said_in(_asked(words)):
            return _dispatch(route(words))
    except UserError as error:
        return _fail(error.told(_asked(words)), BAD_INPUT)
    except Stopped as stop:
        return _fail(str(stop), INTERRUPTED)


def _asked(words: Sequence[str]) -> str:
    """The language that words ask for, whatever else is wrong with them."""
    return "zh" if "lang=zh" in words or "--lang=zh" in words or ("--lang", "zh") in itertools.pairwise(words) else "en"


def route(words: list[str]) -> list[str]:
    """The words with their command in front: a Hydra override or option as first word means `run`, --multirun means `sweep`.

    Raises:
        UserError: the first word is no command.
    """
    first = words[0] if words else "--help"
    if first in ("--help", "-h", "help", "--version"):
        return ["--help" if first in ("-h", "help") else first]
    if "=" in first or first.startswith(("-", "+", "~")):
        words = ["run", *words]
    elif first not in COMMANDS:
        near = difflib.get_close_matches(first, COMMANDS, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        twin = chinese("command", given=first, hint=chinese("hint", near=near[0]) if near else "", accepted=", ".join(COMMANDS))
        raise UserError(
            f"unknown command '{first}'{hint}; accepted: {', '.join(COMMANDS)}, or Hydra overrides such as policy=blanket", twin
        )
    if words[0] == "run" and LONG in words:
        words = ["long", *words[1:]]
    if words[0] == "run" and any(word in MULTIRUN for word in words):
        words = ["sweep", *(word for word in words[1:] if word not in MULTIRUN)]
    return words


def _dispatch(words: list[str]) -> int:
    if any(word in HYDRA_ONLY for word in words):
        return _hydra(words)
    try:
        code = app(args=words, prog_name="ecsim", standalone_mode=False) or OK
    except USAGE_ERROR as error:
        named = words[0] if words[0] in COMMANDS else ""
        help_for = f"ecsim {named} --help" if named else "ecsim --help"
        raise UserError(f"{named}{': ' if named else ''}{error.format_message().rstrip('.')}; see '{help_for}'") from error
    return _fail("interrupted", INTERRUPTED) if code == TYPER_INTERRUPTED else code


@app.callback(invoke_without_command=True)
def _root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:
    """Simulate technology export controls in a power transition.

    Commands take overrides in Hydra's grammar, such as policy=blanket
    alliance.participation=0.4 innovation.stretch=1.2. 'ecsim describe' lists what
    there is to choose from, 'ecsim run --cfg job' prints the configuration.

    Exit codes: 0 done, 1 failure, 2 bad input, 130 interrupted (finished runs
    are kept).
    """
    if version:
        print(__version__)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def run(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """One policy: summary, tables, figures and report."""
    return _study("run", overrides or [], config_dir, json, lang)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def compare(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """The main job: small yard, blanket, history, none, in pairs."""
    return _study("compare", overrides or [], config_dir, json, lang)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def factorial(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """Scope x height x reach x coalition, and equal cost."""
    return _study("factorial", overrides or [], config_dir, json, lang)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def sweep(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """A grid or design: policy=small_yard,blanket seed=1,2,3."""
    return _study("sweep", overrides or [], config_dir, json, lang)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def alliance(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """Participation of allies: curves, thresholds, members."""
    return _study("alliance", overrides or [], config_dir, json, lang)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def sensitivity(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """Which factors decide: Morris screen, Sobol indices, PAWN."""
    from ecsim import staged
    from ecsim.analysis.text.words import words_of

    words, dry = _options(overrides or [])
    lang, words = endings.language(words, lang)
    w = words_of(lang)
    if dry:
        return _show(staged.forecast_sensitivity(words, config_dir, w))
    argv, conclude = ["ecsim", *sys.argv[1:]], partial(staged.conclude_sensitivity, w=w)
    return _finish(lambda: staged.run_sensitivity(words, config_dir, argv=argv, lang=lang), conclude, json, lang)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def claims(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """Claims put to the test, and the equation behind each."""
    return _study("claims", overrides or [], config_dir, json, lang)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def validate(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """The script of history against targets (targets=FILE)."""
    return _study("validate", overrides or [], config_dir, json, lang)


@app.command(context_settings=PASS_ON)
def resume(
    folder: Annotated[Path, typer.Argument(help="Results folder.", show_default=False)],
    overrides: Overrides = None,
    lang: Lang = "en",
    json: Json = False,
) -> int:
    """Go on with a stopped study, or join its shards."""
    from ecsim import staged
    from ecsim.analysis.text.words import words_of
    from ecsim.api import resume as go_on

    lang, words = endings.language(list(overrides or []), lang)
    kept = staged.begun(folder) if folder.is_dir() else {}
    begun = kept.get("study") or {}
    if begun.get("command") == "sensitivity":
        return _finish(lambda: staged.again(folder, words, lang), partial(staged.conclude_sensitivity, w=words_of(lang)), json, lang)
    own = endings.own_targets(kept)
    conclude, _ = endings.conclusion(begun.get("command", ""), [*own, *words], lang)
    return _finish(lambda: go_on(folder, *words, argv=["ecsim", *sys.argv[1:], *own], lang=lang), conclude, json, lang)


@app.command("long", context_settings=PASS_ON)
def long_history(overrides: LongWords = None, lang: Lang = "en", json: Json = False) -> int:
    """1949 to 2025: the mechanism against the record."""
    from ecsim.longrun.command import run_long

    told = run_long(overrides or [], lang)
    return _show(_json(told.values) if json else told.text)


@app.command(context_settings=PASS_ON)
def calibrate(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """Fit free parameters to targets; can be stopped."""
    from ecsim.calibrating import run_calibration

    lang, words = endings.language(overrides or [], lang)
    told = run_calibration(words, config_dir, lang)
    return _show(_json(told.values) if json else told.text)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def structure(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """The main findings under other structures of the model."""
    return _study("structure", overrides or [], config_dir, json, lang)


@app.command(context_settings=PASS_ON, epilog=OF_STUDIES)
def trends(overrides: Overrides = None, config_dir: ConfigDir = None, lang: Lang = "en", json: Json = False) -> int:
    """Four trends of control, with and without anxiety and habit."""
    return _study("trends", overrides or [], config_dir, json, lang)


@app.command("import")
def import_(
    what: Annotated[str, typer.Argument(help="Whose tables: eto.", show_default=False)],
    folder: Annotated[Path, typer.Argument(help="Folder with the tables as downloaded.", show_default=False)],
    out: Annotated[Path, typer.Option(help="Folder for the result.")] = Path("imported"),
    name: Annotated[str, typer.Option(help="Name of the economy.")] = "eto",
    json: Json = False,
) -> int:
    """Public supply-chain tables (CSET/ETO) as an economy."""
    from dataclasses import asdict

    from ecsim.importers.eto import how_to_run, import_eto, report_text

    if what != "eto":
        raise UserError(f"import: unknown tables '{what}'; accepted: eto")
    made = import_eto(folder, out, name)
    return _show(_json(asdict(made)) if json else f"{report_text(made)}\nResults: {made.folder}\nRun it:  {how_to_run(made)}")


@app.command()
def report(
    folder: Annotated[Path, typer.Argument(help="Results folder.", show_default=False)],
    word: Annotated[str, typer.Argument(help="lang=zh, as --lang zh.", show_default=False)] = "",
    lang: Lang = "en",
) -> int:
    """Build the report of a stored study again."""
    from ecsim.api import load

    wanted = _language(word, lang, "report: '{}' is one word too many; accepted: a results folder, and lang=zh")
    study = load(folder)
    pages = [study.report(wanted), *endings.verdicts_again(study, wanted)]
    _warn(folder, wanted)
    return _show("\n".join(map(str, pages)))


@app.command()
def discover(
    folder: Annotated[Path, typer.Argument(help="Results folder of a comparison or sweep with draws.", show_default=False)],
    outcome: Annotated[list[str] | None, typer.Option(help="In which respect; can be given again.", show_default=False)] = None,
    policy: Annotated[
        str, typer.Option(help="Whose failure; by default the first of the main contrast, or the first that controls.", show_default=False)
    ] = "",
    against: Annotated[
        str, typer.Option(help="What it should do better than; by default the second of the main contrast.", show_default=False)
    ] = "",
    floor: Annotated[float | None, typer.Option(help="A value to reach, in place of --against.", show_default=False)] = None,
    word: Annotated[str, typer.Argument(help="lang=zh, as --lang zh.", show_default=False)] = "",
    lang: Lang = "en",
) -> int:
    """When a policy fails, and which one is robust."""
    from ecsim.analysis.discovery.study import load_discovery
    from ecsim.report.discovery.report import answer, write_discovery_report

    lang = _language(word, lang, "discover: '{}' is one word too many; accepted: a results folder, and lang=zh")
    found = load_discovery(folder, outcome or [], policy, against, floor)
    page = write_discovery_report(found, lang)
    _warn(folder, lang)
    w = found.study.words(lang)
    return _show("\n\n".join([*answer(found, w), w("told.report", path=page)]))


@app.command()
def describe(
    topic: Annotated[str, typer.Argument(help="What to list; without it, the topics.", show_default=False)] = "",
    word: Annotated[str, typer.Argument(help="lang=zh, as --lang zh.", show_default=False)] = "",
    lang: Lang = "en",
    json: Json = False,
) -> int:
    """What there is: parameters, tools, scenarios and more."""
    from ecsim.analysis.text.columns import as_text
    from ecsim.describe import rows_of, values_of

    if topic.startswith(endings.LANG):
        topic, word = word, topic
    told = _language(word, lang, "describe: '{}' is one word too many; accepted: a topic, and lang=zh")
    return _show(_json(values_of(topic, told)) if json else as_text(rows_of(topic, told)))


@app.command(context_settings={**PASS_ON, "help_option_names": []})
def game(words: Annotated[list[str] | None, typer.Argument(help="new, serve, report, replay …", show_default=False)] = None) -> int:
    """The workshop: people play the seats."""
    _one_thread()
    from ecsim.game.command import main as play

    return play(words or [])


def _study(command: str, words: list[str], config_dir: Path | None, json: bool, lang: str = "en") -> int:
    """Plan a study from the words of the command line, and run it."""
    _one_thread()
    from ecsim import api

    words, dry = _options(words)
    lang, words = endings.language(words, lang)
    conclude, words = endings.conclusion(command, words, lang)
    if command == "validate":
        from ecsim.composing import choices

        conclude.keywords["targets"].check_policies([*choices("policy", config_dir), *choices("scenario", config_dir)])
    with conclude.keywords["targets"].naming() if command == "validate" else nullcontext():
        if dry:
            return _show(api.dry_run(command, words, config_dir=config_dir, lang=lang))
        argv = ["ecsim", *sys.argv[1:]]
        return _finish(lambda: api.study(command, words, config_dir=config_dir, argv=argv, lang=lang), conclude, json, lang)


def _language(word: str, lang: str, refusal: str) -> str:
    """The language asked for, by the word lang=zh or by the option.

    Raises:
        UserError: the word is another one.
    """
    if word and not word.startswith("lang="):
        raise UserError(refusal.format(word))
    return word.removeprefix("lang=") or lang


def _warn(folder: Path, lang: str) -> None:
    """Say on stderr that a stored study is not complete, where it is not."""
    from ecsim.summary import unfinished

    for line in unfinished(folder, lang):
        print(f"ecsim: {line}", file=sys.stderr)


def _one_thread() -> None:
    """Keep numerical libraries to one thread, before they are loaded."""
    from ecsim.cores import ONE_THREAD

    os.environ.update({name: os.environ.get(name, value) for name, value in ONE_THREAD.items()})


def _options(words: list[str]) -> tuple[list[str], bool]:
    """The overrides of a study, and whether it is only to be planned.

    Raises:
        UserError: an unknown option.
    """
    dry = "--dry-run" in words
    words = ["experiment.fail_fast=true" if word == "--fail-fast" else word for word in words if word != "--dry-run"]
    for word in words:
        if word.startswith("--") or (word.startswith("-") and "=" not in word):
            raise UserError(
                f"unknown option '{word}'; accepted: --json, --config-dir, --lang, --dry-run, --fail-fast, --multirun, --cfg, --help, "
                "and overrides such as policy=blanket"
            )
    return words, dry


def _finish(compute: Callable[[], Study], conclude: Any, json: bool, lang: str) -> int:
    """Compute a study, write its report or verdicts, show the summary and where everything is."""
    from ecsim.experiment import runner

    try:
        study = compute()
    except runner.Stopped as stop:
        return _fail(str(stop), FAILURE)
    except runner.Interrupted as stop:
        raise Stopped(str(stop)) from stop
    from ecsim.analysis.text.words import words_of
    from ecsim.experiment.resume import how_to_resume
    from ecsim.experiment.store import failures_of

    w = words_of(lang)
    if not (study.folder / "runs.parquet").exists():
        return _show(w("told.shard", command=how_to_resume(study.folder)))
    bad = study.runs[study.runs["status"] != "ok"]
    if len(bad) == len(study.runs):
        return _fail(f"no run succeeded; first reason: {bad['reason'].iloc[0]}; all are in {failures_of(study.folder)}", FAILURE)
    if len(bad):
        print("ecsim: " + w("told.failed", n=len(bad), all=len(study.runs), path=failures_of(study.folder)), file=sys.stderr)
    if conclude is not None:
        told = conclude(study)
        return _show(_json(told.values) if json else told.text)
    from ecsim.summary import as_json, as_words, where

    if not json:
        print(as_words(study, lang) + "\n", flush=True)  # before the report, which takes its time
    page = study.report(lang) if study.manifest["config"]["report"] else None
    return _show(_json(as_json(study, page)) if json else where(study, page, lang))


def _hydra(words: list[str]) -> int:
    """Hand a command with an option of Hydra's own (--cfg job, --info, completion) to Hydra."""
    import hydra

    from ecsim import composing
    from ecsim.places import conf_dir

    command, rest = words[0], words[1:]
    _, rest = endings.language(rest)
    if command in endings.VERDICTS:
        _, rest = endings.conclusion(command, rest)
    if command == "calibrate":
        command = "run"
    if command not in STUDIES:
        raise UserError(f"{command}: takes no option of Hydra; accepted with: {', '.join(STUDIES)}")
    told = [
        i for i, word in enumerate(rest) if "=" in word and not word.startswith("-") and rest[i - 1] not in ("-sc", "--shell-completion")
    ]
    folder = next((Path(rest[i + 1]) for i, word in enumerate(rest[:-1]) if word == "--config-dir"), None)
    overrides = composing.hydra_words([rest[i] for i in told], command, folder)
    sys.argv = ["ecsim", *(word for i, word in enumerate(rest) if i not in told), *overrides]
    hydra.main(version_base=composing.HYDRA_VERSION, config_path=str(conf_dir()), config_name="config")(lambda cfg: None)()
    return OK


def _json(value: Any) -> str:
    import json
    import math

    def clean(x: Any) -> Any:
        if isinstance(x, dict):
            return {k: clean(v) for k, v in x.items()}
        if isinstance(x, (list, tuple)):
            return [clean(v) for v in x]
        return None if isinstance(x, float) and not math.isfinite(x) else x

    return json.dumps(clean(value), indent=1, ensure_ascii=False, default=str)


def _show(text: str) -> int:
    """Print a result; whoever reads it may stop reading."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains when it closes
    return OK


def _fail(message: str, code: int) -> int:
    print(f"ecsim: {message}", file=sys.stderr)
    return code
