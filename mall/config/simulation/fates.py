"""What may become of a message on its way, and how likely each is while the net is bad."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class Asked(StrEnum):
    """What becomes of a request of ours to the bank."""

    DELIVERED = "delivered"
    SLOW = "slow answer"
    NOT_SENT = "refused before the first byte"
    LOST = "lost on the way there"
    UNANSWERED = "executed, answer lost"
    LATE = "arrives after we gave up"
    DOUBLED = "arrives twice"
    QUESTION_BROKEN = "request corrupted"
    ANSWER_BROKEN = "answer corrupted"
    GATEWAY_BEFORE = "5xx before it was executed"
    GATEWAY_AFTER = "5xx after it was executed"


class Told(StrEnum):
    """What becomes of a notice of the bank to us."""

    DELIVERED = "notice delivered"
    DROPPED = "notice dropped"
    UNACKNOWLEDGED = "notice acted on, receipt lost"
    LATE = "notice arrives late"
    DOUBLED = "notice arrives twice"
    BROKEN = "notice corrupted"
    GATEWAY = "notice met a 5xx"


REQUESTS: Final[dict[Asked, int]] = {
    Asked.DELIVERED: 560,
    Asked.SLOW: 120,
    Asked.NOT_SENT: 50,
    Asked.LOST: 40,
    Asked.UNANSWERED: 60,
    Asked.LATE: 40,
    Asked.DOUBLED: 30,
    Asked.QUESTION_BROKEN: 10,
    Asked.ANSWER_BROKEN: 30,
    Asked.GATEWAY_BEFORE: 30,
    Asked.GATEWAY_AFTER: 30,
}
NOTICES: Final[dict[Told, int]] = {
    Told.DELIVERED: 480,
    Told.DROPPED: 120,
    Told.UNACKNOWLEDGED: 80,
    Told.LATE: 120,
    Told.DOUBLED: 120,
    Told.BROKEN: 40,
    Told.GATEWAY: 40,
}
# How late what is late comes: most within the time a signature is fresh, some a day after.
LATENESS_SECONDS: Final = (2, 20, 70, 150, 280, 400, 3600, 26 * 3600)
# How long an answer takes that still comes in time, and how long we wait for one that does not.
SLOW_SECONDS: Final = (0.4, 2, 5, 9)
PATIENCE_SECONDS: Final = 10
ANSWER_SECONDS: Final = 0.05
