"""A harmless conversation with an acquirer: every thing we shall ask of it, asked once and judged.

Nothing of it is written into our books. What is opened has a check number (C…), belongs to no
order, is a cent, and is closed at once; a statement that names it is right to, and reconciliation
knows it by its number.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from payments.acquiring.contract import (
    AcquirerAdapter,
    AcquirerError,
    CloseMode,
    CloseOutcome,
    NotificationRejectedError,
    Outcome,
    PayRef,
    PayRequest,
    RawHttp,
    RefundRef,
    RefundRequest,
    Scene,
)
from payments.acquiring.registry import Account
from payments.acquiring.transport import refuse_inside_transaction
from payments.kernel.clock import business_date, now
from payments.kernel.money import Money
from payments.kernel.numbers import CHECK, is_check_number, new_number
from payments.services.accounts import notify_url, result_url

# Pages a payer opens by herself; other scenes need her card, her code or our app beside her.
_SCENES: Final = (Scene.H5, Scene.NATIVE_QR, Scene.APP, Scene.MINIPROGRAM)
_OPEN: Final = frozenset({Outcome.PENDING, Outcome.REQUIRES_ACTION})
_OVER: Final = frozenset({Outcome.CLOSED, Outcome.NOT_FOUND, Outcome.FAILED})
_REFUNDED: Final = frozenset({Outcome.SUCCEEDED, Outcome.PENDING})
_LASTS: Final = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One call: what was asked, what came back, how long it took. `is_right` None was left out."""

    asked: str
    number: str = ""
    answer: str
    ms: int = 0
    is_right: bool | None
    page: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rehearsal:
    """What is played: with whom, for how much, and what is left open for a person to pay."""

    account: Account
    adapter: AcquirerAdapter
    amount: Money
    leave_open: bool = False
    paid: str = ""


def amount_for(adapter: AcquirerAdapter, minor: int = 1) -> Money:
    """Return the smallest amount to try with, in a currency the acquirer takes."""
    currencies = sorted(adapter.caps.currencies)
    return Money(minor, "CNY" if "CNY" in currencies else currencies[0])


def rehearse(play: Rehearsal) -> Iterator[Line]:
    """Ask one thing after the other and tell each as it is answered. Network: no transaction.

    With `paid`, a check number that somebody has paid, only that payment is asked about and given
    back: only where money is not money. ValueError for any other number.
    """
    refuse_inside_transaction()
    if play.paid:
        yield from _give_back(play)
        return
    yield from _open_and_close(play)
    yield _unknown_number(play)
    yield from _bills(play)
    yield from _messages(play)


def _open_and_close(play: Rehearsal) -> Iterator[Line]:
    scene = next((scene for scene in _SCENES if scene in play.adapter.caps.scenes), None)
    if scene is None:
        yield Line(asked="create", answer="no page a payer opens by herself", is_right=None)
        return
    number, sent_at = new_number(CHECK), now()
    opened = _create(play, number, scene=scene, sent_at=sent_at)
    yield opened
    if not opened.is_right:
        return
    ref = PayRef(number, sent_at=sent_at)
    yield _query(play, ref, expected=_OPEN)
    if play.leave_open:
        yield Line(asked="close", number=number, answer="left open to be paid", is_right=None)
        return
    if play.adapter.caps.close != CloseMode.API:
        answer = "this acquirer cannot close; the order lapses by itself"
        yield Line(asked="close", number=number, answer=answer, is_right=None)
        return
    yield _close(play, ref)
    yield _query(play, ref, expected=_OVER)


def _create(play: Rehearsal, number: str, *, scene: Scene, sent_at: datetime) -> Line:
    request = PayRequest(
        payment_no=number,
        amount=play.amount,
        subject="acquirer check",
        scene=scene,
        expires_at=now() + _LASTS,
        notify_url=notify_url(play.account),
        return_url=result_url(number),
        sent_at=sent_at,
    )

    def ask() -> tuple[str, bool, str]:
        result = play.adapter.create(request)
        page = result.step.url if result.step else ""
        return f"{result.outcome} ({scene})", result.outcome in _OPEN, page

    return _timed("create", number, ask)


