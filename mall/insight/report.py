"""An offer's effect in words: each figure with its formula, beside before and last year."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext

from mall.insight.figures import DayOfUse, Figures, days_of, figures_of, refusals_of
from mall.insight.periods import Period
from mall.insight.shown import Figure, Form, Number, show
from mall.insight.tickets import KINDS, TicketRow, small_tickets, tickets_of
from mall.insight.uses import Subject
from mall.insight.words import reason_words


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A step of the funnel; its share of the step before and of the first, in percent."""

    figure: Figure
    of_before: str
    width: int


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
        tickets=tickets_of(now),
        small=small_tickets(now),
        days=days_of(subject, period),
        refusals=[(reason_words(code), times) for code, times in refusals_of(subject, period)],
        is_empty=not (now.exposed or now.goods_minor),
    )


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
                gettext("Average order, %(cards)s") % {"cards": KINDS[kind]},
                formula=gettext("Order amounts before the discount ÷ orders, %(cards)s")
                % {"cards": KINDS[kind]},
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
