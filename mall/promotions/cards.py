"""Which cards an offer takes: bank, kind, mark, first digits, how lately first tied; pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from mall.promotions.calendar import saves_minor
from mall.promotions.reasons import (
    CardPart,
    NotANewCustomer,
    Reason,
    TiedTooLongAgo,
    WrongCard,
)
from mall.promotions.rules import CardFacts, OfferRule
from payments.api import business_date


def card_refusal(rule: OfferRule, card: CardFacts | None, now: datetime) -> Reason | None:
    """Say what of the card the rule does not take; None for one it takes, or not yet known."""
    if card is None:
        return None
    part = _wrong_part(rule, card)
    if part:
        return WrongCard(saves_minor=saves_minor(rule), part=part)
    return _tied_too_long_ago(rule, card, now)


def _wrong_part(rule: OfferRule, card: CardFacts) -> CardPart | None:
    if rule.issuers and card.issuer not in rule.issuers:
        return "issuer"
    if rule.kinds and card.kind not in rule.kinds:
        return "kind"
    if rule.single_mark_only and card.scheme != "unionpay_single":
        return "mark"
    return "bin" if rule.bins and not card.bin.startswith(rule.bins) else None


def _tied_too_long_ago(rule: OfferRule, card: CardFacts, now: datetime) -> Reason | None:
    """Count whole Shanghai days: tied on the 1st, within 7 days is until the end of the 8th."""
    since = card.bank_first_tied_at if rule.new_to_bank else card.first_tied_at
    if rule.new_to_bank and (since is None or since < rule.starts_at):
        return NotANewCustomer(saves_minor=saves_minor(rule), since=rule.starts_at)
    days = rule.first_tied_within_days
    if days is None:
        return None
    last_on = business_date(since) + timedelta(days=days) if since else None
    if last_on and business_date(now) <= last_on:
        return None
    return TiedTooLongAgo(saves_minor=saves_minor(rule), within_days=days, last_on=last_on)
