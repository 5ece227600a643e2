"""Which acquirer account is used."""

from __future__ import annotations


def ensure_sandbox_account() -> None:
    raise NotImplementedError
