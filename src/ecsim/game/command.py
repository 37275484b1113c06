"""`ecsim game`: make, serve, report and replay a game."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile
from typing import Annotated, Any

import typer

from ecsim.errors import UserError
from ecsim.game.hold import check_free
from ecsim.game.log import Log
from ecsim.game.passes import hash_of, new_secret
from ecsim.game.setup import Setup
from ecsim.game.state import Game

COMMANDS = ("new", "serve", "report", "replay", "link")
DEFAULT = Path("game.ecsim")
PORT = 8337
USUAL = "history"  # the scenario that plays the past
USAGE_ERROR: Any = typer.BadParameter.__mro__[1]

app = typer.Typer(name="ecsim game", add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False, no_args_is_help=True)
File = Annotated[Path, typer.Argument(help="File of the game.")]


def main(words: Sequence[str]) -> int:
    """Run a sub-command; returns the exit code.

    Raises:
        UserError: bad input.
    """
    if words and not words[0].startswith("-") and words[0] not in COMMANDS:
        near = difflib.get_close_matches(words[0], COMMANDS, n=1)
        hint = f"; did you mean '{near[0]}'?" if near else ""
        raise UserError(f"unknown command 'game {words[0]}'{hint}; accepted: {', '.join(COMMANDS)}")
    try:
        return app(args=list(words) or ["--help"], prog_name="ecsim game", standalone_mode=False) or 0
    except USAGE_ERROR as error:
        raise UserError(f"game {words[0]}: {error.format_message().rstrip('.')}; see 'ecsim game {words[0]} --help'") from error


@app.callback()
def _root() -> None:
    """The workshop: people play governments and industry, the model adjudicates.

    ecsim game new history --start 2022Q4, then ecsim game serve.
    """


@app.command(context_settings={"ignore_unknown_options": True, "allow_extra_args": True})
def new(
    scenario: Annotated[str, typer.Argument(help="Scenario that plays the past, or 'open' for a past without controls.")] = USUAL,
    overrides: Annotated[list[str] | None, typer.Argument(help="Settings of the model: innovation.stretch=1.2", show_default=False)] = None,
    file: Annotated[Path, typer.Option(help="File to be made.")] = DEFAULT,
    title: Annotated[str, typer.Option(help="Name that people see.")] = "",
    start: Annotated[str, typer.Option(help="Quarter in which play begins.")] = "2022Q4",
    turns: Annotated[int, typer.Option(help="Turns of the game.")] = 8,
    quarters: Annotated[int, typer.Option(help="Quarters in a turn: 1 to 8; 4 is a year.")] = 2,
    seats: Annotated[str, typer.Option(help="main (six seats), bloc (allies share one) or each (four allied capitals).")] = "main",
    seed: Annotated[int, typer.Option(help="Seed of the model.")] = 1,
    minutes: Annotated[float, typer.Option(help="Minutes for a turn; 0 for no clock.")] = 0.0,
) -> int:
    """Make a game: its past is played, its first room opened."""
    from ecsim.game.session import create

    if "=" in scenario:  # an override in the place of the scenario
        scenario, overrides = USUAL, [scenario, *(overrides or [])]
    for word in overrides or []:
        if word.startswith("-") and "=" not in word:
            raise UserError(f"unknown option '{word}'; accepted: see 'ecsim game new --help'")
    setup = Setup(
        scenario=scenario,
        title=title,
        start=start,
        turns=turns,
        quarters=quarters,
        seats=seats,
        seed=seed,
        overrides=tuple(overrides or ()),
        minutes=minutes,
    )
    secret, code = create(file, setup)
    print(f"{file}: {scenario} to {start}, then {turns} turns of {quarters} quarters; {len(setup.table)} seats")
    print(f"facilitator's secret (printed once): {secret}")
    print(f"join code: {code}")
    print(f"next: ecsim game serve {file}")
    return 0


@app.command()
def serve(
    file: File = DEFAULT,
    port: Annotated[int, typer.Option(help="Port; 0 takes a free one.")] = PORT,
    lan: Annotated[bool, typer.Option("--lan", help="Let other machines in the network connect; without it, this machine only.")] = False,
    host: Annotated[
        list[str] | None, typer.Option(help="A further name under which this server may be asked for.", show_default=False)
    ] = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes that compute; 0: one for each core.")] = 0,
) -> int:
    """Serve a game to browsers, until Ctrl-C. Starting again goes on where it was."""
    try:
        from ecsim.game.web.server import LOCAL, own_addresses
        from ecsim.game.web.server import serve as run
    except ModuleNotFoundError as error:
        raise UserError(f"ecsim game serve: needs {error.name}; accepted: pip install 'ecsim[game]'") from None
    from ecsim.game.session import Session

    check_free(file)
    bound, bind = port or free_port(), "0.0.0.0" if lan else "127.0.0.1"
    _check_port(bind, bound)
    session = Session(file, workers=workers or None)
    names = (*LOCAL, *(own_addresses() if lan else ()), *(host or ()))
    address = f"http://{(own_addresses()[0] if lan else 'localhost')}:{bound}"
    secret = session.facilitator()

    def ready() -> None:
        print(f"facilitator: {address}/enter/{secret}")
        print(f"teams: {address}  with the join code {session.game.join_code}")
        print("open to this network" if lan else "open to this machine only (--lan lets others in)", flush=True)

    try:
        run(session, host=bind, port=bound, hosts=names, address=address, ready=ready)
    finally:
        session.close()
    return 0


def free_port() -> int:
    """A port that is free now."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _check_port(host: str, port: int) -> None:
    """That the port can be served on, before a link is printed.

    Raises:
        UserError: it cannot.
    """
    import socket

    if not 0 < port < 65536:
        raise UserError(f"--port: {port} will not do; accepted: a number from 0 to 65535")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UserError(f"--port: {port} cannot be used ({error.strerror}); accepted: a free port, or 0 for any") from None


