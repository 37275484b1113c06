"""Passes: secrets of 160 bits that let a person in. The log holds only their hashes."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field

from ecsim.game.seats import CONTROL, OBSERVER

BYTES = 20
CODE_LENGTH = 6
_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"  # none that look alike


@dataclass(frozen=True)
class Principal:
    """Who asks: a seat of a room, an observer of a room, or control (of all rooms).

    Attributes:
        room, seat: which.
        key: hash of the secret by which it came in, which must be good still; "" where none was needed.
    """

    room: str
    seat: str
    key: str = field(default="", compare=False)

    @property
    def is_control(self) -> bool:
        """Whether it is the facilitator."""
        return self.seat == CONTROL

    @property
    def is_observer(self) -> bool:
        """Whether it only looks on."""
        return self.seat == OBSERVER


def new_secret() -> str:
    """A secret that can stand in an address."""
    return secrets.token_urlsafe(BYTES)


def hash_of(secret: str) -> str:
    """What is kept of a secret. It is long and random, so a plain hash will do."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_code() -> str:
    """A join code: short, to be read aloud; it opens free seats only, and guesses are slowed down."""
    return "".join(secrets.choice(_LETTERS) for _ in range(CODE_LENGTH))


def same(one: str, other: str) -> bool:
    """Equality in constant time, whatever the case."""
    return secrets.compare_digest(one.strip().upper().encode(), other.strip().upper().encode())
