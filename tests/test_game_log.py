"""What a game keeps: the log, settings, branches and replay, and what a fall of the server loses."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecsim.errors import UserError
from ecsim.game.command import main
from ecsim.game.desk import Desk
from ecsim.game.indicators import BY_ID, INDICATORS
from ecsim.game.legal import Refusal
from ecsim.game.log import Entry, Log
from ecsim.game.referee import Referee
from ecsim.game.session import Session, create
from ecsim.game.setup import Setup
from ecsim.game.state import Game
from playing import BEIJING, CONTROL, FUND, JOIN, RULE, SETUP, TOKYO, WASHINGTON, game, hand_in, rows

# the log


def test_an_entry_with_a_known_key_is_not_written_twice(tmp_path: Path) -> None:
    log = Log(tmp_path / "g", create=True)
    entry = Entry("A", 1, "tokyo", "draft", "k", {"x": 1})
    first, second = log.append([entry]), log.append([entry, Entry("A", 1, "tokyo", "draft", "k2", {})])
    assert second[0] == first[0] and [e.key for e in log.read()] == ["k", "k2"]


def test_events_can_be_neither_changed_nor_removed(tmp_path: Path) -> None:
    log = Log(tmp_path / "g", create=True)
    log.append([Entry("A", 1, "tokyo", "draft", "k", {})])
    db = sqlite3.connect(tmp_path / "g")
    for statement in ("UPDATE events SET actor = 'x'", "DELETE FROM events"):
        with pytest.raises(sqlite3.IntegrityError):
            db.execute(statement)
    assert db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_failed_transaction_leaves_nothing(tmp_path: Path) -> None:
    log = Log(tmp_path / "g", create=True)
    with pytest.raises(ValueError, match="JSON"):
        log.append([Entry("A", 1, "t", "draft", "a", {}), Entry("A", 1, "t", "draft", "b", {"x": float("nan")})])
    assert log.read() == []


def test_other_files_are_no_games(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("not a database, and long enough to be looked at as one " * 20)
    sqlite3.connect(tmp_path / "other").execute("CREATE TABLE t (x)")
    for name in ("text", "other", "missing"):
        with pytest.raises(UserError, match="game"):
            Log(tmp_path / name)
    with pytest.raises(UserError, match="there already"):
        Log(tmp_path / "text", create=True)


def test_a_file_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be written; accepted: a file in a folder"):
        Log(tmp_path / "nowhere" / "game.ecsim", create=True)


def test_an_override_may_stand_in_the_place_of_the_scenario(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "game.ecsim"
    assert main(["new", "innovation.stretch=1.2", "--turns", "1", "--file", str(file)]) == 0
    log = Log(file)
    setup = Game().take(log.read()).setup
    log.close()
    assert (setup.scenario, setup.overrides) == ("history", ("innovation.stretch=1.2",))


def test_a_report_that_cannot_be_written_and_processes_that_cannot_be_are_one_line(session: Session, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    file = str(session.log.path)
    for words in (["--out", str(tmp_path / "file" / "out")], ["--out", str(tmp_path / "file")], ["--workers", "-2"]):
        with pytest.raises(UserError, match=f"{words[0]}.*") as error:
            main(["report", file, *words])
        assert "\n" not in str(error.value)


def test_a_port_that_cannot_be_served_on_is_told_before_a_link_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("nicegui")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        for port in ("99999", str(taken.getsockname()[1])):
            with pytest.raises(UserError, match=f"--port: {port} .*accepted: a "):
                main(["serve", str(tmp_path / "game.ecsim"), "--port", port])
    assert capsys.readouterr().out == ""


# setup


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({"scenario": "histroy"}, "did you mean 'history'"),
        ({"start": "2017Q4"}, "--start"),
        ({"start": "2050Q1"}, "--start: '2050Q1' is after the model's horizon; accepted: a quarter from 2018Q1 to 2035Q4"),
        ({"start": "2043Q1", "overrides": ("time.quarters=100",)}, "from 2018Q1 to 2042Q4"),
        ({"turns": 0}, "--turns"),
        ({"seats": "mian"}, "did you mean 'main'"),
        ({"overrides": ("policy=blanket",)}, "the seats play this"),
    ],
)
def test_bad_settings_name_the_option(values: dict, names: str) -> None:
    with pytest.raises(UserError, match=names):
        Setup(**values)


def test_the_horizon_covers_the_last_preview() -> None:
    assert Setup(start="2030Q1", turns=10, quarters=2).config().params.time.quarters >= 48 + 20 + 8


def test_a_longer_horizon_lets_play_begin_later() -> None:
    assert Setup(start="2035Q4").first == 71
    assert Setup(start="2042Q4", overrides=("time.quarters=100",)).first == 99


def test_setups_survive_the_log() -> None:
    setup = Setup(scenario="open", overrides=("innovation.stretch=1.2",), minutes=5.0)
    assert Setup.from_dict(setup.to_dict()) == setup
    assert setup.config().params.innovation.stretch == 1.2


# branches and replay


def play(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    hand_in(session, BEIJING, FUND)
    session.advance(CONTROL, "A")
    hand_in(session, TOKYO, JOIN)
    session.advance(CONTROL, "A")


def test_a_game_replays_to_the_same_hashes(session: Session) -> None:
    play(session)
    branch = session.branch("A")
    fresh = Referee(Game().take(session.log.read()).setup)
    assert fresh.opening()["hash"] == session.game.opening["hash"]
    for turn, played in enumerate(branch.played, 1):
        assert fresh.resolve(branch.history[:turn]) == dict(played.result)


def test_a_past_turn_reopens_as_a_branch(session: Session) -> None:
    play(session)
    first = session.branch("A")
    name = session.fork(CONTROL, "A", 2, "What if Tokyo had not")
    branch = session.branch("A")
    assert name == branch.name == "A.2" and branch.turn == 2 and branch.played[0] is first.played[0]
    session.advance(CONTROL, "A")
    assert branch.played[1].result["hash"] != first.played[1].result["hash"]
    session.fork(CONTROL, "A", 2, parent="A")
    hand_in(session, TOKYO, JOIN)
    session.advance(CONTROL, "A")
    assert session.branch("A").played[1].result["hash"] == first.played[1].result["hash"]
    session.switch(CONTROL, "A", "A")
    assert session.branch("A") is session.game.branches["A"]
    again = Game().take(session.log.read())
    assert again.branches == session.game.branches


def test_what_if_agrees_with_the_branch_that_plays_it(session: Session) -> None:
    play(session)
    as_played, otherwise = session.what_if(CONTROL, "A", 1, [JOIN])
    assert as_played.shape == otherwise.shape == (2, len(INDICATORS))
    column = INDICATORS.index(BY_ID["cohesion"])
    assert as_played[0, column] < otherwise[0, column]
    assert as_played[-1, column] == pytest.approx(session.branch("A").played[-1].result["indicators"][-1][column])


def test_what_was_handed_in_does_not_count_once_the_model_plays(session: Session) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.hold(CONTROL, "A", "washington", "model")
    made = session.advance(CONTROL, "A").payload["moves"]
    assert all(m["input"] is None for m in made)


def test_rooms_are_apart_and_alike(session: Session) -> None:
    room = session.add_room(CONTROL, "second")
    session.hold(CONTROL, room, "washington", "team")
    session.submit(CONTROL, 1, 0, rows(RULE), room=room, seat="washington")
    hand_in(session, WASHINGTON, RULE)
    for seat_ in ("beijing", "tokyo"):
        session.hold(CONTROL, room, seat_, "team")
    one, two = session.advance(CONTROL, "A"), session.advance(CONTROL, room)
    assert one.payload["hash"] == two.payload["hash"]
    assert session.branch("A").turn == 2 and session.branch(room) is not session.branch("A")


def test_who_plays_alone_moves_the_room_on(session: Session) -> None:
    secret = session.play_alone(session.game.join_code, "beijing", "me")
    me = session.principal(secret)
    assert me is not None and session.room(me.room).solo == "beijing"
    hand_in(session, me, FUND)
    assert session.advance(me, me.room).turn == 1
    with pytest.raises(Refusal):
        session.advance(me, "A")


def test_no_clock_runs_for_one_who_plays_alone(session: Session) -> None:
    session.game.setup = replace(session.game.setup, minutes=5.0)
    me = session.principal(session.play_alone(session.game.join_code, "beijing", "me"))
    session.advance(me, me.room)
    session.advance(CONTROL, "A")
    assert session.branch(me.room).deadline is None and session.branch("A").deadline is not None


def test_the_game_ends(session: Session) -> None:
    for _ in range(SETUP.turns):
        session.advance(CONTROL, "A")
    with pytest.raises(Refusal, match="over"):
        session.submit(WASHINGTON, 5, 0, [])


# a server that dies


CHILD = """
import sys
from pathlib import Path
from ecsim.game.log import Entry, Log
log = Log(Path(sys.argv[1]))
n = 0
while True:
    n += 1
    log.append([Entry("A", 1, "tokyo", "draft", f"{sys.argv[2]}/{n}", {"n": n})])
    print(f"{sys.argv[2]}/{n}", flush=True)
