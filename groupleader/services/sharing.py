"""Who has a part in a line's commission: its leader, a keeper, and who brought the leader in."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.conf import settings
from django.db.models import Q

from groupleader.models import CommissionAccrual, CommissionTerms, KeeperShare, Leader
from groupleader.services.commissions import RuleScope
from payments.api import Money, post_commission_earned

Part = CommissionTerms.Part
Status = CommissionAccrual.Status
# More than two levels is not allowed to anybody (docs/decisions/0097-parts-of-a-commission.md).
LEVELS: Final = (Part.REFERRER, Part.REFERRER_2)
_EARNED: Final = (Status.AVAILABLE, Status.IN_STATEMENT, Status.PAID)


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """One person's part: of the leader's row the share a keeper takes, else her own share."""

    part: str
    leader: Leader
    share: Decimal = Decimal(0)
    of_leader: Leader | None = None


def parties_of(leader: Leader, *, point_ref: str, at: datetime) -> list[Party]:
    """Return everybody who has a part in what a leader earns at a point at an instant."""
    keeping = keeper_at(point_ref, at=at, leader=leader)
    share = keeping.share if keeping else Decimal(0)
    parties = [Party(part=Part.LEADER, leader=leader, share=share)]
    if keeping is not None:
        keeper = Party(part=Part.KEEPER, leader=keeping.keeper, share=share, of_leader=leader)
        parties.append(keeper)
    return [*parties, *_referrers(leader, at=at)]


def keeper_at(point_ref: str, *, at: datetime, leader: Leader) -> KeeperShare | None:
    """Return who keeps a sub-pickup point for a leader at an instant; never the leader herself."""
    rows = KeeperShare.objects.filter(
        Q(until__isnull=True) | Q(until__gt=at), point_ref=point_ref, since__lte=at
    )
    active = rows.filter(keeper__status=Leader.Status.ACTIVE, keeper__earns_commission=True)
    active = active.exclude(keeper=leader)
    return active.select_related("keeper").order_by("-since", "-pk").first()


def _referrers(leader: Leader, *, at: datetime) -> Iterator[Party]:
    """Yield who brought her in, and who brought that one in, as far as the mall pays for it."""
    if at >= leader.created_at + timedelta(days=settings.LINLI_REFERRAL_DAYS):
        return
    inviter = leader
    for part, share in zip(LEVELS, settings.LINLI_REFERRAL_SHARES, strict=False):
        if inviter.invited_by is None or inviter.invited_by == leader:
            return
        inviter = inviter.invited_by
        if inviter.status == Leader.Status.ACTIVE:
            yield Party(part=part, leader=inviter, share=share, of_leader=leader)


def award_if_due(leader: Leader, *, order_no: str, at: datetime) -> bool:
    """Pay whoever brought a leader in once she has enough finished orders; say if it was now.

    LINLI_REFERRAL_AWARD_MINOR (fen) after LINLI_REFERRAL_AWARD_ORDERS orders whose after-sales
    window is over; her own orders do not count. In the caller's transaction; paid once.
    """
    amount, inviter = settings.LINLI_REFERRAL_AWARD_MINOR, leader.invited_by
    if not amount or inviter is None or inviter.status != Leader.Status.ACTIVE:
        return False
    line_id = f"award:{leader.pk}"
    if CommissionTerms.objects.filter(line_id=line_id, part=Part.AWARD).exists():
        return False
    done = CommissionAccrual.objects.filter(
        leader=leader, status__in=_EARNED, terms__part=Part.LEADER, terms__is_own_order=False
    )
    orders = done.order_by().values("terms__order_no").distinct().count()
    if orders < settings.LINLI_REFERRAL_AWARD_ORDERS:
        return False
    terms, is_new = CommissionTerms.objects.get_or_create(
        line_id=line_id,
        part=Part.AWARD,
        defaults={
            "order_no": order_no,
            "leader": inviter,
            "of_leader": leader,
            "quantity": 1,
            "base_minor": amount,
            "rate": Decimal(1),
            "share": Decimal(1),
            "scope": RuleScope.DEFAULT.value,
            "placed_at": at,
        },
    )
    if is_new:
        _pay_award(terms, amount, at=at)
    return is_new


def _pay_award(terms: CommissionTerms, amount_minor: int, *, at: datetime) -> None:
    CommissionAccrual.objects.create(
        terms=terms,
        leader=terms.leader,
        fulfilment="whole",
        status=Status.AVAILABLE,
        earned_minor=amount_minor,
        accrued_at=at,
        frozen_at=at,
        free_at=at,
        available_at=at,
        reason="award",
    )
    post_commission_earned(
        key=terms.line_id, leader_ref=terms.leader.ref, amount=Money(amount_minor)
    )
