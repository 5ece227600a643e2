"""What a card's offers come to on a basket: those that apply, the nearest, the reason; pure.

Says what `evaluate` says of each offer, without a word for each: pages ask this for every card.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from mall.promotions.baskets import Basket
from mall.promotions.book import OfferBook, OpenOffers, loudest
from mall.promotions.calendar import Moment, saves_minor
from mall.promotions.evaluation import OfferResult, below, best_first, judge_open
from mall.promotions.reasons import BelowThreshold, NoSuchGoods, Reason, WrongCard
from mall.promotions.rules import CardFacts, OfferRule, Usage

# what is missing, what it would save (negative: more first), the rule, the amount to reach
_Near = tuple[int, int, OfferRule, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What the offers open to a card come to."""

    # the best for the resident first
    given: tuple[OfferResult, ...]
    # why there is none, or none better: the refusal worth showing
    reason: Reason | None
    near: tuple[_Near, ...]

    def next_step(self, saving_minor: int) -> BelowThreshold | None:
        """Return the nearest of what would save more than so much (fen)."""
        steps = [result.next_step for result in self.given if result.next_step]
        found = [
            (step.missing_minor, -step.saves_minor, n, step)
            for n, step in enumerate(steps)
            if step.saves_minor > saving_minor
        ]
        nearest = min(found, default=None)
        near = _nearest(each for each in self.near if -each[1] > saving_minor)
        if near is None or (nearest and nearest[:2] <= near[:2]):
            return nearest[3] if nearest else None
        return _told(near)


def summarize(
    book: OfferBook, *, card: CardFacts | None, basket: Basket, usage: Usage, moment: Moment
) -> Summary:
    """Weigh a basket against what is open to a card.

    Without a card, what some card could give: only the best is looked for, so what gives no more
    than another already does is passed over.
    """
    offers = book.open_to(card, moment)
    touched = {family for family, _subject, _period in usage.taken}
    gone = usage.used_up | usage.used_up_today | usage.used_up_this_month
    piles = _Piles()
    for rule, first, saves, most, goods in offers.entries:
        eligible = basket.eligible_minor(goods)
        if card is None and most <= piles.best:
            continue
        if eligible < first and rule.family not in touched and rule.offer_id not in gone:
            piles.put_unreached(rule, eligible, first=first, saves=saves)
        else:
            piles.put(
                judge_open(rule, card=card, eligible_minor=eligible, usage=usage, moment=moment)
            )
    return Summary(
        given=tuple(best_first(piles.given)),
        reason=piles.reason(offers) or (WrongCard(saves_minor=0) if book.rules else None),
        near=tuple(piles.near),
    )


@dataclass(slots=True)
class _Piles:
    """The open offers of one weighing, sorted by what becomes of them."""

    given: list[OfferResult] = field(default_factory=list)
    near: list[_Near] = field(default_factory=list)
    refused: list[Reason] = field(default_factory=list)
    no_goods: list[OfferRule] = field(default_factory=list)
    best: int = 0

    def put_unreached(self, rule: OfferRule, eligible: int, *, first: int, saves: int) -> None:
        if eligible:
            self.near.append((first - eligible, -saves, rule, first))
        else:
            self.no_goods.append(rule)

    def put(self, result: OfferResult) -> None:
        reason, rule = result.reason, result.offer
        if reason is None:
            self.given.append(result)
            self.best = max(self.best, result.discount_minor)
        elif isinstance(reason, BelowThreshold):
            near = (reason.missing_minor, -reason.saves_minor, rule, reason.threshold_minor)
            self.near.append(near)
        elif isinstance(reason, NoSuchGoods):
            self.no_goods.append(rule)
        else:
            self.refused.append(reason)

    def reason(self, offers: OpenOffers) -> Reason | None:
        """Choose what is worth telling: a little more, a time or a limit, then card and goods."""
        nearest = _nearest(self.near)
        if nearest:
            return _told(nearest)
        return loudest([offers.by_calendar, *self.refused]) or loudest(
            [offers.by_card, *map(_no_goods, self.no_goods)]
        )


def _nearest(near: Iterable[_Near]) -> _Near | None:
    return min(near, key=lambda each: (each[0], each[1], each[2].offer_id), default=None)


def _told(near: _Near) -> BelowThreshold:
    missing, saves, rule, threshold = near
    return below(rule, threshold - missing, threshold=threshold, saves=-saves)


def _no_goods(rule: OfferRule) -> NoSuchGoods:
    return NoSuchGoods(saves_minor=saves_minor(rule))