def _query(play: Rehearsal, ref: PayRef, *, expected: frozenset[Outcome]) -> Line:
    def ask() -> tuple[str, bool, str]:
        result = play.adapter.query(ref)
        is_ours = result.payment_no == ref.payment_no
        return str(result.outcome), is_ours and result.outcome in expected, ""

    return _timed("query", ref.payment_no, ask)


def _close(play: Rehearsal, ref: PayRef) -> Line:
    def ask() -> tuple[str, bool, str]:
        result = play.adapter.close(ref)
        return str(result.outcome), result.outcome == CloseOutcome.CLOSED, ""

    return _timed("close", ref.payment_no, ask)


def _unknown_number(play: Rehearsal) -> Line:
    # Said to be an hour old: of a number of this moment an acquirer may not be sure yet.
    ref = PayRef(new_number(CHECK), sent_at=now() - timedelta(hours=1))
    return _query(play, ref, expected=frozenset({Outcome.NOT_FOUND}))


def _bills(play: Rehearsal) -> Iterator[Line]:
    yesterday = business_date(now() - timedelta(days=1))
    for kind in sorted(play.adapter.caps.bill_kinds):

        def ask(kind: Any = kind) -> tuple[str, bool, str]:
            readiness = play.adapter.bill_available(yesterday, kind).readiness
            return str(readiness), True, ""

        yield _timed(f"bill {kind}", f"{yesterday}", ask)


def _messages(play: Rehearsal) -> Iterator[Line]:
    """A message of nobody must be refused; one of our own making is believed where keys allow."""
    nobodys = RawHttp("POST", "/", b"", {"content-type": "application/json"}, b'{"paid": true}')

    def refuse() -> tuple[str, bool, str]:
        try:
            play.adapter.verify_notification(nobodys)
        except NotificationRejectedError as error:
            return f"refused ({error.reason})", True, ""
        return "believed!", False, ""

    yield _timed("forged message", "", refuse)
    own = play.adapter.sample_notification()
    if own is None:
        answer = "only the acquirer can sign one"
        yield Line(asked="own message", answer=answer, is_right=None)
        return

    def believe() -> tuple[str, bool, str]:
        return f"believed ({play.adapter.verify_notification(own).event_id})", True, ""

    yield _timed("own message", "", believe)


def _give_back(play: Rehearsal) -> Iterator[Line]:
    if not is_check_number(play.paid):
        raise ValueError(f"{play.paid} is no check number: refunds of orders belong in the books")
    if not play.adapter.is_test:
        raise ValueError("this account's money is money: pay and give back through an order")
    asked = _query(play, PayRef(play.paid), expected=frozenset({Outcome.SUCCEEDED}))
    yield asked
    if not asked.is_right:
        return
    number, sent_at = new_number(CHECK), now()
    yield _refund(play, number, sent_at)
    yield _query_refund(play, number, sent_at)


def _refund(play: Rehearsal, number: str, sent_at: datetime) -> Line:
    def ask() -> tuple[str, bool, str]:
        paid = play.adapter.query(PayRef(play.paid))
        amount = paid.amount or play.amount
        result = play.adapter.refund(
            RefundRequest(
                refund_no=number,
                payment_no=play.paid,
                amount=amount,
                paid=amount,
                reason="acquirer check",
                notify_url=notify_url(play.account),
                acquirer_no=paid.acquirer_no,
                sent_at=sent_at,
            )
        )
        return str(result.outcome), result.outcome in _REFUNDED, ""

    return _timed("refund", number, ask)


def _query_refund(play: Rehearsal, number: str, sent_at: datetime) -> Line:
    def ask() -> tuple[str, bool, str]:
        result = play.adapter.query_refund(RefundRef(number, play.paid, sent_at=sent_at))
        return str(result.outcome), result.outcome in _REFUNDED, ""

    return _timed("query refund", number, ask)


def _timed(asked: str, number: str, ask: Callable[[], tuple[str, bool, str]]) -> Line:
    started = time.monotonic()
    page = ""
    try:
        answer, is_right, page = ask()
    except AcquirerError as error:
        code = f" [{error.acquirer_code}]" if error.acquirer_code else ""
        answer, is_right = f"{type(error).__name__}{code}: {error.message}", False
    spent = round((time.monotonic() - started) * 1000)
    return Line(asked=asked, number=number, answer=answer, ms=spent, is_right=is_right, page=page)
