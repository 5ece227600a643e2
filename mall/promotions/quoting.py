"""What each way of paying would charge, and which one saves most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext as _

from mall.promotions.evaluation import OfferBook, OfferResult, best_of, evaluate, shares_of
from mall.promotions.offers import offer_book
from mall.promotions.reasons import BelowThreshold, NoSuchGoods, Over, Reason, WrongCard
from mall.promotions.rules import CardFacts, LineFacts, OfferRule, Usage
from mall.promotions.usage import usage_of
from mall.promotions.wording import describe, spend_more, yuan
from payments.api import AgreementView, Money, business_date, now


class WayKind(StrEnum):
    """How the resident may pay."""

    AGREEMENT = "agreement"
    NEW_CARD = "new_card"
    CASHIER = "cashier"


@dataclass(frozen=True, slots=True, kw_only=True)
class WayQuote:
    """One way of paying: what is charged, what the offer takes off, or why there is none."""

    kind: WayKind
    goods: Money
    # what we take off, and what the bank is expected to take off what we ask, by itself
    discount: Money
    expected: Money = Money(0)
    agreement: AgreementView | None = None
    offer: OfferRule | None = None
    # per line of the basket, in its order; fen
    shares: tuple[int, ...] = ()
    reason: Reason | None = None

    @property
    def key(self) -> str:
        """Return what a form sends back for this way: the tied card's number or the kind."""
        return self.agreement.agreement_no if self.agreement else self.kind.value

    @property
    def payable(self) -> Money:
        """Return what is asked of the resident."""
        return self.goods - self.discount

    @property
    def hint(self) -> str:
        """Say what is saved, what is missing, or why there is no offer; empty if nothing is."""
        if self.offer:
            return _("Saves %(saving)s") % {"saving": yuan(self.discount.minor)}
        if self.reason is None:
            return ""
        if self.kind is WayKind.NEW_CARD and not isinstance(self.reason, BelowThreshold):
            return _("Tie a card to save up to %(saving)s") % {
                "saving": yuan(self.reason.saves_minor)
            }
        return describe(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """Every way of paying for a basket; ``best`` is chosen unless the resident says otherwise."""

    goods: Money
    ways: tuple[WayQuote, ...]
    best: WayQuote

    def way(self, key: str) -> WayQuote | None:
        """Find the way a form named: a tied card's number, "new_card" or "cashier"."""
        return next((way for way in self.ways if way.key == key), None)

    @property
    def hint(self) -> str:
        """Say what the basket bar shows: what is saved, or what is missing to the next saving."""
        if self.best.offer:
            return self.best.hint
        near = [way.reason for way in self.ways if isinstance(way.reason, BelowThreshold)]
        if not near:
            return ""
        nearest = min(near, key=lambda reason: reason.missing_minor)
        return spend_more(nearest.missing_minor, nearest.saves_minor)


def quote(
    *,
    lines: Sequence[LineFacts],
    cards: Sequence[AgreementView] = (),
    resident_id: int | None = None,
    at: datetime | None = None,
    except_order: str = "",
    device: str = "",
    offer_code: str = "",
) -> Quote:
    """Quote a basket for every tied card, a new card and the acquirer's cashier.

    Three queries, however many lines, cards and offers. The lines' values are in fen, after every
    other discount. What ``except_order`` holds of an offer is as good as free: it would be swapped.
    """
    ready = prepare(
        cards=cards, resident_id=resident_id, at=at, except_order=except_order, device=device
    )
    return ready.quote(lines, offer_code=offer_code)


def prepare(
    *,
    cards: Sequence[AgreementView] = (),
    resident_id: int | None = None,
    at: datetime | None = None,
    except_order: str = "",
    device: str = "",
) -> Quoter:
    """Ask the database once, to quote the same resident's baskets as often as one likes."""
    at = at or now()
    facts = [card_facts(card) for card in cards]
    usage = usage_of(
        resident_id=resident_id,
        fingerprints=[card.fingerprint for card in facts],
        day=business_date(at),
        except_order=except_order,
    )
    return Quoter(
        book=offer_book(), cards=tuple(zip(cards, facts, strict=True)), usage=usage, at=at
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoter:
    """Everything a quote depends on but the basket."""

    book: OfferBook
    cards: tuple[tuple[AgreementView, CardFacts], ...]
    usage: Usage
    at: datetime

    def quote(self, lines: Sequence[LineFacts], *, offer_code: str = "") -> Quote:
        """Quote one basket; no query."""
        judge = _Judge(book=self.book, lines=lines, usage=self.usage, at=self.at)
        tied = [judge.card(view, card) for view, card in self.cards]
        cashier = judge.without_offer(WayKind.CASHIER)
        best = max(tied, key=lambda way: way.discount.minor, default=cashier)
        return Quote(goods=cashier.goods, ways=(*tied, judge.new_card(), cashier), best=best)


def card_facts(agreement: AgreementView) -> CardFacts:
    """Take from a tied card what offers ask for."""
    return CardFacts(
        issuer=agreement.issuer_code,
        kind=agreement.kind,
        scheme=agreement.scheme,
        bin=agreement.bin,
        fingerprint=agreement.fingerprint,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """One basket at one moment, asked about several ways of paying."""

    book: OfferBook
    lines: Sequence[LineFacts]
    usage: Usage
    at: datetime

    @property
    def goods(self) -> Money:
        return Money(sum(line.value_minor for line in self.lines))

    def card(self, view: AgreementView, card: CardFacts) -> WayQuote:
        results = self._results(card)
        best = best_of(results)
        if best is None:
            return self.without_offer(WayKind.AGREEMENT, view, _telling(results, self.book))
        return WayQuote(
            kind=WayKind.AGREEMENT,
            agreement=view,
            goods=self.goods,
            discount=Money(best.discount_minor),
            offer=best.offer,
            shares=tuple(shares_of(best.offer, self.lines, best.discount_minor)),
        )

    def new_card(self) -> WayQuote:
        """Quote no discount yet, but say what some card would save here."""
        results = self._results(None)
        best = best_of(results)
        reason: Reason | None
        if best:
            reason = WrongCard(saves_minor=best.discount_minor)
        else:
            told = _telling(results, self.book)
            reason = told if isinstance(told, BelowThreshold) else None
        return self.without_offer(WayKind.NEW_CARD, None, reason)

    def without_offer(
        self, kind: WayKind, view: AgreementView | None = None, reason: Reason | None = None
    ) -> WayQuote:
        return WayQuote(
            kind=kind,
            agreement=view,
            goods=self.goods,
            discount=Money(0),
            shares=(0,) * len(self.lines),
            reason=reason,
        )

    def _results(self, card: CardFacts | None) -> list[OfferResult]:
        return evaluate(self.book, card=card, lines=self.lines, usage=self.usage, now=self.at)


def _telling(results: Sequence[OfferResult], book: OfferBook) -> Reason | None:
    """Choose the refusal worth showing: what a little more would save, then the largest loss."""
    reasons = [r.reason for r in results if r.reason and not isinstance(r.reason, Over)]
    near = [reason for reason in reasons if isinstance(reason, BelowThreshold)]
    if near:
        return min(near, key=lambda reason: (reason.missing_minor, -reason.saves_minor))
    own = [reason for reason in reasons if not isinstance(reason, WrongCard | NoSuchGoods)]
    if own or reasons:
        return max(own or reasons, key=lambda reason: reason.saves_minor)
    # Offers there are, but none that this card's bank takes part in.
    return WrongCard(saves_minor=0) if book.rules else None
