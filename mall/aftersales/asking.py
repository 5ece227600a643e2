"""A resident says that something is wrong, adds photos, writes, withdraws."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.aftersales import allowances
from mall.aftersales.errors import (
    CaseOpenError,
    NotAskableError,
    NotYourTurnError,
    PhotoMissingError,
    TooManyPhotosError,
)
from mall.aftersales.holding import hold_window, let_window_go
from mall.aftersales.models import AfterSalesCase, CasePhoto, CaseReason, CaseStep, Role
from mall.aftersales.people import locked_case
from mall.aftersales.photos import Drawn, draw, forget, keep
from mall.aftersales.story import record, tell
from mall.aftersales.windows import reasons_for, window_of
from mall.aftersales.worth import Claimed, left_of, worth_of
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.ordering.paying import locked_order
from payments.api import advance, new_number, now, transact

log = structlog.get_logger(__name__)
Passed = AfterSalesCase.Passed
Status = AfterSalesCase.Status
Turn = AfterSalesCase.Turn
What = CaseStep.What
TEXT_MAX: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """What a resident says is wrong with a line, and what she asks for it."""

    line_id: int
    reason_id: int
    claimed: Claimed
    text: str = ""
    photos: Sequence[Any] = field(default=())


def open_case(
    *, order_no: str, resident_id: int, complaint: Complaint, by: User, idem_key: str
) -> AfterSalesCase:
    """Open a case about a line of a resident's order; sent twice it is one.

    Photos are drawn anew first, outside the transaction. NotAskableError (the sentence says why),
    CaseOpenError, AskedNothingError, AskedTooMuchError, PhotoMissingError, TooManyPhotosError,
    UploadRefusedError, OrderGoneError.
    """
    if len(complaint.photos) > CasePhoto.MOST:
        raise TooManyPhotosError(most=CasePhoto.MOST)
    drawn = draw(complaint.photos)
    try:
        case, is_new = _open(
            order_no=order_no,
            resident_id=resident_id,
            complaint=complaint,
            drawn=drawn,
            by=by,
            idem_key=idem_key[:64],
        )
    except BaseException:
        forget(drawn)
        raise
    if not is_new:
        forget(drawn)
    return case


@transact()
def _open(
    *,
    order_no: str,
    resident_id: int,
    complaint: Complaint,
    drawn: Sequence[Drawn],
    by: User,
    idem_key: str,
) -> tuple[AfterSalesCase, bool]:
    order = locked_order(order_no, resident_id=resident_id)
    before = AfterSalesCase.objects.filter(resident=resident_id, idem_key=idem_key).first()
    if before is not None:
        return before, False
    line = order.lines.filter(pk=complaint.line_id).first()
    if line is None:
        raise NotAskableError
    reason = _reason(order, line, complaint)
    if reason.needs_photo and not drawn:
        raise PhotoMissingError
    case = _write(order, line, complaint, reason=reason, by=by, idem_key=idem_key)
    keep(case, drawn)
    hold_window(order)
    role = Role.RESIDENT if by.pk == resident_id else Role.MALL
    record(case, What.OPENED, role=role, by=by, minor=case.asked_minor)
    tell(case, "opened", payer_minor=case.asked_minor)
    log.info("case.opened", case_no=case.case_no, order_no=order.order_no, reason=reason.code)
    return case, True


@transact()
def withdraw(*, case_no: str, by: User) -> AfterSalesCase:
    """Withdraw an own case that is not paid yet; again changes nothing. CaseGoneError."""
    case, order = locked_case(case_no, by=by, role=Role.RESIDENT)
    if case.status == Status.CANCELLED:
        return case
    give_count_back(case)
    changes = {"turn": Turn.NOBODY, "due_at": None, "ended_at": now(), "counted_on": None}
    if not advance(case, AfterSalesCase.EDGES, Status.CANCELLED, **changes):
        raise NotYourTurnError(status=case.status)
    record(case, What.WITHDRAWN, role=Role.RESIDENT, by=by)
    let_window_go(order)
    return case


def add_photos(*, case_no: str, files: Sequence[Any], by: User) -> int:
    """Add photos to an own open case; return how many it has then.

    CaseGoneError, NotYourTurnError once it is decided, TooManyPhotosError, UploadRefusedError.
    """
    if len(files) > CasePhoto.MOST:
        raise TooManyPhotosError(most=CasePhoto.MOST)
    drawn = draw(files)
    try:
        return _add(case_no=case_no, drawn=drawn, by=by)
    except BaseException:
        forget(drawn)
        raise


@transact()
def _add(*, case_no: str, drawn: Sequence[Drawn], by: User) -> int:
    case, _order = locked_case(case_no, by=by, role=Role.RESIDENT)
    if not case.is_open:
        raise NotYourTurnError(status=case.status)
    if case.photos.count() + len(drawn) > CasePhoto.MOST:
        raise TooManyPhotosError(most=CasePhoto.MOST)
    keep(case, drawn)
    if drawn:
        record(case, What.PHOTOS, role=Role.RESIDENT, by=by)
    return case.photos.count()


def give_count_back(case: AfterSalesCase) -> None:
    """Take an offer that came to nothing off its leader's day; in a transaction."""
    if case.counted_on is not None and case.decided_by_id is not None:
        allowances.give_back(
            case.decided_by_id,
            allowances.What.CASES,
            day=case.counted_on,
            minor=case.value_minor,
        )


