"""Chance that can be repeated: every number, nonce and key drawn in a play comes from its seed."""

from __future__ import annotations

import base64
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any, TypeVar
from unittest.mock import patch

T = TypeVar("T")


class _SeededSecrets:
    """What programs ask `secrets` and `os.urandom` for, drawn from a seed: never for real money."""

    def __init__(self, seed: str) -> None:
        self._dice = Random(seed)  # noqa: S311 - it must be repeatable

    def token_bytes(self, nbytes: int | None = None) -> bytes:
        return self._dice.randbytes(32 if nbytes is None else nbytes)

    def token_hex(self, nbytes: int | None = None) -> str:
        return self.token_bytes(nbytes).hex()

    def token_urlsafe(self, nbytes: int | None = None) -> str:
        return base64.urlsafe_b64encode(self.token_bytes(nbytes)).rstrip(b"=").decode()

    def choice(self, choices: Sequence[T]) -> T:
        return self._dice.choice(choices)

    def randbelow(self, exclusive_upper_bound: int) -> int:
        return self._dice.randrange(exclusive_upper_bound)


@contextmanager
def repeatable(seed: str) -> Iterator[None]:
    """Draw everything that is otherwise unguessable from a seed in the meantime."""
    drawn = _SeededSecrets(seed)
    names = ("token_bytes", "token_hex", "token_urlsafe", "choice", "randbelow")
    replaced: dict[str, Any] = {name: getattr(drawn, name) for name in names}
    with patch.multiple(secrets, **replaced), patch.object(os, "urandom", drawn.token_bytes):
        yield


def weighted(dice: Random, weights: dict[T, int]) -> T:
    """Draw one of several by weight; the order of the dictionary is part of the seed's meaning."""
    return dice.choices(list(weights), weights=list(weights.values()))[0]
