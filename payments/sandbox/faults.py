"""Where the bank misbehaves on purpose: the points at which something can go wrong, and how.

Some misbehaviour is built in, bound to the temper of a test card. All other is asked for on the
admin plane as rules (rules.py), each naming one fault of the table below.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from payments.sandbox.refusals import Refusal
from payments.sandbox.settings import Settings


class Temper(StrEnum):
    """What a test card is for; the digit after its zeros in the card number."""

    NORMAL = "normal"
    DECLINED = "declined"
    SLOW = "slow"
    ASKS_CODE = "asks_code"
    SILENT = "silent"


class Point(StrEnum):
    """When a fault may strike: around a request, when the merchant is told, in the books."""

    BEFORE_EXECUTE = "before_execute"
    AFTER_EXECUTE = "after_execute"
    NOTIFY = "notify"
    PAY = "pay"
    CLOSE = "close"
    CHARGE = "charge"
    REFUND = "refund"
    SPLIT = "split"
    SPLIT_RETURN = "split_return"
    TRANSFER = "transfer"
    BILL_READY = "bill_ready"
    BILL_SHIFT = "bill_shift"
    BILL = "bill"


# Every fault a rule may name, and the point where it strikes (docs/protocols/sandbox.md).
FAULTS: Final[Mapping[str, Point]] = {
    "delay": Point.BEFORE_EXECUTE,
    "drop_before_execute": Point.BEFORE_EXECUTE,
    "delay_after_execute": Point.AFTER_EXECUTE,
    "drop_after_execute": Point.AFTER_EXECUTE,
    "http_500_after_execute": Point.AFTER_EXECUTE,
    "garbage_body": Point.AFTER_EXECUTE,
    "bad_response_signature": Point.AFTER_EXECUTE,
    "response_for_other_order": Point.AFTER_EXECUTE,
    "amount_tamper": Point.AFTER_EXECUTE,
    "notify_before_response": Point.AFTER_EXECUTE,
    "notify_delay": Point.NOTIFY,
    "notify_duplicate": Point.NOTIFY,
    "notify_reorder": Point.NOTIFY,
    "notify_never": Point.NOTIFY,
    "notify_bad_signature": Point.NOTIFY,
    "notify_stale_timestamp": Point.NOTIFY,
    "notify_old_key": Point.NOTIFY,
    "pay_after_close": Point.CLOSE,
    "double_pay": Point.PAY,
    "agreement_revoked_by_user": Point.CHARGE,
    "refund_pending_then_fail": Point.REFUND,
    "refund_abnormal": Point.REFUND,
    "refund_fail_after_success": Point.REFUND,
    "split_partial": Point.SPLIT,
    "split_return_fails": Point.SPLIT_RETURN,
    "transfer_user_never_confirms": Point.TRANSFER,
    "transfer_returned": Point.TRANSFER,
    "not_ready": Point.BILL_READY,
    "shift_to_next_day": Point.BILL_SHIFT,
    **dict.fromkeys(
        (
            "omit_line",
            "extra_line",
            "duplicate_line",
            "wrong_amount",
            "wrong_status",
            "wrong_fee",
            "bad_digest",
            "truncated",
            "gbk_bom_crlf",
            "reissue",
        ),
        Point.BILL,
    ),
}


class NoticeWithheldError(Exception):
    """The merchant is not to be told; it has to ask."""


def _decline(_settings: Settings) -> None:
    raise Refusal("INSUFFICIENT_FUNDS", "the card's balance does not suffice", status=402)


def _answer_slowly(settings: Settings) -> None:
    threading.Event().wait(settings.slow_answer_seconds)


def _withhold(_settings: Settings) -> None:
    raise NoticeWithheldError


@dataclass(frozen=True, slots=True)
class Manner:
    """At this point, with a card of this temper, do that."""

    point: Point
    temper: Temper
    act: Callable[[Settings], None]


TEMPERS: Final = (
    Manner(Point.BEFORE_EXECUTE, Temper.DECLINED, _decline),
    Manner(Point.AFTER_EXECUTE, Temper.SLOW, _answer_slowly),
    Manner(Point.NOTIFY, Temper.SILENT, _withhold),
)


def strike(point: Point, temper: Temper, settings: Settings) -> None:
    """Let a card of this temper act at this point.

    Raises Refusal before execution, NoticeWithheldError when notifying; after it may only wait.
    """
    for manner in TEMPERS:
        if manner.point is point and manner.temper is temper:
            manner.act(settings)
