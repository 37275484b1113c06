"""The server, asked directly: who gets in, what a seat can read and do, what is refused, and a server that is killed."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from ecsim.game.log import Entry, Log
from ecsim.game.passes import Principal
from ecsim.game.referee import Referee
from ecsim.game.seats import CONTROL
from ecsim.game.session import Session, create
from ecsim.game.state import Game
from ecsim.game.web.guard import Bucket, Guard, bounded
from playing import FUND, JOIN, RULE, SETUP, rows
from serving import Server, submit, wait_for

pytestmark = pytest.mark.slow
SEATS = ("washington", "beijing", "tokyo", "hague", "partners", "industry")


def prepared(folder: Path) -> tuple[Path, dict[str, str]]:
    """A game with a team and a secret on every seat."""
    create(folder / "game.ecsim", SETUP)
    session = Session(folder / "game.ecsim", workers=0)
    links = {s: "/enter/" + session.join(session.game.join_code, "A", s, f"<img src=x onerror=alert(1)> {s}") for s in SEATS}
    links["observer"] = "/enter/" + session.issue(Principal("", CONTROL), "A", "observer")
    session.close()
    return folder / "game.ecsim", links


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    file, links = prepared(tmp_path_factory.mktemp("server"))
    server = Server(file)
    yield server, links
    server.stop()


def test_a_link_becomes_a_cookie_that_scripts_and_strangers_cannot_use(served: tuple[Server, dict[str, str]]) -> None:
    server, links = served
    answer = httpx.get(server.base + links["tokyo"])
    cookie = answer.headers["set-cookie"]
    assert answer.status_code == 303 and answer.headers["location"] == "/play/A/tokyo"
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie and "Secure" not in cookie
    assert httpx.get(f"{server.base}/enter/no-such-secret").headers["location"] == "/nothing"


def test_a_seat_reads_only_its_own(served: tuple[Server, dict[str, str]]) -> None:
    server, links = served
    with server.client(links["tokyo"]) as tokyo, server.client() as nobody:
        assert tokyo.get("/api/view/A/tokyo").status_code == 200
        for client, path in (
            (tokyo, "/api/view/A/beijing"),
            (tokyo, "/api/view/B/tokyo"),
            (nobody, "/api/view/A/tokyo"),
            (tokyo, "/report/A"),
        ):
            answer = client.get(path)
            assert answer.status_code == 403 and set(answer.json()) == {"refused", "text"}
        for path in ("/play/A/beijing", "/control", "/act/A/beijing"):
            page = tokyo.get(path)
            assert "not valid" in page.text and "Your move" not in page.text
        stolen = httpx.Cookies({"ecsim_A_beijing": tokyo.cookies["ecsim_A_tokyo"]})
        assert httpx.get(f"{server.base}/api/view/A/beijing", cookies=stolen).status_code == 403


def test_a_seat_does_only_its_own(served: tuple[Server, dict[str, str]]) -> None:
    server, links = served
    with server.client(links["tokyo"]) as tokyo, server.client(links["observer"]) as observer:
        body = {"turn": 1, "revision": 0, "rows": rows(FUND)}
        assert tokyo.post("/api/submit/A/beijing", json=body).status_code == 403
        assert tokyo.post("/api/submit/A/tokyo", json=body).status_code == 409  # its own seat, another's state
        assert observer.post("/api/submit/A/observer", json=body).status_code == 403
        assert tokyo.post("/api/advance/A", json={}).status_code == 403


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"turn": "1"}', b'{"turn": true, "revision": 0, "rows": []}', b"x" * 70000])
def test_nonsense_is_refused_and_tells_nothing(served: tuple[Server, dict[str, str]], body: bytes) -> None:
    server, links = served
    with server.client(links["tokyo"]) as tokyo:
        answer = tokyo.post("/api/submit/A/tokyo", content=body)
        assert answer.status_code == 409 and "Traceback" not in answer.text and "/" not in answer.json()["text"]


def test_other_hosts_and_origins_are_refused(served: tuple[Server, dict[str, str]]) -> None:
    server, links = served
    with server.client(links["tokyo"]) as tokyo:
        assert tokyo.get("/", headers={"host": "evil.example"}).status_code == 421
        body = {"turn": 1, "revision": 0, "rows": []}
        for headers in ({"origin": "http://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
            assert tokyo.post("/api/submit/A/tokyo", json=body, headers=headers).status_code == 403
        socket = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
        assert tokyo.get(socket, headers={"origin": "http://evil.example"}).status_code == 403
        assert tokyo.get("/lang/zh?to=//evil.example").headers["location"] == "/"


def test_headers_keep_pages_to_themselves(served: tuple[Server, dict[str, str]]) -> None:
    server, _ = served
    headers = httpx.get(server.base).headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"] and headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer" and "server" not in headers


def test_what_people_write_stays_text(served: tuple[Server, dict[str, str]]) -> None:
    server, links = served
    with server.client(links["tokyo"]) as tokyo:
        page = tokyo.get("/play/A/tokyo").text
        assert "<img src=x onerror" not in page


def test_tables_of_the_report_are_control_s(served: tuple[Server, dict[str, str]]) -> None:
    server, links = served
    with server.client(server.facilitator) as control, server.client(links["tokyo"]) as tokyo:
        assert control.get("/report/A").status_code == 200
        assert control.get("/report/A/tables.zip").content[:2] == b"PK"
        assert tokyo.get("/report/A/tables.zip").status_code == 403


def test_kill_9_in_mid_turn_loses_nothing(tmp_path: Path) -> None:
    file, links = prepared(tmp_path)
    server = Server(file)
    confirmed: dict[str, list] = {}
    lock = threading.Lock()

    def play(seat: str, moves: list) -> None:
        try:
            with server.client(links[seat]) as client:
                if submit(client, seat, moves).status_code == 200:
                    with lock:
                        confirmed[seat] = moves
        except httpx.HTTPError:
            pass  # killed before it answered, or before the page was asked for

    threads = [
        threading.Thread(target=play, args=x)
        for x in (("washington", rows(RULE)), ("beijing", rows(FUND)), ("tokyo", rows(JOIN)), ("hague", []))
    ]
    for t in threads:
        t.start()
    threads[0].join(30)
    server.kill()
    for t in threads:
        t.join()
    server.start()
    try:
        assert "washington" in confirmed
        for seat, moves in confirmed.items():
            with server.client(links[seat]) as client:
                kept = client.get(f"/api/view/A/{seat}").json()["submitted"]
                assert [r["move"]["verb"] for r in kept] == [r["move"]["verb"] for r in moves]
        with server.client(server.facilitator) as control:
            done = control.post("/api/advance/A", json={}).json()
    finally:
        server.stop()
    log = Log(file)
    game = Game().take(log.read())
    log.close()
    assert Referee(game.setup).resolve(game.branches["A"].history)["hash"] == done["hash"]


def test_a_server_says_when_it_was_last_alive_and_leaves_clocks_stopped(tmp_path: Path) -> None:
    file, links = prepared(tmp_path)
    log = Log(file)
    log.append([Entry("A", 1, CONTROL, "clock", "clock/x", {"deadline": time.time() + 1.0, "paused": None})])
    log.close()
    server = Server(file)
    try:
        beside = Path(f"{file}.lock")
        begun = beside.stat().st_mtime
        wait_for(lambda: beside.stat().st_mtime > begun + 1.5)
        with server.client(links["tokyo"]) as tokyo:
            view = tokyo.get("/api/view/A/tokyo").json()
        assert (view["turn"], view["phase"]) == (1, "open")
    finally:
        server.stop()


def test_buckets_fill_again_slowly() -> None:
    bucket = Bucket(3, 0.001)
    assert [bucket.take("a") for _ in range(4)] == [True, True, True, False] and bucket.take("b")
    bucket.give_back("a")
    assert [bucket.take("a") for _ in range(2)] == [True, False]


def test_a_page_that_floods_the_server_is_taken_to_have_gone() -> None:
    """Two hundred messages at once are let through; the page's socket then ends, and the next page is not touched."""

    async def sent() -> dict:
        return {"type": "websocket.receive", "text": "x"}

    async def heard(most: int) -> int:
        receive = bounded(sent)
        kinds = [(await receive())["type"] for _ in range(most)]
        return kinds.count("websocket.receive")

    assert asyncio.run(heard(150)) == 150
    assert 200 <= asyncio.run(heard(2000)) < 400


