"""Points on an order: how many go on it, held with it, spent when it is paid, given back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import F, IntegerField, OuterRef, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from mall.loyalty.errors import PointsWorthError
from mall.loyalty.models import PointsAccount, PointsEntry, PointsLot, PointsProgramme, PointsUse
from mall.loyalty.posting import Cause, account_of, parts_of, put_back, take
from mall.loyalty.programme import programme_on, shares_of
from mall.promotions.funding import Share
from mall.promotions.rules import LineFacts
from mall.promotions.wording import yuan
from payments.api import advance, business_date, now, part_of_share, spread, transact

State = PointsUse.State
# How long points are good that come back after their own day (docs/decisions/0048).
GRACE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsQuote:
    """What a resident's points could do for a basket; amounts in fen."""

    balance: int
    # the most points that go on this basket, and what they take off
    most_points: int
    most_minor: int
    fen_per_point: int
    shares: tuple[int, ...] = ()
    funding: tuple[Share, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Purse:
    """A resident's points on a day, to be quoted on any number of baskets without a query."""

    balance: int
    programme: PointsProgramme | None

    def quote(self, lines: Sequence[LineFacts], *, wanted: int | None = None) -> PointsQuote:
        """Quote points on a basket; see points_for."""
        programme = self.programme
        if programme is None:
            return PointsQuote(
                balance=0, most_points=0, most_minor=0, fen_per_point=1, shares=(0,) * len(lines)
            )
        goods = sum(line.value_minor for line in lines)
        most = _most_points(programme, balance=self.balance, goods_minor=goods)
        worth = programme.worth_minor_per_point
        points = most if wanted is None else max(0, min(wanted, most))
        return PointsQuote(
            balance=self.balance,
            most_points=most,
            most_minor=most * worth,
            fen_per_point=worth,
            shares=tuple(spread(points * worth, [line.value_minor for line in lines])),
            funding=shares_of(programme),
            hint=_hint(programme, balance=self.balance, goods_minor=goods),
        )


def purse(*, resident_id: int | None, at: datetime, except_order: str = "") -> Purse:
    """Read what quotes need: the programme and her balance; two queries.

    What `except_order` holds counts as there.
    """
    day = business_date(at)
    programme = programme_on(day) if resident_id else None
    if programme is None or resident_id is None:
        return Purse(balance=0, programme=None)
    return Purse(balance=_balance(resident_id, day, except_order), programme=programme)


def points_for(
    *,
    resident_id: int | None,
    lines: Sequence[LineFacts],
    at: datetime,
    wanted: int | None = None,
    except_order: str = "",
) -> PointsQuote:
    """Quote points on a basket; `shares` spread what `wanted` (None: the most) takes off.

    Two queries. What `except_order` holds counts as there; more than the most is the most.
    """
    found = purse(resident_id=resident_id, at=at, except_order=except_order)
    return found.quote(lines, wanted=wanted)


@transact()
def hold(
    *, resident_id: int, order_no: str, points: int, discount_minor: int | None = None
) -> None:
    """Take points for an order, in its transaction; NotEnoughPointsError.

    PointsWorthError where they are not worth discount_minor (fen) today; none is no wish. The same
    wish again changes nothing; ValueError for another number while the first is held.
    """
    if points < 0:
        raise ValueError("points on an order are not negative")
    if not points:
        return
    account = account_of(resident_id)
    before = live_use(order_no)
    if before is not None:
        if (before.account_id, before.points) != (account.pk, points):
            raise ValueError(f"{order_no} holds {before.points} points already")
        return
    programme = programme_on()
    minor = points * programme.worth_minor_per_point if programme else 0
    if not programme or discount_minor not in {None, minor}:
        raise PointsWorthError(points=points, minor=minor)
    turn = PointsUse.objects.filter(order_no=order_no).count() + 1
    cause = Cause(kind=PointsEntry.Kind.SPEND, key=f"spend:{order_no}:{turn}", order_no=order_no)
    entry = take(account, cause, points=points)
    PointsUse.objects.create(
        account=account, order_no=order_no, points=points, minor=minor, entry=entry, held_at=now()
    )


@transact()
def mark_spent(order_no: str) -> None:
    """Mark the order's points spent, when it is paid; the second time changes nothing."""
    use = live_use(order_no)
    if use is not None and use.state == State.HELD:
        advance(use, PointsUse.EDGES, State.SPENT, field="state")


@transact()
def release(order_no: str) -> None:
    """Give an unpaid order's points back; the second time changes nothing."""
    use = live_use(order_no)
    if use is None or use.state != State.HELD:
        return
    back: dict[str, Any] = {
        "returned_points": use.points,
        "returned_minor": use.minor,
        "ended_at": now(),
    }
    if advance(use, PointsUse.EDGES, State.RELEASED, field="state", **back):
        _return(use, done=0, points=use.points)


@transact()
def give_back(*, order_no: str, amount_minor: int) -> None:
    """Return the points behind a part of an order's discount (fen) at a refund.

    Whatever the steps, all of the discount brings all of the points. ValueError beyond it.
    """
    use = live_use(order_no)
    if use is None or not amount_minor:
        return
    done_minor, done_points = use.returned_minor, use.returned_points
    # ValueError beyond the discount
    points = part_of_share(use.points, done=done_minor, now=amount_minor, whole=use.minor)
    given_back = PointsUse.objects.filter(
        pk=use.pk, state=State.SPENT, returned_minor=done_minor
    ).update(
        returned_minor=F("returned_minor") + amount_minor,
        returned_points=F("returned_points") + points,
    )
    if not given_back:
        raise ValueError(f"{order_no}: points are given back once they are spent")
    if done_minor + amount_minor == use.minor:
        advance(use, PointsUse.EDGES, State.RETURNED, field="state", ended_at=now())
    if points:
        _return(use, done=done_points, points=points)


def live_use(order_no: str) -> PointsUse | None:
    """Return the points an order holds or has spent, if any."""
    uses = PointsUse.objects.filter(order_no=order_no, state__in=[State.HELD, State.SPENT])
    return uses.select_related("account", "entry").first()


def _return(use: PointsUse, *, done: int, points: int) -> None:
    key = f"return:{use.pk}:{done + points}"
    put_back(
        use.account,
        Cause(kind=PointsEntry.Kind.RETURN, key=key, order_no=use.order_no),
        parts=parts_of(use.entry, done=done, points=points),
        expires_on=business_date() + GRACE,
    )


def _balance(resident_id: int, day: date, except_order: str) -> int:
    """Count what is good on a day, and what the order would free, in one query."""
    lots = PointsLot.objects.filter(account=OuterRef("pk"), left__gt=0, expires_on__gte=day)
    uses = PointsUse.objects.filter(account=OuterRef("pk"), order_no=except_order, state=State.HELD)
    counted = PointsAccount.objects.filter(resident_id=resident_id).annotate(
        good=Coalesce(
            Subquery(
                lots.order_by().values("account").annotate(n=Sum("left")).values("n"),
                output_field=IntegerField(),
            ),
            0,
        ),
        held=Coalesce(Subquery(uses.values("points")[:1], output_field=IntegerField()), 0),
    )
    good, held = counted.values_list("good", "held").first() or (0, 0)
    return int(good + held)


def _most_points(programme: PointsProgramme, *, balance: int, goods_minor: int) -> int:
    """Count the most points on goods worth so much; at least one fen is left to pay."""
    if goods_minor < programme.from_minor:
        return 0
    room = min(goods_minor * programme.most_percent // 100, goods_minor - 1)
    most = min(balance, max(0, room) // programme.worth_minor_per_point)
    return most if programme.most_points is None else min(most, programme.most_points)


def _hint(programme: PointsProgramme, *, balance: int, goods_minor: int) -> str:
    if balance and goods_minor < programme.from_minor:
        return _("Points can be used from %(amount)s") % {"amount": yuan(programme.from_minor)}
    return ""
