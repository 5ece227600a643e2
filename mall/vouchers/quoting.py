"""Which of a resident's vouchers go on a basket, what each takes off, and why the others do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q

from mall.promotions.funding import Share
from mall.promotions.rules import LineFacts
from mall.vouchers.evaluation import Judgement, Refusal, VoucherFacts, judge, rank
from mall.vouchers.facts import facts_of
from mall.vouchers.models import Voucher, VoucherUse
from mall.vouchers.wording import hint_of

State = Voucher.State


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherQuote:
    """One voucher on one basket; amounts in fen."""

    voucher_no: str
    name: str
    discount_minor: int
    # per line of the basket, in its order; sums to discount_minor
    shares: tuple[int, ...]
    funding: tuple[Share, ...]
    expires_at: datetime
    is_red_packet: bool = False
    # why it does not go on this basket, for a screen; empty when it does
    hint: str = ""
    worth_minor: int = 0
    threshold_minor: int = 0


def vouchers_for(
    *,
    resident_id: int | None,
    lines: Sequence[LineFacts],
    at: datetime,
    except_order: str = "",
) -> list[VoucherQuote]:
    """Quote every voucher she holds, the best usable one first; what `except_order` holds is free.

    One query while the goods of the batches are known, however many vouchers and lines.
    """
    if resident_id is None:
        return []
    judged = [
        (facts, judge(facts, lines, at=at))
        for facts in map(facts_of, _wallet(resident_id, at=at, except_order=except_order))
        if facts.is_for_the_mall
    ]
    judged.sort(key=_order)
    return [_quote(facts, judgement) for facts, judgement in judged]


def _wallet(resident_id: int, *, at: datetime, except_order: str) -> list[Voucher]:
    """Return what is in her wallet and not expired, `is_free` saying whether no order holds it."""
    own = VoucherUse.objects.filter(
        voucher=OuterRef("pk"), order_no=except_order, state=VoucherUse.State.LOCKED
    )
    found = (
        Voucher.objects.filter(resident_id=resident_id)
        .annotate(is_ours=Exists(own))
        .filter(
            # What an order holds stays good for it, whatever the clock says.
            Q(is_ours=True)
            | Q(expires_at__gt=at, state__in=[State.HELD, State.RETURNED, State.LOCKED])
        )
        .select_related("batch")
        .order_by("expires_at", "pk")
    )
    return list(found)


def _order(judged: tuple[VoucherFacts, Judgement]) -> tuple[object, ...]:
    facts, judgement = judged
    if not judgement.refusal:
        return (0, *rank(facts, judgement.discount_minor))
    # Nearest to being usable first.
    is_far = judgement.refusal != Refusal.BELOW_THRESHOLD
    return (1, is_far, judgement.missing_minor, *rank(facts, facts.worth_minor))


def _quote(facts: VoucherFacts, judgement: Judgement) -> VoucherQuote:
    return VoucherQuote(
        voucher_no=facts.voucher_no,
        name=facts.name,
        discount_minor=judgement.discount_minor,
        shares=judgement.shares,
        funding=facts.funding,
        expires_at=facts.expires_at,
        is_red_packet=facts.is_red_packet,
        hint=hint_of(facts, judgement),
        worth_minor=facts.worth_minor,
        threshold_minor=facts.threshold_minor,
    )