def test_an_address_is_slowed_on_one_path_of_the_interface() -> None:
    guard = Guard(lambda *_: None, ["localhost"])  # type: ignore[arg-type, return-value]
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/view/A/tokyo",
        "headers": [(b"host", b"localhost:1")],
        "client": ("10.0.0.1", 5),
    }
    assert [guard.refused(scope) for _ in range(25)].count(429) >= 4
    assert guard.refused({**scope, "path": "/api/view/A/hague"}) == 0 and guard.refused({**scope, "client": ("10.0.0.2", 5)}) == 0


def test_handing_in_does_not_wait_behind_previews(served: tuple[Server, dict[str, str]]) -> None:
    server, links = served
    done: list[str] = []

    def look(seat: str, move: dict) -> None:
        with server.client(links[seat]) as client:
            for _ in range(2):
                assert client.post(f"/api/preview/A/{seat}", json={"rows": rows(move)}).status_code == 200
                done.append("preview")

    with server.client(links["hague"]) as hague:
        threads = [
            threading.Thread(target=look, args=x) for x in (("washington", RULE), ("beijing", FUND), ("tokyo", JOIN)) for _ in range(2)
        ]
        for t in threads:
            t.start()
        assert submit(hague, "hague", []).status_code == 200
        done.append("saved")
        for t in threads:
            t.join()
    assert done.count("preview") == 12 and done.index("saved") < 11


