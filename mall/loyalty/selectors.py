"""What a resident sees of her points: how many, what they are worth, how each came and went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum

from mall.loyalty.expiry import Expiring, next_to_expire
from mall.loyalty.models import (
    OrderEarning,
    PointsAccount,
    PointsEntry,
    PointsLot,
    PointsProgramme,
)
from mall.loyalty.programme import coming_programme, programme_on
from mall.loyalty.wording import entry_text, rules_text
from payments.api import business_date

Kind = PointsEntry.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wallet:
    """A resident's points on a day; `worth_minor` in fen."""

    balance: int
    debt: int
    worth_minor: int
    expiring: Expiring | None
    rules: tuple[str, ...]
    # from when other rules are in force, if that is decided
    next_rules_on: date | None
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """One entry in words."""

    text: str
    note: str
    points: int
    after: int
    order_no: str
    at: datetime

    @property
    def signed(self) -> str:
        """Return the points with their sign, a real minus: +12, −3."""
        return f"+{self.points}" if self.points > 0 else f"\N{MINUS SIGN}{-self.points}"


def wallet_of(resident_id: int, at: datetime | None = None) -> Wallet:
    """Return what a resident has; what has expired is not there, though no job has come."""
    day = business_date(at)
    programme, coming = programme_on(day), coming_programme(day)
    debt = PointsAccount.objects.filter(resident_id=resident_id).values_list("debt", flat=True)
    balance = balance_of(resident_id, at)
    return Wallet(
        balance=balance,
        debt=debt.first() or 0,
        worth_minor=balance * _worth_of(programme),
        expiring=next_to_expire(resident_id, at) if balance else None,
        rules=tuple(rules_text(programme)) if programme else (),
        next_rules_on=coming.starts_on if coming else None,
        is_open=programme is not None,
    )


def balance_of(resident_id: int, at: datetime | None = None) -> int:
    """Return how many points a resident has; one query."""
    good = PointsLot.objects.filter(
        account__resident_id=resident_id, left__gt=0, expires_on__gte=business_date(at)
    )
    return good.aggregate(points=Sum("left"))["points"] or 0


def entries_of(resident_id: int) -> QuerySet[PointsEntry]:
    """Return how her points came and went, the newest first."""
    return PointsEntry.objects.filter(account__resident_id=resident_id).order_by("-pk")


def in_words(entries: list[PointsEntry]) -> list[HistoryRow]:
    """Put entries into words; one query for those that orders earned."""
    earned = {
        earning.order_no: earning
        for earning in OrderEarning.objects.filter(
            order_no__in=[entry.order_no for entry in entries if entry.kind == Kind.EARN]
        )
    }
    return [_row(entry, earned.get(entry.order_no)) for entry in entries]


def earned_by(order_no: str) -> int:
    """Return how many points an order keeps; for its page."""
    earning = OrderEarning.objects.filter(
        order_no=order_no, state=OrderEarning.State.EARNED
    ).first()
    return earning.granted - earning.lost if earning else 0


def _row(entry: PointsEntry, earning: OrderEarning | None) -> HistoryRow:
    text, note = entry_text(entry, earning)
    return HistoryRow(
        text=text,
        note=note,
        points=entry.points,
        after=entry.after,
        order_no=entry.order_no,
        at=entry.at,
    )


def _worth_of(programme: PointsProgramme | None) -> int:
    return programme.worth_minor_per_point if programme else 0
