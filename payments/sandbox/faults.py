"""Where the bank misbehaves on purpose: rules at three points of every payment.

Today a rule is bound to the temper of a test card. Rules bound to routes, numbers or chance fit the
same three points.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
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
    """When a rule may act: before money moves, after it moved, when the merchant is to be told."""

    BEFORE_EXECUTE = "before_execute"
    AFTER_EXECUTE = "after_execute"
    NOTIFY = "notify"


class NoticeWithheldError(Exception):
    """The merchant is not to be told; it has to ask."""


def _decline(_settings: Settings) -> None:
    raise Refusal("INSUFFICIENT_FUNDS", "the card's balance does not suffice", status=402)


def _answer_slowly(settings: Settings) -> None:
    threading.Event().wait(settings.slow_answer_seconds)


def _withhold(_settings: Settings) -> None:
    raise NoticeWithheldError


@dataclass(frozen=True, slots=True)
class Rule:
    """At this point, with a card of this temper, do that."""

    point: Point
    temper: Temper
    act: Callable[[Settings], None]


RULES: Final = (
    Rule(Point.BEFORE_EXECUTE, Temper.DECLINED, _decline),
    Rule(Point.AFTER_EXECUTE, Temper.SLOW, _answer_slowly),
    Rule(Point.NOTIFY, Temper.SILENT, _withhold),
)


def strike(point: Point, temper: Temper, settings: Settings) -> None:
    """Let every rule of this point and temper act.

    Raises Refusal before execution, NoticeWithheldError when notifying; after it may only wait.
    """
    for rule in RULES:
        if rule.point is point and rule.temper is temper:
            rule.act(settings)
