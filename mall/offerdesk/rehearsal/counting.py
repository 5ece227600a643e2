"""A dry run's arithmetic: every past order judged by the rule, limits and budget counted along."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from mall.offerdesk.rehearsal.orders import PastOrder
from mall.promotions.benefits import most_minor
from mall.promotions.evaluation import OfferBook, evaluate
from mall.promotions.reasons import UsedUp
from mall.promotions.rules import OfferRule, Period, Usage
from mall.promotions.usage import period_keys
from payments.api import business_date

_ALWAYS: Final = timedelta(days=3650)
_UNKNOWN_CARD: Final = "card_unknown"
OTHER_BANKS: Final = "wrong_card"
_EVERYBODY: Final = ""


@dataclass(slots=True)
class Tally:
    """Orders, uses and fen of one day or one kind of card."""

    orders: int = 0
    uses: int = 0
    goods_minor: int = 0
    discount_minor: int = 0

    def add(self, order: PastOrder, discount_minor: int) -> None:
        """Count an order."""
        self.orders += 1
        if discount_minor:
            self.uses += 1
            self.goods_minor += order.goods_minor
            self.discount_minor += discount_minor


@dataclass(slots=True)
class Count:
    """What a dry run found: in all, by day, by kind of card, and why nothing was given."""

    whole: Tally = field(default_factory=Tally)
    days: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    cards: defaultdict[str, Tally] = field(default_factory=lambda: defaultdict(Tally))
    refusals: Counter[str] = field(default_factory=Counter)
    with_another_offer: int = 0
    unknown_cards: int = 0
    gone_on: str = ""

    def told(self) -> dict[str, Any]:
        """Return it as it is kept (fen)."""
        return {
            "whole": _told(self.whole),
            "days": {day: _told(tally) for day, tally in sorted(self.days.items())},
            "cards": {card: _told(tally) for card, tally in sorted(self.cards.items())},
            "refusals": dict(self.refusals.most_common()),
            "with_another_offer": self.with_another_offer,
            "unknown_cards": self.unknown_cards,
            "gone_on": self.gone_on,
        }


class Rehearser:
    """One offer over a stream of past orders; keeps what limits need and no more."""

    def __init__(
        self,
        rule: OfferRule,
        *,
        budget_minor: int | None,
        total_limit: int | None,
        bank: str = "",
    ) -> None:
        """Take the rule as if it had run then: its dates are put aside, its days and hours hold.

        ``bank`` reads what is found (its code): the cards of all other banks are one row for it.
        """
        self.rule = rule
        self._bank = bank
        self.found = Count()
        self._budget, self._total = budget_minor, total_limit
        # per period only the present one: yesterday's places are nobody's question any more
        self._taken: dict[Period, tuple[str, Counter[str]]] = {}
        self._book = OfferBook([replace(rule, issuers=frozenset())])
        self._period = ""

    def run(self, orders: Iterable[PastOrder]) -> Iterable[int]:
        """Judge the orders one by one; yields how many were judged so far."""
        for number, order in enumerate(orders, start=1):
            self._see(order)
            yield number

    def _see(self, order: PastOrder) -> None:
        discount, reason = self._judge(order)
        day = business_date(order.placed_at).isoformat()
        for tally in (self.found.whole, self.found.days[day], self.found.cards[self._row(order)]):
            tally.add(order, discount)
        self.found.unknown_cards += order.card is None
        if discount:
            self._take(order)
            self.found.with_another_offer += order.offer_code not in {"", self.rule.code}
        else:
            self.found.refusals[reason] += 1
            if reason == "used_up" and not self.found.gone_on:
                self.found.gone_on = day

    def _row(self, order: PastOrder) -> str:
        """Name the row of cards an order counts in: never another bank's own."""
        card = order.card
        if card is None:
            return _UNKNOWN_CARD
        return f"{card.issuer}:{card.kind}" if self._bank in {"", card.issuer} else OTHER_BANKS

    def _judge(self, order: PastOrder) -> tuple[int, str]:
        card = order.card
        if card is None:
            return 0, _UNKNOWN_CARD
        if self.rule.issuers and card.issuer not in self.rule.issuers:
            return 0, "wrong_card"
        (result,) = evaluate(
            self._at(order.placed_at),
            card=card,
            lines=order.lines,
            usage=self._usage(order),
            now=order.placed_at,
        )
        discount = self._expected(result.discount_minor)
        if not discount:
            return 0, result.reason.code if result.reason else ""
        whole = self.found.whole
        if self._budget is not None and whole.discount_minor + discount > self._budget:
            return 0, UsedUp(saves_minor=discount).code
        return discount, ""

    def _at(self, at: datetime) -> OfferBook:
        """Let the rule run around this moment; a new book a month is cheap."""
        period = f"{at:%Y-%m}"
        if period != self._period:
            rule = replace(
                self.rule, issuers=frozenset(), starts_at=at - _ALWAYS, ends_at=at + _ALWAYS
            )
            self._book, self._period = OfferBook([rule]), period
        return self._book

    def _expected(self, discount_minor: int) -> int:
        """Count a draw by lot as its mean: nobody knows what would have been drawn."""
        if self.rule.benefit_kind != "random" or not discount_minor:
            return discount_minor
        return ((self.rule.random_from_minor or 0) + (most_minor(self.rule) or 0)) // 2

    def _subjects(self, order: PastOrder) -> list[str]:
        asked = {limit.subject for limit in self.rule.limits}
        subjects = [f"resident:{order.resident_id}"] if "resident" in asked else []
        return [*subjects, order.card.subject] if "card" in asked and order.card else subjects

    def _counter(self, period: Period, key: str) -> Counter[str]:
        present, counter = self._taken.get(period, ("", Counter()))
        if present != key:
            counter = Counter()
            self._taken[period] = (key, counter)
        return counter

    def _counters(self, order: PastOrder) -> dict[Period, Counter[str]]:
        keys = period_keys(business_date(order.placed_at))
        return {period: self._counter(period, key) for period, key in keys.items()}

    def _usage(self, order: PastOrder) -> Usage:
        rule, counters = self.rule, self._counters(order)
        taken: dict[tuple[str, str, Period], int] = {
            (rule.family, subject, period): counter[subject]
            for subject in self._subjects(order)
            for period, counter in counters.items()
        }
        return Usage(
            resident=f"resident:{order.resident_id}",
            taken=taken,
            used_up=self._gone(counters["total"], self._total),
            used_up_today=self._gone(counters["day"], rule.day_limit),
            used_up_this_month=self._gone(counters["month"], rule.month_limit),
        )

    def _gone(self, counter: Counter[str], most: int | None) -> frozenset[int]:
        is_gone = most is not None and counter[_EVERYBODY] >= most
        return frozenset([self.rule.offer_id]) if is_gone else frozenset()

    def _take(self, order: PastOrder) -> None:
        for counter in self._counters(order).values():
            for subject in (_EVERYBODY, *self._subjects(order)):
                counter[subject] += 1


def _told(tally: Tally) -> dict[str, int]:
    return {
        "orders": tally.orders,
        "uses": tally.uses,
        "goods_minor": tally.goods_minor,
        "discount_minor": tally.discount_minor,
    }