def _reason(order: OrderFulfilment, line: LineFulfilment, complaint: Complaint) -> CaseReason:
    window = window_of(order, line)
    if not window.is_open:
        raise NotAskableError(window.why_not, until=window.until)
    reasons = {reason.pk: reason for reason in reasons_for(order, line)}
    reason = reasons.get(complaint.reason_id)
    if reason is None:
        raise NotAskableError(_("Please choose what is wrong."))
    cases = AfterSalesCase.objects.filter(line=line)
    if cases.filter(status=Status.REJECTED, kind=reason.kind).exists():
        raise NotAskableError(_("This was decided already. You can appeal to the mall."))
    still_open = cases.filter(status__in=AfterSalesCase.OPEN).first()
    if still_open is not None:
        raise CaseOpenError(case_no=still_open.case_no)
    return reason


def _write(
    order: OrderFulfilment,
    line: LineFulfilment,
    complaint: Complaint,
    *,
    reason: CaseReason,
    by: User,
    idem_key: str,
) -> AfterSalesCase:
    worth = worth_of(order, line, complaint.claimed, bearer=reason.bearer)
    is_own = order.leader_id == order.resident_id
    hours = settings.LINLI_CASE_MALL_HOURS if is_own else settings.LINLI_CASE_LEADER_HOURS
    at = now()
    case = AfterSalesCase(
        case_no=new_number("K"),
        idem_key=idem_key,
        order=order,
        line=line,
        resident_id=order.resident_id,
        leader_id=order.leader_id,
        supplier_id=line.supplier_id,
        reason=reason,
        kind=reason.kind,
        bearer=reason.bearer,
        text=complaint.text.strip()[:TEXT_MAX],
        asked_quantity=complaint.claimed.quantity,
        asked_minor=worth.payer_minor,
        paid_minor=left_of(line).payer_minor,
        turn=Turn.MALL if is_own else Turn.LEADER,
        passed=Passed.OWN if is_own else Passed.NOT_PASSED,
        due_at=at + timedelta(hours=hours),
        opened_by=by,
        opened_at=at,
    )
    try:
        with transaction.atomic():
            AfterSalesCase.objects.bulk_create([case])
    except IntegrityError as error:
        # The index behind the question above: one open case per line whatever raced.
        raise CaseOpenError(line=line.pk) from error
    return case