"""


def test_kill_9_loses_no_confirmed_event(tmp_path: Path) -> None:
    Log(tmp_path / "g", create=True).close()
    confirmed: list[str] = []
    for run in range(4):
        child = subprocess.Popen([sys.executable, "-c", CHILD, str(tmp_path / "g"), str(run)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(15 + 7 * run):
            confirmed.append(child.stdout.readline().strip())
        os.kill(child.pid, signal.SIGKILL)
        confirmed += child.stdout.read().split()
        child.wait()
    kept = [e.key for e in Log(tmp_path / "g").read()]
    assert len(kept) == len(set(kept)) and set(confirmed) <= set(kept)


def test_a_turn_that_was_locked_when_the_server_fell_is_worked_out(session: Session, desk: Desk, tmp_path: Path) -> None:
    hand_in(session, WASHINGTON, RULE)
    session.lock(CONTROL, "A")
    session.log.close()
    again = Session(session.log.path, desk=desk)
    assert again.recover() == ["A"] and again.branch("A").turn == 2
    assert any(m["input"] == 0 for m in again.branch("A").played[0].result["moves"])
    again.log.close()


def left_behind(session: Session, folder: Path, alive: float | None = None) -> Path:
    """The files of a game as a killed server leaves them; `alive` is when it was last seen."""
    file = folder / "fallen.ecsim"
    shutil.copy(session.log.path, file)
    shutil.copy(f"{session.log.path}-wal", f"{file}-wal")
    if alive is not None:
        beside = Path(f"{file}.lock")
        beside.touch()
        os.utime(beside, (alive, alive))
    return file


HOLDER = """
import sys
from pathlib import Path
from ecsim.game.log import Log
log = Log(Path(sys.argv[1]))
log.hold()
print("held", flush=True)
sys.stdin.read()
"""


def test_a_game_is_written_by_one_process_at_a_time(tmp_path: Path, desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("nicegui")
    file, other = tmp_path / "g", tmp_path / "same"
    create(file, SETUP, desk)
    other.symlink_to(file)
    before = len(Log(file).read())
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert child.stdout is not None and child.stdout.readline() == "held\n"
    with pytest.raises(UserError, match="another process"):
        Session(file, desk=desk)
    for words in (["serve", str(file)], ["serve", str(other), "--port", "0"], ["link", str(file)]):
        with pytest.raises(UserError, match="another process serves or writes this game; accepted: stop that one first"):
            main(words)
    assert capsys.readouterr().out == "" and len(Log(file).read()) == before
    assert main(["replay", str(file)]) == 0
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    assert main(["link", str(file)]) == 0 and not Path(f"{file}.lock").exists()
    session = Session(file, desk=desk)
    with pytest.raises(UserError, match="another process"):
        main(["link", str(file)])
    session.log.close()


def test_what_was_meant_for_a_turn_that_is_over_counts_for_no_other(session: Session) -> None:
    """As a second server on the same file left it, when nothing kept it from that."""
    hand_in(session, WASHINGTON, RULE)
    session.advance(CONTROL, "A")
    inputs = dict(session.branch("A").played[0].inputs)
    session.log.append([Entry("A", 1, "control", "lock", "lock/late", {"inputs": inputs})])
    branch = Game().take(session.log.read()).branches["A"]
    assert (branch.turn, branch.phase) == (2, "open")


@pytest.mark.parametrize("seen", [0.0, 4.0])
def test_a_clock_stands_while_the_server_is_away(session: Session, desk: Desk, tmp_path: Path, seen: float) -> None:
    session.clock(CONTROL, "A", 0.1)
    begun = session.branch("A").deadline - 6.0
    file = left_behind(session, tmp_path, begun + seen if seen else None)
    session.close()
    later = begun + 3600.0
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "time", lambda: later)
        again = Session(file, desk=desk)
        assert again.recover() == [] and again.overdue() == []
        branch = again.branch("A")
        assert (branch.turn, branch.deadline, branch.paused_by) == (1, None, "restart")
        assert branch.paused == pytest.approx(6.0 - seen, abs=0.5)
        again.clock(CONTROL, "A", resume=True)
        assert branch.deadline == pytest.approx(later + 6.0 - seen, abs=0.5) and branch.paused_by == ""
        again.log.close()


@pytest.mark.parametrize("jump", [3600.0, -3600.0])
def test_a_clock_stands_while_the_server_is_asleep(session: Session, monkeypatch: pytest.MonkeyPatch, jump: float) -> None:
    session.clock(CONTROL, "A", 1)
    branch, begun = session.branch("A"), time.time()
    for later in (1.0, 5.0, 9.0):  # a busy second or two is no sleep
        monkeypatch.setattr(time, "time", lambda later=later: begun + later)
        session.look()
    assert branch.paused is None and branch.deadline == pytest.approx(begun + 60.0, abs=1.0)
    monkeypatch.setattr(time, "time", lambda: begun + 9.0 + jump)
    session.look()
    assert session.overdue() == [] and (branch.deadline, branch.paused_by) == (None, "asleep")
    assert branch.paused == pytest.approx(51.0, abs=1.0)
    session.clock(CONTROL, "A", resume=True)
    session.look()
    assert branch.deadline == pytest.approx(begun + 60.0 + jump, abs=1.0) and branch.paused_by == ""


def test_a_line_of_play_that_is_left_keeps_what_its_clock_had(session: Session) -> None:
    session.advance(CONTROL, "A")
    for leave, line in ((lambda: session.fork(CONTROL, "A", 1), "A"), (lambda: session.switch(CONTROL, "A", "A"), "A.2")):
        session.clock(CONTROL, "A", 10)
        leave()
        left = session.game.branches[line]
        assert left.deadline is None and 590 < left.paused <= 600
    session.clock(CONTROL, "A", resume=True)
    session.switch(CONTROL, "A", "A")
    assert session.branch("A").deadline is not None


def test_a_server_that_is_stopped_stops_its_clocks(session: Session, desk: Desk) -> None:
    session.clock(CONTROL, "A", 10)
    session.close()
    assert not list(session.log.path.parent.glob("*.lock"))
    again = Session(session.log.path, desk=desk)
    assert 590 < again.branch("A").paused <= 600
    again.log.close()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 200))
def test_folding_in_pieces_is_folding_at_once(split: int) -> None:
    events = _EVENTS
    whole, parts = Game().take(events), Game().take(events[:split]).take(events[max(0, split - 3) :])
    assert whole == parts


_EVENTS: list = []


@pytest.fixture(scope="module", autouse=True)
def _events(tmp_path_factory: pytest.TempPathFactory, desk: Desk) -> None:
    session = game(tmp_path_factory.mktemp("events"), desk)
    play(session)
    session.fork(CONTROL, "A", 2)
    _EVENTS.extend(session.log.read())
    session.log.close()
