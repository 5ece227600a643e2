"""What is taken off a statement after tax: oldest first, as far as it goes; the rest waits."""

from __future__ import annotations

import structlog
from django.conf import settings
from django.db.models import F, Sum

from groupleader.models import Deduction, Leader, SettlementStatement, SupplierAccount
from groupleader.services.service_fees import service_fee_of
from payments.api import now

log = structlog.get_logger(__name__)
Kind = Deduction.Kind


def charge_case(*, leader: Leader, case_no: str, order_no: str, amount_minor: int) -> Deduction:
    """Take what a case cost from the leader who answers for it, with her next statement; once.

    `amount_minor` (fen) above zero. In the transaction that makes it true.
    """
    deduction, made = Deduction.objects.get_or_create(
        key=f"case:{case_no}",
        defaults={
            "leader": leader,
            "kind": Kind.CASE,
            "amount_minor": amount_minor,
            "whole_minor": amount_minor,
            "case_no": case_no,
            "order_no": order_no,
            "at": now(),
        },
    )
    if made:
        log.info("deduction.case", case_no=case_no, leader_id=leader.pk, amount_minor=amount_minor)
    return deduction


def take_deductions(statement: SettlementStatement, *, left_minor: int) -> int:
    """Take into a statement what waits for it and what it costs itself; return the sum (fen).

    What waits goes first, the oldest first; what fits only in part is cut in two. The bank's fee is
    taken only where something is left to transfer. In a transaction, the party locked. Never more
    than `left_minor` (fen).
    """
    fee = service_fee_of(statement)
    if fee > 0:
        _write(statement, kind=Kind.SERVICE, minor=fee)
    taken = 0
    waiting = statement.party.deductions.filter(statement__isnull=True, at__lt=statement.until)
    for deduction in [*waiting.order_by("pk"), *_own(statement)]:
        if taken == left_minor:
            break
        taken += _take(deduction, statement, left_minor - taken)
    fee = settings.LINLI_TRANSFER_FEE_MINOR if statement.leader else 0
    if 0 < fee < left_minor - taken:
        taken += _take(_write(statement, kind=Kind.FEE, minor=fee), statement, fee)
    return taken


def pending_minor(party: Leader | SupplierAccount) -> int:
    """Return what waits to be taken off the party's statements (fen)."""
    rows = party.deductions.filter(statement__isnull=True)
    return rows.aggregate(sum=Sum("amount_minor"))["sum"] or 0


def _own(statement: SettlementStatement) -> list[Deduction]:
    """Return what this statement itself costs, written a moment ago."""
    return list(Deduction.objects.filter(key=_key(statement, Kind.SERVICE)))


def _key(statement: SettlementStatement, kind: str) -> str:
    return f"{kind}:{statement.statement_no}"


def _write(statement: SettlementStatement, *, kind: str, minor: int) -> Deduction:
    return Deduction.objects.create(
        leader=statement.leader,
        supplier=statement.supplier,
        kind=kind,
        key=_key(statement, kind),
        amount_minor=minor,
        whole_minor=minor,
        at=now(),
    )


def _take(deduction: Deduction, statement: SettlementStatement, room_minor: int) -> int:
    """Put a deduction into a statement, or the part of it there is room for; return how much."""
    row = Deduction.objects.filter(pk=deduction.pk, statement__isnull=True)
    if deduction.amount_minor <= room_minor:
        return deduction.amount_minor if row.update(statement=statement) else 0
    if not row.update(amount_minor=F("amount_minor") - room_minor):
        return 0
    Deduction.objects.create(
        leader=deduction.leader,
        supplier=deduction.supplier,
        kind=deduction.kind,
        key=f"{deduction.key}/{statement.statement_no}",
        amount_minor=room_minor,
        whole_minor=deduction.whole_minor,
        part_of=deduction,
        case_no=deduction.case_no,
        order_no=deduction.order_no,
        reason=deduction.reason,
        statement=statement,
        at=deduction.at,
    )
    return room_minor