def test_the_guard_limits_an_address() -> None:
    guard = Guard(lambda *_: None, ["localhost"], requests=2)  # type: ignore[arg-type, return-value]
    scope = {"type": "http", "method": "GET", "path": "/", "headers": [(b"host", b"localhost:1")], "client": ("10.0.0.1", 5)}
    assert [guard.refused(scope) for _ in range(3)] == [0, 0, 429]
    assert guard.refused({**scope, "path": "/_nicegui/x.js"}) == 0


PERSON = {"accept": "text/html,application/xhtml+xml"}


def test_an_address_that_leads_nowhere_says_so_in_both_languages_and_shows_the_way_back(
    served: tuple[Server, dict[str, str]],
) -> None:
    server, links = served
    wrong = (("GET", "/plya/A/tokyo", 404), ("GET", "/control/A/x", 404), ("POST", "/play/A/tokyo", 405), ("DELETE", "/lang/en", 404))
    with server.client(links["tokyo"]) as tokyo:
        for method, path, status in wrong:
            for lang, words, back in (("en-GB", "Go back|no such page", "Back to: Tokyo"), ("zh-CN", "请返回|没有此页面", "返回：东京")):
                page = tokyo.request(method, path, headers={**PERSON, "accept-language": lang})
                assert page.status_code == status and f'lang="{lang[:2]}' in page.text, path
                assert re.search(words, page.text) and back in page.text and 'href="/play/A/tokyo"' in page.text
                assert "doesn't exist" not in page.text and "://" not in page.text
        told = tokyo.get("/api/no/such").json()
        assert told["refused"] == "lost_404" and set(told) == {"refused", "text"}
        assert 'href="/"' in httpx.get(f"{server.base}/nowhere", headers=PERSON).text
        assert "没有权限" in tokyo.get("/report/A", headers={**PERSON, "accept-language": "zh"}).text
        assert "the workshop does not answer" in tokyo.get("/", headers={**PERSON, "host": "evil.example"}).text.lower()


def test_who_comes_back_to_the_first_page_finds_the_way_to_the_seat(served: tuple[Server, dict[str, str]]) -> None:
    server, links = served
    with server.client(links["tokyo"]) as tokyo:
        assert "Back to: Tokyo" in tokyo.get("/").text and "Back to: Tokyo" not in httpx.get(server.base).text
        assert "Back to: Tokyo" in tokyo.get("/play/A/hague").text  # a seat that is not theirs
