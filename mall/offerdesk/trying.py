"""Trying an offer out on paper: which conditions a card and a basket fulfil, which not, and why.

The same functions judge here as in the shop; only the card, the basket and the past are made up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mall.offerdesk.words import KINDS, WEEKDAYS, issuer_names, listed
from mall.promotions.benefits import from_minor
from mall.promotions.calendar import Moment, calendar_refusal, is_day
from mall.promotions.evaluation import (
    OfferBook,
    OfferResult,
    best_first,
    card_refusal,
    eligible_values,
    evaluate,
)
from mall.promotions.models import BankOffer
from mall.promotions.offers import rule_of
from mall.promotions.quotas import left_of
from mall.promotions.quoting import Quote, Quoter
from mall.promotions.reasons import WrongCard
from mall.promotions.rules import PERIODS, CardFacts, LineFacts, OfferRule, Period, Usage
from mall.promotions.wording import describe, yuan
from payments.api import AgreementView, local

RESIDENT: Final = "resident:0"
_ANY_GOODS: Final = -1
_SUBJECTS: Final = {
    "resident": gettext_lazy("per resident"),
    "card": gettext_lazy("per card"),
    "device": gettext_lazy("per device"),
}
_PERIODS: Final = {
    "day": gettext_lazy("a day"),
    "month": gettext_lazy("a month"),
    "total": gettext_lazy("in all"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A card, a basket, a moment and what was had before; amounts in fen."""

    card: CardFacts
    at: datetime
    # of any goods that count; or lines of named goods
    amount_minor: int = 0
    lines: tuple[LineFacts, ...] = ()
    # how often she and the card had each offer before, today, this month and in all
    had: tuple[int, int, int] = (0, 0, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One condition of a rule: what it asks, whether it holds, and the figures."""

    name: str
    holds: bool
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What becomes of one offer: every condition, and what it gives (fen) or why nothing."""

    offer: BankOffer
    conditions: Sequence[Condition]
    discount_minor: int
    # what the resident reads
    words: str
    is_best: bool = False

    @property
    def saving(self) -> str:
        """Show what it takes off."""
        return yuan(self.discount_minor)


def try_offers(offers: Sequence[BankOffer], trial: Trial) -> list[Verdict]:
    """Judge each offer as if it were launched; the best for the resident comes first."""
    results = [(offer, *_judged(rule_of(offer), trial)) for offer in offers]
    given = best_first(result for _offer, _rule, result in results)
    best = given[0].offer.offer_id if given else None
    verdicts = [
        Verdict(
            offer=offer,
            conditions=list(_conditions(rule, trial)),
            discount_minor=result.discount_minor,
            words=_words(result),
            is_best=rule.offer_id == best,
        )
        for offer, rule, result in results
    ]
    return sorted(verdicts, key=lambda v: (not v.is_best, -v.discount_minor, str(v.offer)))


def shown_in_shop(offers: Sequence[BankOffer], trial: Trial) -> Quote:
    """Quote the basket as the shop does, with only these offers."""
    rules = [rule_of(offer) for offer in offers]
    lines = lines_for(rules[0], trial) if len(rules) == 1 else _lines(trial)
    card = _as_tied(trial.card)
    quoter = Quoter(
        book=OfferBook(rules),
        cards=((card, trial.card),),
        usage=usage_for(rules, trial),
        at=trial.at,
    )
    return quoter.quote(lines)


def lines_for(rule: OfferRule, trial: Trial) -> tuple[LineFacts, ...]:
    """Return the basket's lines; an amount is of goods that count under the rule."""
    if trial.lines:
        return trial.lines
    if rule.included is None:
        return _lines(trial)
    counting = rule.included - rule.excluded
    product = min(counting) if counting else _ANY_GOODS
    return (LineFacts(product_id=product, value_minor=trial.amount_minor),)


def usage_for(rules: Sequence[OfferRule], trial: Trial) -> Usage:
    """Make up what was had before: by her and by the card alike."""
    periods: tuple[Period, ...] = PERIODS
    taken = {
        (rule.family, subject, period): uses
        for rule in rules
        for subject in (RESIDENT, trial.card.subject)
        for period, uses in zip(periods, trial.had, strict=True)
    }
    return Usage(resident=RESIDENT, taken=taken)


def _lines(trial: Trial) -> tuple[LineFacts, ...]:
    return trial.lines or (LineFacts(product_id=_ANY_GOODS, value_minor=trial.amount_minor),)


def _judged(rule: OfferRule, trial: Trial) -> tuple[OfferRule, OfferResult]:
    """Judge one rule alone, also for a card whose bank takes no part."""
    anyone = OfferBook([replace(rule, issuers=frozenset())])
    found = evaluate(
        anyone,
        card=trial.card,
        lines=lines_for(rule, trial),
        usage=usage_for([rule], trial),
        now=trial.at,
    )[0]
    refusal = card_refusal(rule, trial.card, trial.at)
    if refusal:
        return rule, OfferResult(offer=rule, reason=refusal)
    return rule, replace(found, offer=rule)


def _conditions(rule: OfferRule, trial: Trial) -> Iterator[Condition]:
    yield from _card_conditions(rule, trial)
    yield from _calendar_conditions(rule, trial)
    yield from _limit_conditions(rule, trial)
    yield from _goods_conditions(rule, trial)


def _card_conditions(rule: OfferRule, trial: Trial) -> Iterator[Condition]:
    card = trial.card
    parts = (
        ("issuer", _("bank"), listed(issuer_names(sorted(rule.issuers))), card.issuer),
        ("kind", _("kind of card"), listed(KINDS[k] for k in sorted(rule.kinds)), card.kind),
    )
    for _part, name, asked, has in parts:
        if asked:
            is_held = has in (rule.issuers if _part == "issuer" else rule.kinds)
            shown = issuer_names([has])[0] if _part == "issuer" else str(KINDS.get(has, has))
            yield Condition(name=name, holds=is_held, told=_asked(asked, shown or "–"))
    if rule.single_mark_only:
        yield Condition(
            name=_("marks"),
            holds=card.scheme == "unionpay_single",
            told=_("UnionPay mark only"),
        )
    if rule.bins:
        yield Condition(
            name=_("first digits"),
            holds=card.bin.startswith(rule.bins),
            told=_asked(listed(rule.bins), card.bin or "–"),
        )
    if rule.new_to_bank or rule.first_tied_within_days is not None:
        refusal = card_refusal(rule, card, trial.at)
        is_held = refusal is None or isinstance(refusal, WrongCard)
        told = _("fulfilled") if is_held or refusal is None else describe(refusal)
        yield Condition(name=_("tied lately"), holds=is_held, told=told)


def _calendar_conditions(rule: OfferRule, trial: Trial) -> Iterator[Condition]:
    moment = Moment.of(trial.at)
    yield Condition(
        name=_("its time"),
        holds=rule.starts_at <= trial.at < rule.ends_at,
        told=f"{_instant(rule.starts_at)} – {_instant(rule.ends_at)}",
    )
    if rule.weekdays or rule.month_days:
        days = [*(str(WEEKDAYS[day]) for day in sorted(rule.weekdays))]
        days += [str(day) for day in sorted(rule.month_days)]
        yield Condition(
            name=_("days"),
            holds=is_day(rule, moment.day),
            told=_asked(_(", ").join(days), date_format(moment.day, "DATE_FORMAT")),
        )
    if rule.hours:
        within = replace(rule, starts_at=trial.at, ends_at=trial.at.replace(year=trial.at.year + 9))
        hours = listed(f"{start:%H:%M}–{until:%H:%M}" for start, until in rule.hours)
        yield Condition(
            name=_("hours"),
            holds=calendar_refusal(within, trial.at) is None,
            told=_asked(hours, f"{moment.time:%H:%M}"),
        )


def _limit_conditions(rule: OfferRule, trial: Trial) -> Iterator[Condition]:
    for limit in left_of(rule, usage_for([rule], trial), trial.card).limits:
        if limit.subject == "device":
            continue
        yield Condition(
            name=f"{_SUBJECTS[limit.subject]} {_PERIODS[limit.period]}",
            holds=limit.left > 0,
            told=_("%(left)d of %(most)d left") % {"left": limit.left, "most": limit.most},
        )


def _goods_conditions(rule: OfferRule, trial: Trial) -> Iterator[Condition]:
    eligible = sum(eligible_values(rule, lines_for(rule, trial)))
    least = from_minor(rule)
    yield Condition(
        name=_("goods that count"),
        holds=eligible >= least,
        told=_("%(eligible)s of at least %(least)s")
        % {"eligible": yuan(eligible), "least": yuan(least)},
    )


def _words(result: OfferResult) -> str:
    if result.discount_minor:
        return _("Saves %(saving)s") % {"saving": yuan(result.discount_minor)}
    return describe(result.reason) if result.reason else ""


def _asked(asked: str, has: str) -> str:
    return _("%(asked)s; here: %(has)s") % {"asked": asked, "has": has}


def _instant(at: datetime) -> str:
    return f"{local(at):%Y-%m-%d %H:%M}"


def _as_tied(card: CardFacts) -> AgreementView:
    """Make the card one that is tied, as the shop would hold it."""
    names = issuer_names([card.issuer])
    return AgreementView(
        agreement_no="trial",
        owner_ref=RESIDENT,
        status="active",
        last4="0000",
        bin=card.bin,
        issuer_code=card.issuer,
        issuer_name=names[0] if names else card.issuer,
        kind=card.kind,
        scheme=card.scheme,
        fingerprint=card.fingerprint,
        is_default=True,
        signed_at=card.first_tied_at,
        expires=None,
        failure_code="",
    )


__all__ = ["Condition", "Trial", "Verdict", "shown_in_shop", "try_offers"]
