"""The payer's side of the past: the sandbox acquirer's admin plane, driven by the demo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, datetime
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from django.conf import settings

from payments.api import travelling, wall_now

_SECONDS = 10


def pay(payment_no: str) -> None:
    """Pay an order at the cashier with a test card."""
    _post(f"_sim/pay/{payment_no}")


@dataclass(frozen=True, kw_only=True)
class TestCard:
    """A test card: another serial number is another card."""

    bin: str
    serial: int


def sign(agreement_no: str, card: TestCard, *, name: str, phone: str) -> None:
    """Sign a tied card with a test card."""
    said = {"bin": card.bin, "serial": card.serial, "name": name}
    _post(f"_sim/sign/{agreement_no}", said | {"phone": phone.removeprefix("+86")})


def start_campaign(
    code: str, *, issuer_code: str, kinds: list[str], threshold_minor: int, discount_minor: int
) -> None:
    """Let a bank take so much (fen) off payments by its cards by itself."""
    figures = {"threshold_minor": threshold_minor, "discount_minor": discount_minor}
    _post("_campaigns", {"code": code, "issuer_code": issuer_code, "kinds": kinds, **figures})


def hush() -> None:
    """Drop what the acquirer would still tell us: of the past we have asked already."""
    _post("_sim/hush")


def settle(day: date) -> None:
    """Pay a day's takings out now, if any are left."""
    with suppress(NothingToDoError):
        _post("_settle", {"day": day.isoformat()})


def spoil_bill(day: date, *, kind: str, fault: str, details: dict[str, Any]) -> None:
    """Let the bill of a day be wrong from now on, the same way whenever it is fetched."""
    _post("_faults", {"fault": fault, "kind": kind, "day": day.isoformat(), "args": details})


class NothingToDoError(RuntimeError):
    """The acquirer says that it is so already."""


@contextmanager
def another_day(at: datetime) -> Iterator[None]:
    """Put our clock and the acquirer's to another instant for a while, then back to before."""
    with travelling(at), its_clock_at(at):
        yield


@contextmanager
def its_clock_at(at: datetime) -> Iterator[None]:
    """Put only the acquirer's clock to another instant for a while, then back to before."""
    before = round(_call("GET", "_clock")["offset_seconds"])
    _post("_clock", {"offset_seconds": round((at - wall_now()).total_seconds())})
    try:
        yield
    finally:
        _post("_clock", {"offset_seconds": before})


def _post(path: str, said: dict[str, Any] | None = None) -> None:
    _call("POST", path, said)


def _call(method: str, path: str, said: dict[str, Any] | None = None) -> Any:
    if not settings.LINLI_SANDBOX_ADMIN_URL:
        raise RuntimeError(
            "LINLI_SANDBOX_ADMIN_URL is not set: start the sandbox acquirer with --admin-port"
        )
    request = Request(  # noqa: S310 - the sandbox acquirer's own address, from our settings
        f"{settings.LINLI_SANDBOX_ADMIN_URL}/{path}",
        data=None if method == "GET" else json.dumps(said or {}).encode(),
        headers={"Content-Type": "application/json"},
        method=method,
    )
    try:
        with urlopen(request, timeout=_SECONDS) as answer:  # noqa: S310
            return json.loads(answer.read() or b"{}")
    except HTTPError as error:
        kind = NothingToDoError if error.code == HTTPStatus.CONFLICT else RuntimeError
        raise kind(f"{path}: {error.code} {error.read()[:200]!r}") from error
