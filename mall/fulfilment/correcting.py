"""Counts set right by staff after the receipt: added beside the first count, which stays."""

from __future__ import annotations

from django.db import IntegrityError

from mall.accounts.models import User
from mall.fulfilment.errors import CountedTooLateError, NothingToCorrectError
from mall.fulfilment.models import ArrivalCorrection, ArrivalLine
from mall.fulfilment.receiving import SURPLUS_MAX
from mall.fulfilment.shortages import decide, dues_of, lines_due, settle
from payments.api import now, transact


def correct_count(*, line_id: int, received: int, reason: str, by: User) -> ArrivalCorrection:
    """Say that another number of an item came than was counted; with the reason, by staff.

    Fewer: who still waits for hers shares the rest by the rule, the others get their money. More:
    written down; money that was promised back stays so, and the pieces are handed out to nobody.
    NothingToCorrectError without a reason or for the present count; CountedTooLateError where more
    are missing than still wait.
    """
    for _try in range(2):
        try:
            correction = _correct(line_id=line_id, received=received, reason=reason, by=by)
        except IntegrityError:  # somebody else corrects the same line: look again
            continue
        settle(source=_source_of(correction))
        return correction
    raise NothingToCorrectError(received=received)


def present_count(line: ArrivalLine) -> int:
    """Return how many came as is known now; no query where corrections were prefetched."""
    corrections = sorted(line.corrections.all(), key=lambda each: each.number)
    return corrections[-1].received if corrections else line.received + line.surplus


@transact()
def _correct(*, line_id: int, received: int, reason: str, by: User) -> ArrivalCorrection:
    line = ArrivalLine.objects.select_related("arrival").get(pk=line_id)
    before = present_count(line)
    too_many = received > line.expected + SURPLUS_MAX
    if not reason.strip() or received == before or received < 0 or too_many:
        raise NothingToCorrectError(received=before)
    group_id = line.arrival.group_id
    out_before, out_now = min(before, line.expected), min(received, line.expected)
    handed_out = _handed_out(line)
    correction = ArrivalCorrection.objects.create(
        line=line,
        number=line.corrections.count() + 1,
        before=before,
        received=received,
        surplus=max(0, received - min(handed_out, out_now)),
        reason=reason.strip()[:200],
        by=by,
        at=now(),
    )
    gone = max(0, min(out_before, handed_out) - out_now)
    if gone:
        waiting = sum(
            due.quantity
            for due in dues_of(
                lines_due({line.item_id: 0}, group_id=group_id), item_id=line.item_id
            )
        )
        if gone > waiting:
            raise CountedTooLateError(short=gone - waiting)
        decide(
            source=_source_of(correction),
            available={line.item_id: waiting - gone},
            group_id=group_id,
            by=by,
        )
    return correction


def _handed_out(line: ArrivalLine) -> int:
    """Return how many pieces were given to neighbours' bags so far: the least ever counted."""
    counts = [min(each.received, line.expected) for each in line.corrections.all()]
    return min([line.received, *counts])


def _source_of(correction: ArrivalCorrection) -> str:
    return f"correction:{correction.pk}"
