"""Giving a voucher out: the row, the person's places, then the counters everybody wants.

Everything here joins the caller's transaction. What is scarce is taken by one conditional update
with a check constraint behind it: the places per person first, the batch and the round last.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from mall.vouchers.eligibility import Claimant
from mall.vouchers.errors import AlreadyYoursError, SoldOutError
from mall.vouchers.models import ClaimRound, ClaimSlot, Voucher, VoucherBatch
from payments.api import new_number, now


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A voucher to be given out."""

    batch: VoucherBatch
    resident_id: int
    source: str
    source_key: str
    worth_minor: int
    round: ClaimRound | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a person may have only so many of."""

    key: str
    limit: int


def write_voucher(issue: Issue) -> Voucher:
    """Insert the voucher's row; IntegrityError when the same wish made one before."""
    at = now()
    valid_from, expires_at = window_of(issue.batch, claimed_at=at)
    return Voucher.objects.create(
        voucher_no=new_number("V"),
        batch=issue.batch,
        round=issue.round,
        resident_id=issue.resident_id,
        source=issue.source,
        source_key=issue.source_key,
        worth_minor=issue.worth_minor,
        claimed_at=at,
        valid_from=valid_from,
        expires_at=expires_at,
    )


def window_of(batch: VoucherBatch, *, claimed_at: datetime) -> tuple[datetime, datetime]:
    """Return from when and until when a voucher claimed at a moment is good."""
    if batch.valid_from is not None and batch.valid_until is not None:
        return batch.valid_from, batch.valid_until
    return claimed_at, claimed_at + timedelta(hours=batch.valid_hours or 0)


def scopes_of(batch: VoucherBatch, claim_round: ClaimRound | None) -> list[Scope]:
    """Return what limits one person: the round, the batch, the worth in the campaign."""
    scopes = []
    if claim_round is not None:
        scopes.append(Scope(key=f"round:{claim_round.pk}", limit=claim_round.person_limit))
    if batch.person_limit is not None:
        scopes.append(Scope(key=f"batch:{batch.pk}", limit=batch.person_limit))
    if batch.worth_limit is not None:
        key = f"worth:{batch.campaign}:{batch.discount_minor}"
        scopes.append(Scope(key=key, limit=batch.worth_limit))
    return scopes


def take_places(voucher: Voucher, claimant: Claimant, scopes: list[Scope]) -> None:
    """Take a place in every scope under every name of the person; AlreadyYoursError.

    A place taken by a transaction still open makes the insert wait for its end.
    """
    wanted = {(scope.key, subject): scope for scope in scopes for subject in claimant.subjects}
    taken: set[tuple[str, str, int]] = set()
    while wanted:
        ClaimSlot.objects.bulk_create(
            [
                _free_slot(voucher, limit=wanted[key].limit, key=key, taken=taken)
                for key in sorted(wanted)
            ],
            ignore_conflicts=True,
        )
        ours = set(voucher.slots.values_list("scope", "subject"))
        wanted = {key: scope for key, scope in wanted.items() if key not in ours}
        taken = _taken(wanted) if wanted else taken


def take_stock(batch: VoucherBatch, claim_round: ClaimRound | None, worth_minor: int) -> None:
    """Count the voucher against the batch, then the round: the rows everybody wants, so last.

    SoldOutError when either has no more, or no longer runs.
    """
    counted = VoucherBatch.objects.filter(
        Q(budget_minor=None) | Q(budget_minor__gte=F("issued_minor") + worth_minor),
        pk=batch.pk,
        state=VoucherBatch.State.ACTIVE,
        total_stock__gt=F("issued_count"),
    ).update(issued_count=F("issued_count") + 1, issued_minor=F("issued_minor") + worth_minor)
    if not counted:
        raise SoldOutError(batch=batch.code)
    if claim_round is None:
        return
    at = now()
    counted = ClaimRound.objects.filter(
        pk=claim_round.pk,
        stock__gt=F("claimed_count"),
        opens_at__lte=at,
        closes_at__gt=at,
        cancelled_at=None,
    ).update(claimed_count=F("claimed_count") + 1)
    if not counted:
        raise SoldOutError(round=claim_round.pk)


def _taken(wanted: dict[tuple[str, str], Scope]) -> set[tuple[str, str, int]]:
    return set(
        ClaimSlot.objects.filter(
            scope__in={scope for scope, _subject in wanted},
            subject__in={subject for _scope, subject in wanted},
        ).values_list("scope", "subject", "slot")
    )


def _free_slot(
    voucher: Voucher, *, limit: int, key: tuple[str, str], taken: set[tuple[str, str, int]]
) -> ClaimSlot:
    scope, subject = key
    for slot in range(limit):
        if (scope, subject, slot) not in taken:
            return ClaimSlot(scope=scope, subject=subject, slot=slot, limit=limit, voucher=voucher)
    raise AlreadyYoursError(scope=scope.partition(":")[0], subject=subject.partition(":")[0])
