"""The offers in force, arranged so that a card and a basket meet only those that may apply; pure.

What depends on the card and the clock alone is judged once and remembered until the clock changes
it: a page with a thousand offers weighs a basket against the few that are open to each card.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import inf
from typing import Final

from mall.promotions.baskets import GoodsRule, goods_rule
from mall.promotions.benefits import benefit_minor, from_minor, most_minor
from mall.promotions.calendar import Moment, calendar_refusal
from mall.promotions.cards import card_refusal
from mall.promotions.reasons import Over, Reason, WrongCard
from mall.promotions.rules import CardFacts, OfferRule
from payments.api import SHANGHAI

# Cards differ in bank, kind, mark and first digits: more kinds than these are not remembered.
_REMEMBERED: Final = 512

# rule, from what amount on, what it gives there at least, what at most, which goods count
Entry = tuple[OfferRule, int, int, float, GoodsRule]


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenOffers:
    """What is open to a card between two moments, and the refusals of the rest worth telling."""

    entries: tuple[Entry, ...]
    # of the offers refused by the calendar, and of those refused by the card, what loses most
    by_calendar: Reason | None
    by_card: Reason | None
    since: datetime
    until: datetime


class OfferBook:
    """The offers in force, arranged by issuer so that a card only meets those it may have."""

    def __init__(self, rules: Iterable[OfferRule]) -> None:
        """Arrange the rules once; looking up is for every page."""
        self.rules = tuple(rules)
        self.has_draws = any(rule.benefit_kind == "random" for rule in self.rules)
        self._asks_when_tied = any(
            rule.new_to_bank or rule.first_tied_within_days is not None for rule in self.rules
        )
        self._of_any_bank = tuple(rule for rule in self.rules if not rule.issuers)
        by_issuer: defaultdict[str, list[OfferRule]] = defaultdict(list)
        for rule in self.rules:
            for issuer in rule.issuers:
                by_issuer[issuer].append(rule)
        self._by_issuer = {issuer: (*own, *self._of_any_bank) for issuer, own in by_issuer.items()}
        self._open: dict[object, OpenOffers] = {}

    def for_card(self, card: CardFacts | None) -> tuple[OfferRule, ...]:
        """Return the rules a card's bank takes part in; all of them for a card not yet known."""
        if card is None:
            return self.rules
        return self._by_issuer.get(card.issuer, self._of_any_bank)

    def open_to(self, card: CardFacts | None, moment: Moment) -> OpenOffers:
        """Return what is open to such a card now, judged anew only when the clock changes it."""
        key = self._key(card)
        known = self._open.get(key)
        if known is None or not known.since <= moment.at < known.until:
            if len(self._open) >= _REMEMBERED:
                self._open.clear()
            known = self._open[key] = _open(self.for_card(card), card, moment)
        return known

    def _key(self, card: CardFacts | None) -> object:
        if card is None:
            return None
        kind = (card.issuer, card.kind, card.scheme, card.bin)
        if not self._asks_when_tied:
            return kind
        return (*kind, card.first_tied_at, card.bank_first_tied_at)


def loudest(reasons: Iterable[Reason | None]) -> Reason | None:
    """Return the reason that loses her most; of several the first."""
    told = (reason for reason in reasons if reason)
    return max(told, key=lambda reason: reason.saves_minor, default=None)


def _open(rules: tuple[OfferRule, ...], card: CardFacts | None, moment: Moment) -> OpenOffers:
    entries: list[Entry] = []
    by_card: list[Reason] = []
    by_calendar: list[Reason] = []
    for rule in rules:
        reason = card_refusal(rule, card, moment.at)
        if reason:
            by_card.append(reason)
        elif reason := calendar_refusal(rule, moment):
            by_calendar.append(reason)
        else:
            first = from_minor(rule)
            most = most_minor(rule) or inf
            entries.append((rule, first, benefit_minor(rule, first), most, goods_rule(rule)))
    return OpenOffers(
        entries=tuple(entries),
        by_calendar=loudest(
            [each for each in by_card if not isinstance(each, WrongCard)]
            + [each for each in by_calendar if not isinstance(each, Over)]
        ),
        by_card=loudest(each for each in by_card if isinstance(each, WrongCard)),
        since=moment.at,
        until=min(_changes(rules, moment)),
    )


def _changes(rules: tuple[OfferRule, ...], moment: Moment) -> Iterator[datetime]:
    """Name the coming moments at which the clock may change what is open."""
    midnight = datetime.combine(moment.day, datetime.min.time(), SHANGHAI)
    yield midnight + timedelta(days=1)
    hours = {hour for rule in rules for pair in rule.hours for hour in pair if hour > moment.time}
    for hour in hours:
        yield datetime.combine(moment.day, hour, SHANGHAI)
    for rule in rules:
        for at in (rule.starts_at, rule.ends_at):
            if at > moment.at:
                yield at
