"""An offer's figures in a period, counted by the database; definitions in docs/effect.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate

from mall.insight.models import Exposure
from mall.insight.periods import Period
from mall.insight.uses import Subject, kept, uses_of
from mall.ordering.models import OrderDiscount
from mall.promotions.models import OfferRefusal
from payments.api import SHANGHAI, first_ties_by_kind, has_first_tie


@dataclass(frozen=True, slots=True, kw_only=True)
class Tickets:
    """Orders of one kind of card and one range of amounts; all as placed, in fen."""

    kind: str
    bucket: int
    orders: int
    ticket_minor: int
    discount_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What an offer came to in a period; amounts in fen."""

    exposed: int
    tied: int
    used: int
    repeat: int
    new_cards: dict[str, int]
    active_cards: int
    new_active: int
    orders: int
    paid_minor: int
    discount_minor: int
    goods_minor: int
    goods_back_minor: int
    tickets: Sequence[Tickets] = field(default=())

    @property
    def leverage(self) -> Decimal | None:
        """Net sales with the offer ÷ net discount; None without a discount."""
        return _ratio(self.paid_minor, self.discount_minor)

    @property
    def cost_per_new_card_minor(self) -> Decimal | None:
        """Net discount ÷ new active cards, in fen; None without one."""
        return _ratio(self.discount_minor, self.new_active)

    @property
    def refunded_share(self) -> Decimal | None:
        """Value of goods that came back ÷ value of goods of all orders with the offer."""
        return _ratio(self.goods_back_minor, self.goods_minor)

    @property
    def discount_share(self) -> Decimal | None:
        """Discounts ÷ order amounts before the discount, of the orders kept."""
        return _ratio(
            sum(one.discount_minor for one in self.tickets),
            sum(one.ticket_minor for one in self.tickets),
        )

    def average_ticket(self, kind: str | None = None) -> Decimal | None:
        """Order amounts before the discount ÷ orders, of one kind of card or all, in fen."""
        of = [one for one in self.tickets if kind is None or one.kind == kind]
        return _ratio(sum(one.ticket_minor for one in of), sum(one.orders for one in of))

    @property
    def kinds(self) -> list[str]:
        """The kinds of card that were used: debit, credit."""
        return sorted({one.kind for one in self.tickets})


def _ratio(part: int, whole: int) -> Decimal | None:
    return Decimal(part) / Decimal(whole) if whole else None


def figures_of(subject: Subject, period: Period) -> Figures:
    """Count an offer's figures in a period: a constant number of questions."""
    uses = uses_of(subject, period)
    live = kept(uses)
    rows = _sums(uses)
    alive = [row for row in rows if not row["is_whole"]]
    people = _people(subject, period, live)
    return Figures(
        **people,
        new_cards=_new_cards(subject, period),
        orders=sum(row["orders"] for row in alive),
        paid_minor=sum(row["paid"] for row in alive),
        discount_minor=sum(row["given"] for row in alive),
        goods_minor=sum(row["goods_sum"] for row in rows),
        goods_back_minor=sum(row["back_sum"] for row in rows),
        tickets=[
            Tickets(
                kind=row["kind"],
                bucket=row["bucket"],
                orders=row["orders"],
                ticket_minor=row["ticket_sum"],
                discount_minor=row["discount_sum"],
            )
            for row in alive
        ],
    )


def _sums(uses: QuerySet[OrderDiscount]) -> list[dict[str, Any]]:
    rows = uses.values("kind", "bucket", "is_whole").annotate(
        orders=Count("pk"),
        ticket_sum=Sum("ticket"),
        discount_sum=Sum("actual_minor"),
        paid=Sum("paid_net"),
        given=Sum("given_net"),
        goods_sum=Sum("goods"),
        back_sum=Sum("goods_back"),
    )
    return list(rows.order_by("kind", "bucket", "is_whole"))


def _people(subject: Subject, period: Period, live: QuerySet[OrderDiscount]) -> dict[str, int]:
    """Count residents along the funnel, and cards; who used it has seen it and tied a card."""
    since, until = period.bounds
    counts = live.aggregate(
        used=Count("order__resident_id", distinct=True),
        active_cards=Count("order__agreement_no", distinct=True),
    )
    by_person = live.values("order__resident_id").annotate(times=Count("pk"))
    repeat = by_person.filter(times__gte=2).count()
    new = live.filter(
        has_first_tie(
            OuterRef("order__resident_id"),
            issuers=subject.issuers,
            kind=OuterRef("kind"),
            since=since,
            until=until,
        )
    )
    new_active = new.aggregate(cards=Count("order__agreement_no", distinct=True))["cards"]
    shown = Exposure.objects.filter(
        offer_code=subject.code, day__gte=period.since, day__lte=period.until
    )
    only_shown = shown.filter(~Exists(live.filter(order__resident_id=OuterRef("resident_id"))))
    ties = has_first_tie(
        OuterRef("resident_id"), issuers=subject.issuers, kinds=subject.kinds, until=until
    )
    seen = only_shown.alias(is_tied=ties).aggregate(
        exposed=Count("resident_id", distinct=True),
        tied=Count("resident_id", distinct=True, filter=Q(is_tied=True)),
    )
    return {
        "exposed": counts["used"] + seen["exposed"],
        "tied": counts["used"] + seen["tied"],
        "used": counts["used"],
        "repeat": repeat,
        "active_cards": counts["active_cards"],
        "new_active": new_active,
    }


def _new_cards(subject: Subject, period: Period) -> dict[str, int]:
    since, until = period.bounds
    found = first_ties_by_kind(
        issuers=subject.issuers, kinds=subject.kinds, since=since, until=until
    )
    return {kind: found.get(kind, 0) for kind in ("debit", "credit")}


@dataclass(frozen=True, slots=True)
class DayOfUse:
    """One Shanghai day of an offer: orders and discounts as placed, in fen."""

    day: date
    orders: int
    discount_minor: int

    @property
    def shown_discount(self) -> str:
        """The day's discounts in yuan."""
        return f"¥{Decimal(self.discount_minor) / 100:,.2f}"


def days_of(subject: Subject, period: Period) -> list[DayOfUse]:
    """Return an offer's uses day by day, days without any included; one question."""
    rows = (
        uses_of(subject, period)
        .annotate(day=TruncDate("order__paid_at", tzinfo=SHANGHAI))
        .values("day")
        .annotate(orders=Count("pk"), minor=Sum(F("actual_minor")))
        .order_by("day")
    )
    found = {row["day"]: (row["orders"], row["minor"]) for row in rows}
    days = [period.since + timedelta(days=number) for number in range(period.days)]
    return [DayOfUse(day, *found.get(day, (0, 0))) for day in days]


def refusals_of(subject: Subject, period: Period) -> list[tuple[str, int]]:
    """Return why the offer was not given, most often first: reason's code and how often."""
    since, until = period.bounds
    rows = OfferRefusal.objects.filter(offer__code=subject.code, hour__gte=since, hour__lt=until)
    counted: Counter[str] = Counter()
    for reason, times in rows.order_by().values_list("reason").annotate(times=Sum("count")):
        counted[reason] += times
    return counted.most_common()