@app.command()
def report(
    file: File = DEFAULT,
    room: Annotated[str, typer.Option(help="Room, or line of play such as A.2.")] = "A",
    out: Annotated[Path | None, typer.Option(help="Folder to write to.", show_default=False)] = None,
    lang: Annotated[str, typer.Option(help="Language: en or zh.")] = "en",
    workers: Annotated[int, typer.Option(min=0, help="Processes that compute; 0: one for each core.")] = 0,
) -> int:
    """The after-action report: one HTML page, and all its tables as CSV."""
    from ecsim.errors import unknown
    from ecsim.game.desk import Desk
    from ecsim.game.review import write
    from ecsim.game.words import LANGUAGES

    if lang not in LANGUAGES:
        raise unknown("--lang", "language", lang, LANGUAGES)
    log = Log(file)
    game = Game().take(log.read())
    log.close()
    branch = game.rooms[room].branch if room in game.rooms else room
    if branch not in game.branches:
        raise unknown("--room", "room", room, list(dict.fromkeys([*game.rooms, *game.branches])))
    folder = _writable(out or file.with_name(f"{file.stem}-{branch}-report"))
    desk = Desk(game.setup, workers or None)
    try:
        page = write(game, branch, desk, folder, lang)
    finally:
        desk.close()
    print(page)
    return 0


def _writable(folder: Path) -> Path:
    """A folder in which files can be made, before anything is computed.

    Raises:
        UserError: they cannot.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        TemporaryFile(dir=folder).close()
    except OSError as error:
        raise UserError(f"--out: cannot write to '{folder}' ({error.strerror}); accepted: a folder that you may write to") from None
    return folder


@app.command()
def replay(file: File = DEFAULT) -> int:
    """Play the whole log again on a fresh model, and hold every turn's state hash against the log."""
    from ecsim.game.referee import Referee

    log = Log(file)
    game = Game().take(log.read())
    log.close()
    referee = Referee(game.setup)
    checks = [("start", "", referee.opening()["hash"], game.opening["hash"])]
    for branch in game.branches.values():
        for n, played in enumerate(branch.played, 1):
            checks.append((branch.name, str(n), referee.resolve(branch.history[:n])["hash"], played.result["hash"]))
    for name, turn, fresh, logged in checks:
        print(f"{name:<8}{turn:<5}{fresh}  {'same' if fresh == logged else f'DIFFERS from {logged}'}")
    return int(any(fresh != logged for _, _, fresh, logged in checks))


@app.command()
def link(file: File = DEFAULT) -> int:
    """Make a new secret of the facilitator, and shut out the old ones. The server must not be running."""
    from ecsim.game.log import Entry

    log = Log(file)
    secret = new_secret()
    log.append(
        [
            Entry("", 0, "control", "revoke", f"revoke/{new_secret()}", {"room": "", "seat": "control"}),
            Entry(
                "",
                0,
                "control",
                "pass",
                f"pass/{hash_of(secret)}",
                {"hash": hash_of(secret), "room": "", "seat": "control", "label": "control"},
            ),
        ]
    )
    log.close()
    print(f"facilitator's secret (printed once): {secret}")
    return 0
