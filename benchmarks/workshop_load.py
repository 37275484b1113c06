"""The workshop under load: 60 open pages, moves handed in, previews asked for; what teams wait, and what it costs.

    python benchmarks/workshop_load.py --clients 60

Every client is a page of its own with its live connection (the page is asked for over HTTP, and joined over the socket as a
browser does); moves and previews go through the server's front door. Times are of this machine while it does all of it.
"""

from __future__ import annotations

import argparse
import ast
import asyncio
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx
import socketio

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from ecsim.game.passes import Principal  # noqa: E402
from ecsim.game.session import Session, create  # noqa: E402
from ecsim.game.setup import Setup  # noqa: E402
from serving import Server  # noqa: E402

RULE = {"actor": "USA", "verb": "impose", "tool": "country_rule", "products": ["lithography"], "denial": 0.9}
MOVES = {
    "washington": RULE,
    "beijing": {"actor": "CHN", "verb": "measure", "tool": "big_fund", "size": 7.0},
    "tokyo": {"actor": "JPN", "verb": "adopt", "issuer": "USA", "level": 0.6},
    "hague": {"actor": "NLD", "verb": "adopt", "issuer": "USA", "level": 0.6},
    "partners": {"actor": "KOR", "verb": "adopt", "issuer": "USA", "level": 0.3},
    "industry": {"actor": "USA", "verb": "measure", "tool": "firm_stockpile", "size": 0.5},
}


def prepared(folder: Path, rooms: int) -> tuple[Path, dict[tuple[str, str], str]]:
    """A game with several rooms, and a secret for every seat of each."""
    create(folder / "game.ecsim", Setup())
    session = Session(folder / "game.ecsim", workers=0)
    control = Principal("", "control")
    links = {}
    for n in range(rooms):
        room = "A" if n == 0 else session.add_room(control, f"Room {n + 1}")
        for seat in MOVES:
            links[room, seat] = "/enter/" + session.join(session.game.join_code, room, seat, f"{room} {seat}")
        links[room, "observer"] = "/enter/" + session.issue(control, room, "observer")
    session.close()
    return folder / "game.ecsim", links


async def opened(base: str, room: str, seat: str, link: str) -> tuple[httpx.AsyncClient, socketio.AsyncClient, list[float]]:
    """A page with its socket, and the times at which the server sent it something."""
    client = httpx.AsyncClient(base_url=base, timeout=120.0)
    await client.get(link)
    page = (await client.get(f"/play/{room}/{seat}" if seat != "observer" else f"/screen/{room}")).text
    query = ast.literal_eval(re.search(r"query: (\{.*?\}),\n", page)[1])  # type: ignore[index]
    socket = socketio.AsyncClient(reconnection=False)
    heard: list[float] = []
    socket.on("update", lambda *_: heard.append(time.monotonic()))
    words = "&".join(f"{k}={v}" for k, v in query.items())
    await socket.connect(f"{base}?{words}", socketio_path="/_nicegui_ws/socket.io", transports=["websocket"], headers={"origin": base})
    client_id = query["client_id"]
    await socket.emit(
        "handshake", {"client_id": client_id, "document_id": client_id, "tab_id": client_id, "old_tab_id": None, "next_message_id": 0}
    )
    return client, socket, heard


async def timed(work: Any) -> float:
    """Seconds until an answer with status 200."""
    begun = time.monotonic()
    answer = await work
    assert answer.status_code == 200, answer.text
    return time.monotonic() - begun


async def hand_in(client: httpx.AsyncClient, room: str, seat: str, change: int) -> float:
    """Hand in a move; each time another one, so that each is a change."""
    view = (await client.get(f"/api/view/{room}/{seat}")).json()
    move = dict(MOVES[seat])
    if "level" in move:
        move["level"] = 0.3 + change / 100
    body = {"turn": view["turn"], "revision": view["revision"], "rows": [{"move": move, "shown": "public"}], "intent": str(change)}
    return await timed(client.post(f"/api/submit/{room}/{seat}", json=body))


async def measure(server: Server, links: dict[tuple[str, str], str], clients: int) -> dict[str, float]:
    """All of it, in seconds and MB."""
    before = server.memory()
    wanted = [key for _, key in zip(range(clients), _seats(links), strict=False)]
    begun = time.monotonic()
    pages = [await opened(server.base, room, seat, links[room, seat]) for room, seat in wanted]
    out = {"clients": float(len(pages)), "all open after, s": time.monotonic() - begun}
    await asyncio.sleep(3.0)
    out["memory a client, MB"] = (server.memory() - before) / len(pages)
    teams = {(room, seat): client for (room, seat), (client, _, _) in zip(wanted, pages, strict=True) if seat != "observer"}
    confirmed: list[float] = []
    for change in range(5):
        confirmed += await asyncio.gather(*(hand_in(client, room, seat, change) for (room, seat), client in teams.items()))
    out |= {
        "moves": float(len(confirmed)),
        "confirmed, median s": statistics.median(confirmed),
        "confirmed, 95% s": sorted(confirmed)[int(0.95 * len(confirmed))],
    }
    six = {seat: client for (room, seat), client in teams.items() if room == "A"}

    async def look(seat: str, denial: float) -> float:
        move = {**MOVES[seat], **({"denial": denial} if seat == "washington" else {})}
        return await timed(six[seat].post(f"/api/preview/A/{seat}", json={"rows": [{"move": move, "shown": "public"}]}))

    out["preview, one seat, s"] = statistics.median([await look("washington", 0.5 + n / 50) for n in range(3)])
    out["preview, six at once, slowest s"] = max(await asyncio.gather(*(look(seat, 0.7) for seat in six)))
    async with httpx.AsyncClient(base_url=server.base, timeout=120.0) as control:
        await control.get(server.facilitator)
        heard = [len(h) for _, _, h in pages]
        out["turn worked out, s"] = await timed(control.post("/api/advance/A", json={}))
        await asyncio.sleep(3.0)
    out["pages told of the turn"] = float(sum(len(h) > n for (_, _, h), n in zip(pages, heard, strict=True)))
    out["memory of the server, MB"] = server.memory()
    for client, socket, _ in pages:
        await socket.disconnect()
        await client.aclose()
    return out


def _seats(links: dict[tuple[str, str], str]) -> list[tuple[str, str]]:
    """Seats of all rooms first, then as many observers as are wanted."""
    seats = [key for key in links if key[1] != "observer"]
    observers = [key for key in links if key[1] == "observer"]
    return seats + observers * 100


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=60)
    parser.add_argument("--rooms", type=int, default=4)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file, links = prepared(Path(folder), chosen.rooms)
        server = Server(file)
        try:
            found = asyncio.run(measure(server, links, chosen.clients))
        finally:
            server.stop()
    for name, value in found.items():
        print(f"{name:<34}{value:>10.3f}")


if __name__ == "__main__":
    main()
