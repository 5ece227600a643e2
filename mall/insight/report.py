"""An offer's effect in words: each figure with its formula, beside before and last year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from mall.insight.figures import DayOfUse, Figures, days_of, figures_of, refusals_of
from mall.insight.periods import Period
from mall.insight.uses import BUCKETS, Subject
from mall.insight.words import reason_words


class Form(StrEnum):
    """How a figure is shown."""

    COUNT = "count"
    MONEY = "money"
    TIMES = "times"
    PERCENT = "percent"


Number = int | Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure: now, in the period before, and a year ago; money in fen."""

    key: str
    word: str
    formula: str
    form: Form
    now: Number
    before: Number
    year: Number

    @property
    def shown(self) -> str:
        """The figure as it is read."""
        return show(self.now, self.form)

    @property
    def shown_before(self) -> str:
        """The figure of the period before."""
        return show(self.before, self.form)

    @property
    def shown_year(self) -> str:
        """The figure of a year ago."""
        return show(self.year, self.form)

    @property
    def change(self) -> str:
        """By how much it changed since the period before, in percent; a dash where it cannot."""
        return change(self.now, self.before)

    @property
    def change_year(self) -> str:
        """By how much it changed since a year ago."""
        return change(self.now, self.year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the funnel; its share of the step before and of the first, in percent."""

    figure: Figure
    of_before: str
    width: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketRow:
    """Orders of a kind of card in one range of amounts; `width` is its bar, 0 to 100."""

    kind: str
    range: str
    orders: int
    share: str
    average: str
    average_discount: str
    discount_share: str
    width: int
    is_sum: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """Everything the page and its papers show."""

    subject: Subject
    period: Period
    before: Period
    year: Period
    funnel: Sequence[Step]
    figures: Sequence[Figure]
    tickets: Sequence[TicketRow]
    small: str
    days: Sequence[DayOfUse]
    refusals: Sequence[tuple[str, int]]
    is_empty: bool


_KINDS: Final[dict[str, Promise]] = {
    "debit": _("debit cards"),
    "credit": _("credit cards"),
    "": _("without a tied card"),
}


def report_of(subject: Subject, period: Period) -> Report:
    """Count and word an offer's effect in a period."""
    now = figures_of(subject, period)
    before, year = figures_of(subject, period.before()), figures_of(subject, period.year_before())
    trio = (now, before, year)
    funnel = _funnel(trio)
    return Report(
        subject=subject,
        period=period,
        before=period.before(),
        year=period.year_before(),
        funnel=funnel,
        figures=_figures(trio),
        tickets=_tickets(now),
        small=_small(now),
        days=days_of(subject, period),
        refusals=[(reason_words(code), times) for code, times in refusals_of(subject, period)],
        is_empty=not (now.exposed or now.goods_minor),
    )


def show(value: Number, form: Form) -> str:
    """Show a number: 1,234 · ¥12.34 · 11.2× · 8.4 %; a dash for none."""
    if value is None:
        return "–"
    if form is Form.MONEY:
        return f"¥{_round(Decimal(value) / 100, 2):,}"
    if form is Form.TIMES:
        return f"{_round(Decimal(value), 1)}×"
    if form is Form.PERCENT:
        return f"{_round(Decimal(value) * 100, 1)} %"
    return f"{int(value):,}"


def change(now: Number, then: Number) -> str:
    """Say a change in percent with its sign; a dash where there was nothing then."""
    if now is None or not then:
        return "–"
    percent = _round((Decimal(now) - Decimal(then)) / Decimal(then) * 100, 1)
    sign = "+" if percent > 0 else "−" if percent < 0 else "±"
    return f"{sign}{abs(percent)} %"


def _round(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


Trio = tuple[Figures, Figures, Figures]
Read = Callable[[Figures], Number]


def _figure(trio: Trio, key: str, word: str, *, formula: str, form: Form, read: Read) -> Figure:
    now, before, year = (read(figures) for figures in trio)
    return Figure(key=key, word=word, formula=formula, form=form, now=now, before=before, year=year)


def _funnel(trio: Trio) -> list[Step]:
    steps = [
        _figure(
            trio,
            "exposed",
            gettext("Saw the offer"),
            formula=gettext("Residents it was shown to on a page, or who used it"),
            form=Form.COUNT,
            read=lambda one: one.exposed,
        ),
        _figure(
            trio,
            "tied",
            gettext("Have tied such a card"),
            formula=gettext("Of those, who ever tied a card the offer is for, or used it"),
            form=Form.COUNT,
            read=lambda one: one.tied,
        ),
        _figure(
            trio,
            "used",
            gettext("Used it"),
            formula=gettext("Residents with an order that used it and was not returned whole"),
            form=Form.COUNT,
            read=lambda one: one.used,
        ),
        _figure(
            trio,
            "repeat",
            gettext("Came back"),
            formula=gettext("Of those, with two such orders or more in the period"),
            form=Form.COUNT,
            read=lambda one: one.repeat,
        ),
    ]
    first = int(steps[0].now or 0)
    told, last = [], None
    for figure in steps:
        count = int(figure.now or 0)
        of_before = show(Decimal(count) / last, Form.PERCENT) if last else ""
        told.append(
            Step(figure=figure, of_before=of_before, width=count * 100 // first if first else 0)
        )
        last = count
    return told


def _figures(trio: Trio) -> list[Figure]:
    return [*_cards(trio), *_sales(trio), *_worth(trio)]


def _cards(trio: Trio) -> list[Figure]:
    now = trio[0]
    return [
        _figure(
            trio,
            "new_debit",
            gettext("New debit cards"),
            formula=gettext("Debit cards the offer is for, tied for the first time by a resident"),
            form=Form.COUNT,
            read=lambda one: one.new_cards["debit"],
        ),
        _figure(
            trio,
            "new_credit",
            gettext("New credit cards"),
            formula=gettext("Credit cards the offer is for, tied for the first time by a resident"),
            form=Form.COUNT,
            read=lambda one: one.new_cards["credit"],
        ),
        _figure(
            trio,
            "active_cards",
            gettext("Active cards"),
            formula=gettext("Different cards with an order that used it and was kept"),
            form=Form.COUNT,
            read=lambda one: one.active_cards,
        ),
        _figure(
            trio,
            "new_active",
            gettext("New active cards"),
            formula=gettext("Of those, cards of a kind first tied in the period"),
            form=Form.COUNT,
            read=lambda one: one.new_active,
        ),
        _figure(
            trio,
            "cost_per_new_card",
            gettext("Cost per new active card"),
            formula=gettext("Net discount ÷ new active cards = %(discount)s ÷ %(cards)s")
            % {
                "discount": show(now.discount_minor, Form.MONEY),
                "cards": now.new_active,
            },
            form=Form.MONEY,
            read=lambda one: one.cost_per_new_card_minor,
        ),
    ]


def _sales(trio: Trio) -> list[Figure]:
    return [
        _figure(
            trio,
            "orders",
            gettext("Orders"),
            formula=gettext("Orders paid with the offer; those returned whole are left out"),
            form=Form.COUNT,
            read=lambda one: one.orders,
        ),
        _figure(
            trio,
            "paid",
            gettext("Net sales with the offer"),
            formula=gettext("What residents paid in these orders, less what goes back to them"),
            form=Form.MONEY,
            read=lambda one: one.paid_minor,
        ),
        _figure(
            trio,
            "discount",
            gettext("Net discount"),
            formula=gettext("Discounts of these orders, less what went back with refunds"),
            form=Form.MONEY,
            read=lambda one: one.discount_minor,
        ),
        *(
            _figure(
                trio,
                f"ticket_{kind}",
                gettext("Average order, %(cards)s") % {"cards": _KINDS[kind]},
                formula=gettext("Order amounts before the discount ÷ orders, %(cards)s")
                % {"cards": _KINDS[kind]},
                form=Form.MONEY,
                read=lambda one, kind=kind: one.average_ticket(kind),
            )
            for kind in (trio[0].kinds or ["credit", "debit"])
        ),
    ]


def _worth(trio: Trio) -> list[Figure]:
    now = trio[0]
    return [
        _figure(
            trio,
            "leverage",
            gettext("Leverage"),
            formula=gettext("Net sales with the offer ÷ net discount = %(sales)s ÷ %(discount)s")
            % {
                "sales": show(now.paid_minor, Form.MONEY),
                "discount": show(now.discount_minor, Form.MONEY),
            },
            form=Form.TIMES,
            read=lambda one: one.leverage,
        ),
        _figure(
            trio,
            "discount_share",
            gettext("Share of the discount in the order"),
            formula=gettext("Discounts ÷ order amounts before the discount, of the orders kept"),
            form=Form.PERCENT,
            read=lambda one: one.discount_share,
        ),
        _figure(
            trio,
            "refunded",
            gettext("Share refunded"),
            formula=gettext("Goods that came back ÷ goods of all orders with the offer = %(parts)s")
            % {
                "parts": f"{show(now.goods_back_minor, Form.MONEY)} ÷ "
                f"{show(now.goods_minor, Form.MONEY)}"
            },
            form=Form.PERCENT,
            read=lambda one: one.refunded_share,
        ),
    ]


def bucket_words(bucket: int) -> str:
    """Return a range of amounts in yuan: "¥20 – ¥50"."""
    low = BUCKETS[bucket - 1] // 100 if bucket else 0
    if bucket == len(BUCKETS):
        return gettext("from ¥%(low)s") % {"low": low}
    return gettext("¥%(low)s to below ¥%(high)s") % {"low": low, "high": BUCKETS[bucket] // 100}


def _tickets(now: Figures) -> list[TicketRow]:
    most = max((one.orders for one in now.tickets), default=0)
    rows: list[TicketRow] = []
    for kind in now.kinds:
        of = {one.bucket: one for one in now.tickets if one.kind == kind}
        whole = sum(one.orders for one in of.values())
        for bucket in range(len(BUCKETS) + 1):
            one = of.get(bucket)
            counts = (one.orders, one.ticket_minor, one.discount_minor) if one else (0, 0, 0)
            rows.append(_ticket(kind, bucket_words(bucket), counts, whole=whole, most=most))
        sums = (
            whole,
            sum(one.ticket_minor for one in of.values()),
            sum(one.discount_minor for one in of.values()),
        )
        rows.append(_ticket(kind, gettext("all"), sums, whole=whole, most=0))
    return rows


def _ticket(
    kind: str, words: str, counts: tuple[int, int, int], *, whole: int, most: int
) -> TicketRow:
    orders, ticket, discount = counts
    each = Decimal(orders) if orders else None
    return TicketRow(
        kind=str(_KINDS[kind]),
        range=words,
        orders=orders,
        share=show(Decimal(orders) / whole if whole else None, Form.PERCENT),
        average=show(ticket / each if each else None, Form.MONEY),
        average_discount=show(discount / each if each else None, Form.MONEY),
        discount_share=show(Decimal(discount) / ticket if ticket else None, Form.PERCENT),
        width=orders * 100 // most if most else 0,
        is_sum=not most,
    )


def _small(now: Figures) -> str:
    """Say in one sentence what a bank must see: how much of the smallest orders it paid."""
    small = [one for one in now.tickets if one.bucket <= 1]
    orders = sum(one.orders for one in small)
    if not orders:
        return ""
    ticket, discount = (
        sum(one.ticket_minor for one in small),
        sum(one.discount_minor for one in small),
    )
    return gettext(
        "%(orders)s of %(all)s orders were below ¥50: on average %(average)s, of which the offer"
        " paid %(discount)s (%(share)s)."
    ) % {
        "orders": show(orders, Form.COUNT),
        "all": show(now.orders, Form.COUNT),
        "average": show(Decimal(ticket) / orders, Form.MONEY),
        "discount": show(Decimal(discount) / orders, Form.MONEY),
        "share": show(Decimal(discount) / ticket if ticket else None, Form.PERCENT),
    }
