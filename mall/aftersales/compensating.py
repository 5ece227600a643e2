"""Goodwill beyond a refund: the mall gives some of what she paid back and bears it alone."""

from __future__ import annotations

import structlog

from mall.accounts.models import User
from mall.aftersales import allowances
from mall.aftersales.errors import (
    AskedNothingError,
    AskedTooMuchError,
    CaseGoneError,
    NotYourTurnError,
    ReasonMissingError,
)
from mall.aftersales.models import AfterSalesCase, Bearer, CaseStep, Compensation, Role
from mall.aftersales.people import COMPENSATE, locked_case
from mall.aftersales.story import record, tell
from mall.aftersales.worth import Claimed, left_of, stage_of, worth_of
from mall.ordering.backs import Gone
from mall.ordering.models import LineBack, OrderFulfilment
from mall.ordering.returning import give_back
from payments.api import now, transact

log = structlog.get_logger(__name__)


@transact()
def give_goodwill(
    *, case_no: str, by: User, payer_minor: int, reason: str, key: str
) -> Compensation:
    """Give the resident fen on top, out of what she paid for the order; the form twice gives once.

    The case's line gives first, then the order's others. AskedNothingError, AskedTooMuchError
    beyond what she paid, OverLimitError, ReasonMissingError, CaseGoneError without the right,
    NotYourTurnError in an own case.
    """
    if not reason.strip():
        raise ReasonMissingError
    case, order = locked_case(case_no, by=by, role=Role.MALL)
    if not by.has_perm(COMPENSATE):
        raise CaseGoneError(case_no=case_no)
    if by.pk == case.resident_id:
        raise NotYourTurnError(status=case.status)
    before = case.compensations.filter(key=key[:64]).first()
    if before is not None:
        return before
    gone = _gone(case, order, payer_minor)
    value_minor = sum(each.off_minor for each in gone)
    counted_on = allowances.take(by, allowances.What.GOODWILL, value_minor)
    given = give_back(
        order,
        gone,
        key=f"{case_no}:g{case.compensations.count() + 1}",
        why=LineBack.Why.CASE,
        stage=stage_of(order, bearer=Bearer.PLATFORM),
    )
    done = Compensation.objects.create(
        case=case,
        minor=given.payer.minor,
        value_minor=value_minor,
        reason=reason.strip()[:200],
        key=key[:64],
        refund_no=given.refund_no,
        given_by=by,
        counted_on=counted_on,
        at=now(),
    )
    record(
        case,
        CaseStep.What.COMPENSATED,
        role=Role.MALL,
        by=by,
        minor=done.minor,
        note=done.reason,
    )
    tell(case, "compensated", turn=done.pk, payer_minor=done.minor, value_minor=value_minor)
    log.info("case.compensated", case_no=case_no, minor=done.minor)
    return done


def _gone(case: AfterSalesCase, order: OrderFulfilment, payer_minor: int) -> list[Gone]:
    """Return what comes off which line so that the payer gets so much in all."""
    if payer_minor <= 0:
        raise AskedNothingError
    missing, gone = payer_minor, []
    lines = sorted(order.lines.order_by("pk"), key=lambda line: line.pk != case.line_id)
    for line in lines:
        take = min(missing, left_of(line).payer_minor)
        if take > 0:
            claimed = Claimed(payer_minor=take)
            gone.append(worth_of(order, line, claimed, bearer=Bearer.PLATFORM).gone)
            missing -= take
    if missing:
        raise AskedTooMuchError(quantity=0, payer_minor=payer_minor - missing)
    return gone
