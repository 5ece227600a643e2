"""What her cards save today and this week, what is left of it, and what other cards would."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mall.accounts.models import User
from mall.ordering.payer import payer_ref
from mall.promotions.calendar import Moment, calendar_refusal, saves_minor
from mall.promotions.evaluation import card_refusal
from mall.promotions.left import Left, left_of_all
from mall.promotions.models import BankOffer
from mall.promotions.quotas import left_of, quota_refusal
from mall.promotions.quoting import Quoter, prepare
from mall.promotions.reasons import Over, Reason
from mall.promotions.rules import CardFacts, OfferRule
from mall.promotions.wording import describe
from mall.storefront.banks import bank_letter, bank_name, kind_text, name_of_bank
from mall.storefront.offer_days import Day, clock_of, days_of
from mall.storefront.offer_words import benefit_text, cards_text, days_text, details
from payments.api import AgreementView, agreements_of, now

# A page that lists hundreds is read by nobody; the best and the nearest come first.
_SHOWN_MAX: Final = 8
_NO_CARD: Final = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How many uses are left of how many."""

    text: str
    left: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferShown:
    """An offer as her page tells it."""

    code: str
    name: str
    bank: str
    benefit: str
    cards: str
    when: str
    details: tuple[str, ...]
    terms: str
    state: str
    state_text: str
    until: datetime | None
    until_text: str
    days: tuple[Day, ...]
    quotas: tuple[Quota, ...]
    is_about: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """One of her cards with its offers, those of today first."""

    issuer_code: str
    short: str
    name: str
    detail: str
    offers: tuple[OfferShown, ...]
    more: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MyOffers:
    """Everything the page shows."""

    cards: tuple[CardShown, ...]
    to_get: tuple[OfferShown, ...]

    @property
    def codes(self) -> set[str]:
        """Return the codes of the offers shown on her cards."""
        return {offer.code for card in self.cards for offer in card.offers}


def my_offers(person: User | None, *, device: str = "", at: datetime | None = None) -> MyOffers:
    """Read what her cards have on offer: a fixed number of queries, whatever there is."""
    at = at or now()
    quoter = prepare(
        cards=agreements_of(payer_ref(person.pk)) if person else (),
        resident_id=person.pk if person else None,
        at=at,
        device=device,
    )
    shelf = _Shelf.of(quoter)
    cards = tuple(shelf.card(view, facts) for view, facts in quoter.cards)
    return MyOffers(cards=cards, to_get=shelf.to_get())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shelf:
    """The offers of her page at one moment, with what everybody has left of them."""

    quoter: Quoter
    moment: Moment
    # a card's number, or nothing for what she has no card for -> its offers, best first
    rules: Mapping[str, Sequence[OfferRule]]
    left: Mapping[int, Left]
    terms: Mapping[int, str]

    @classmethod
    def of(cls, quoter: Quoter) -> _Shelf:
        moment = Moment.of(quoter.at)
        rules = {view.agreement_no: _rules(quoter, moment, card) for view, card in quoter.cards}
        rules[_NO_CARD] = _rules_to_get(quoter, moment)
        shown = {rule.offer_id for found in rules.values() for rule in found[:_SHOWN_MAX]}
        rows = BankOffer.objects.filter(pk__in=shown).order_by()
        return cls(
            quoter=quoter,
            moment=moment,
            rules=rules,
            left=left_of_all(shown),
            terms=dict(rows.values_list("pk", "terms")),
        )

    def card(self, view: AgreementView, card: CardFacts) -> CardShown:
        rules = self.rules[view.agreement_no]
        return CardShown(
            issuer_code=view.issuer_code,
            short=bank_letter(view.issuer_code),
            name=name_of_bank(view),
            detail=f"{kind_text(view.kind)} ({view.last4})",
            offers=tuple(self._shown(rule, card) for rule in rules[:_SHOWN_MAX]),
            more=max(len(rules) - _SHOWN_MAX, 0),
        )

    def to_get(self) -> tuple[OfferShown, ...]:
        return tuple(self._shown(rule, None) for rule in self.rules[_NO_CARD][:_SHOWN_MAX])

    def _shown(self, rule: OfferRule, card: CardFacts | None) -> OfferShown:
        reason = refusal(self.quoter, self.moment, rule=rule, card=card)
        until, until_text = clock_of(rule, self.moment)
        return OfferShown(
            code=rule.code,
            name=rule.name,
            bank=bank_name(rule.funder_ref),
            benefit=benefit_text(rule),
            cards=cards_text(rule),
            when=days_text(rule),
            details=tuple(details(rule)),
            terms=self.terms.get(rule.offer_id, ""),
            state="on" if reason is None else "off",
            state_text=_("On today") if reason is None else describe(reason),
            until=until,
            until_text=until_text,
            days=tuple(days_of(rule, self.moment.day)),
            quotas=tuple(self._quotas(rule, card)),
            is_about=not rule.is_ours,
        )

    def _quotas(self, rule: OfferRule, card: CardFacts | None) -> Iterator[Quota]:
        if card is not None:
            own = left_of(rule, self.quoter.usage, card)
            for limit in own.limits:
                if limit.subject != "device":
                    text = str(_QUOTAS[limit.subject, limit.period])
                    yield Quota(text=text, left=limit.left, most=limit.most)
        everybody = self.left.get(rule.offer_id)
        if everybody is None:
            return
        if everybody.today is not None and everybody.today_of:
            yield Quota(
                text=_("For everybody today"), left=everybody.today, most=everybody.today_of
            )
        if everybody.month is not None and everybody.month_of:
            yield Quota(
                text=_("For everybody this month"), left=everybody.month, most=everybody.month_of
            )


_QUOTAS: Final = {
    ("resident", "day"): gettext_lazy("Yours today"),
    ("resident", "month"): gettext_lazy("Yours this month"),
    ("resident", "total"): gettext_lazy("Yours in all"),
    ("card", "day"): gettext_lazy("This card's today"),
    ("card", "month"): gettext_lazy("This card's this month"),
    ("card", "total"): gettext_lazy("This card's in all"),
}


def _rules(quoter: Quoter, moment: Moment, card: CardFacts) -> list[OfferRule]:
    """Return the offers a card takes part in: usable now first, then the largest saving."""
    mine = (rule for rule in quoter.book.for_card(card) if not card_refusal(rule, card, quoter.at))
    return _ranked(quoter, moment, card=card, rules=mine)


def _rules_to_get(quoter: Quoter, moment: Moment) -> list[OfferRule]:
    """Return the offers that none of her cards takes part in."""
    own = [card for _view, card in quoter.cards]
    others = (
        rule
        for rule in quoter.book.rules
        if all(card_refusal(rule, card, quoter.at) for card in own)
    )
    return _ranked(quoter, moment, card=None, rules=others)


def _ranked(
    quoter: Quoter, moment: Moment, *, card: CardFacts | None, rules: Iterable[OfferRule]
) -> list[OfferRule]:
    told = ((refusal(quoter, moment, rule=rule, card=card), rule) for rule in rules)
    kept = [(reason, rule) for reason, rule in told if not isinstance(reason, Over)]
    kept.sort(key=lambda each: (each[0] is not None, -saves_minor(each[1]), each[1].offer_id))
    return [rule for _reason, rule in kept]


def refusal(
    quoter: Quoter, moment: Moment, *, rule: OfferRule, card: CardFacts | None
) -> Reason | None:
    """Say why an offer cannot be used now, whatever is in the basket; None where it can."""
    return calendar_refusal(rule, moment) or quota_refusal(
        rule, card=card, usage=quoter.usage, moment=moment
    )
