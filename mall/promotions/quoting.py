"""What each way of paying would charge, and which one saves most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from mall.promotions.baskets import Basket, shares_of
from mall.promotions.book import OfferBook
from mall.promotions.calendar import Moment
from mall.promotions.evaluation import OfferResult
from mall.promotions.offers import offer_book
from mall.promotions.reasons import BelowThreshold, Reason, WrongCard
from mall.promotions.rules import CardFacts, LineFacts, OfferRule, Usage
from mall.promotions.summary import Summary, summarize
from mall.promotions.usage import usage_of
from mall.promotions.wording import describe, spend_more, yuan
from payments.api import AgreementView, Money, business_date, now

# What a resident says who keeps her use of an offer for another day.
NO_OFFER: Final = "none"
NOTHING: Final = Money(0)


class WayKind(StrEnum):
    """How the resident may pay."""

    AGREEMENT = "agreement"
    NEW_CARD = "new_card"
    CASHIER = "cashier"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One offer she may have with a card; fen."""

    offer: OfferRule
    # what the mall takes off
    discount_minor: int
    # what the bank is expected to take off by itself
    expected_minor: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WayQuote:
    """One way of paying: what is charged, what the offer takes off, or why there is none."""

    kind: WayKind
    goods: Money
    # what we take off
    discount: Money
    # what the bank is expected to take off by itself, of what we ask
    expected: Money = NOTHING
    agreement: AgreementView | None = None
    offer: OfferRule | None = None
    # of discount and expected, per line of the basket, in its order; fen
    shares: tuple[int, ...] = ()
    reason: Reason | None = None
    # a little more would save more than this way does
    next_step: BelowThreshold | None = None
    # every offer that applies to this card, the applied one among them, best first
    choices: tuple[Choice, ...] = ()

    @property
    def key(self) -> str:
        """Return what a form sends back for this way: the tied card's number or the kind."""
        return self.agreement.agreement_no if self.agreement else self.kind.value

    @property
    def payable(self) -> Money:
        """Return what the acquirer is asked to charge."""
        return self.goods - self.discount

    @property
    def saving(self) -> Money:
        """Return what she saves, whoever takes it off."""
        return self.discount + self.expected

    @property
    def hint(self) -> str:
        """Say what is saved, what is missing, or why there is no offer; empty if nothing is."""
        if self.offer:
            return _("Saves %(saving)s") % {"saving": yuan(self.saving.minor)}
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


def quote(  # noqa: PLR0913 - a basket, who pays, and what she wishes
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
    ``offer_code`` is her wish: another offer than the best, or NO_OFFER; where it does not apply to
    a card the best does.
    """
    quoter = prepare(
        cards=cards, resident_id=resident_id, at=at, except_order=except_order, device=device
    )
    return quoter.quote(lines, offer_code=offer_code)


def prepare(
    *,
    cards: Sequence[AgreementView] = (),
    resident_id: int | None = None,
    at: datetime | None = None,
    except_order: str = "",
    device: str = "",
) -> Quoter:
    """Read all that quotes need for this resident and these cards; see quote."""
    at = at or now()
    facts = [card_facts(card) for card in cards]
    book = offer_book()
    usage = usage_of(
        resident_id=resident_id,
        fingerprints=[card.fingerprint for card in facts],
        device=device,
        day=business_date(at),
        except_order=except_order,
        draws=book.has_draws,
    )
    return Quoter(cards=tuple(zip(cards, facts, strict=True)), book=book, usage=usage, at=at)


def card_facts(agreement: AgreementView) -> CardFacts:
    """Take from a tied card what offers ask for.

    Where the acquirer gives no fingerprint each tie is a card of its own: without this all such
    cards would count as one.
    """
    return CardFacts(
        issuer=agreement.issuer_code,
        kind=agreement.kind,
        scheme=agreement.scheme,
        bin=agreement.bin,
        fingerprint=agreement.fingerprint or agreement.agreement_no,
        first_tied_at=agreement.first_tied_at,
        bank_first_tied_at=agreement.bank_first_tied_at,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoter:
    """One resident with her cards at one moment; quotes any number of baskets without a query."""

    cards: tuple[tuple[AgreementView, CardFacts], ...]
    book: OfferBook
    usage: Usage
    at: datetime

    def quote(self, lines: Sequence[LineFacts], *, offer_code: str = "") -> Quote:
        """Quote a basket; see the function quote."""
        judge = _Judge(
            quoter=self,
            lines=lines,
            basket=Basket(lines),
            moment=Moment.of(self.at),
            offer_code=offer_code,
        )
        tied = [judge.card(view, card) for view, card in self.cards]
        cashier = judge.without_offer(WayKind.CASHIER)
        best = max(tied, key=lambda way: way.saving.minor, default=cashier)
        return Quote(goods=cashier.goods, ways=(*tied, judge.new_card(), cashier), best=best)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judge:
    """One basket, asked about several ways of paying."""

    quoter: Quoter
    lines: Sequence[LineFacts]
    basket: Basket
    moment: Moment
    offer_code: str

    @property
    def goods(self) -> Money:
        return Money(sum(line.value_minor for line in self.lines))

    def card(self, view: AgreementView, card: CardFacts) -> WayQuote:
        told = self._summary(card)
        chosen = self._chosen(told.given)
        if chosen is None:
            reason = None if told.given else told.reason
            return self.without_offer(
                WayKind.AGREEMENT, view=view, reason=reason, choices=told.given
            )
        saving, expected = chosen.discount_minor, chosen.expected_minor
        return WayQuote(
            kind=WayKind.AGREEMENT,
            agreement=view,
            goods=self.goods,
            discount=Money(saving - expected),
            expected=Money(expected),
            offer=chosen.offer,
            shares=tuple(shares_of(chosen.offer, self.lines, saving)),
            next_step=told.next_step(saving),
            choices=_choices(told.given),
        )

    def new_card(self) -> WayQuote:
        """Quote no discount yet, but say what some card would save here."""
        told = self._summary(None)
        reason: Reason | None
        if told.given:
            reason = WrongCard(saves_minor=told.given[0].discount_minor)
        else:
            reason = told.reason if isinstance(told.reason, BelowThreshold) else None
        return self.without_offer(WayKind.NEW_CARD, reason=reason)

    def without_offer(
        self,
        kind: WayKind,
        *,
        view: AgreementView | None = None,
        reason: Reason | None = None,
        choices: Sequence[OfferResult] = (),
    ) -> WayQuote:
        return WayQuote(
            kind=kind,
            agreement=view,
            goods=self.goods,
            discount=Money(0),
            shares=(0,) * len(self.lines),
            reason=reason,
            next_step=reason if isinstance(reason, BelowThreshold) else None,
            choices=_choices(choices),
        )

    def _chosen(self, given: Sequence[OfferResult]) -> OfferResult | None:
        if self.offer_code == NO_OFFER:
            return None
        wished = (result for result in given if result.offer.code == self.offer_code)
        return next(wished, given[0] if given else None)

    def _summary(self, card: CardFacts | None) -> Summary:
        return summarize(
            self.quoter.book,
            card=card,
            basket=self.basket,
            usage=self.quoter.usage,
            moment=self.moment,
        )


def _choices(results: Sequence[OfferResult]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            offer=result.offer,
            discount_minor=result.discount_minor - result.expected_minor,
            expected_minor=result.expected_minor,
        )
        for result in results
    )
