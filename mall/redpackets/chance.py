"""The chance in a rain: a roll that follows from the seed, so that anybody can check it after.

roll = HMAC-SHA256(key: the seed's bytes, message: "<session>:<person>:<number>") as an unsigned
integer, big-endian, modulo 10,000. The seed's SHA-256 is published before the rain, the seed after.
The remainder of 2^256 by 10,000 favours no roll by more than one part in 10^73.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from mall.redpackets.models.sessions import WHOLE

_SEED_BYTES: Final = 32


class Chance(Protocol):
    """What of a prize a roll looks at."""

    @property
    def chances(self) -> int:
        """In how many of 10,000 draws it falls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """The secret a rain's rolls follow from, in hexadecimal, and what is published of it before."""

    secret: str
    sha256: str


def new_seed() -> Seed:
    """Draw a seed nobody can guess."""
    secret = secrets.token_hex(_SEED_BYTES)
    return Seed(secret=secret, sha256=commitment(secret))


def commitment(secret: str) -> str:
    """Return the SHA-256 of the seed's bytes, in hexadecimal."""
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


def person_of(session_code: str, resident_id: int) -> str:
    """Return what a rain's public record calls a resident; another name in every rain."""
    return hashlib.sha256(f"{session_code}:{resident_id}".encode()).hexdigest()[:16]


def roll(*, secret: str, session_code: str, person: str, number: int) -> int:
    """Return the roll, 0 to 9,999, of a person's how manieth draw."""
    message = f"{session_code}:{person}:{number}".encode()
    digest = hmac.new(bytes.fromhex(secret), message, hashlib.sha256).digest()
    return int.from_bytes(digest, "big") % WHOLE


def prize_at(prizes: Sequence[Chance], rolled: int) -> int | None:
    """Return on which of the prizes (in their order) a roll falls; None for nothing."""
    for index, prize in enumerate(prizes):
        if rolled < prize.chances:
            return index
        rolled -= prize.chances
    return None
