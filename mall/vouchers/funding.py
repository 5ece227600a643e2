"""Who bears a voucher's discount: a batch's mix of funders, and each one's fen of an amount."""

from __future__ import annotations

from collections import Counter

from mall.promotions.funding import Share, borne_by, shares_from
from mall.vouchers.models import VoucherBatch
from payments.api import Funder, Money, TenderPart

_SUBSIDISERS = {Funder.BANK, Funder.GOVERNMENT}


def shares_of(batch: VoucherBatch) -> tuple[Share, ...]:
    """Return a batch's funders in percent, each under the name the ledger keeps it by.

    A bank's ref that names no campaign gets the batch's code; the operator's is always the code.
    """
    return shares_from(batch.funding, giver="", campaign=batch.code)


def tenders_of(batch: VoucherBatch, amount: Money) -> list[TenderPart]:
    """Return what each funder bears of an amount, to the fen."""
    shares = shares_of(batch)
    return [
        TenderPart(funder=share.funder, ref=share.ref, amount=Money(part, amount.currency))
        for share, part in zip(shares, borne_by(shares, amount.minor), strict=True)
        if part
    ]


def advances_needed(
    batch: VoucherBatch, *, budget_minor: int | None = None
) -> dict[tuple[str, str], Money]:
    """Return what each bank or authority pays of the whole budget, by giver and campaign.

    Rounded up to the fen: what is given out can never be more than what came. `budget_minor` is
    another budget than the batch has (fen).
    """
    whole = batch.budget_or_all_minor if budget_minor is None else budget_minor
    needed: Counter[tuple[str, str]] = Counter()
    for share in shares_of(batch):
        if share.funder in _SUBSIDISERS:
            giver, _, campaign = share.ref.partition(":")
            needed[giver, campaign] += -(-whole * share.percent // 100)
    return {key: Money(minor) for key, minor in needed.items()}


def advances_bound(*, besides: VoucherBatch) -> Counter[tuple[str, str]]:
    """Return what the other launched batches need of the advances, by giver and campaign (fen).

    One that has ended needs what it gave out.
    """
    bound: Counter[tuple[str, str]] = Counter()
    launched = VoucherBatch.objects.filter(is_prefunded=True).exclude(pk=besides.pk)
    for other in launched.exclude(state=VoucherBatch.State.DRAFT):
        has_ended = other.state == VoucherBatch.State.ENDED
        needed = advances_needed(other, budget_minor=other.issued_minor if has_ended else None)
        bound.update({key: amount.minor for key, amount in needed.items()})
    return bound
