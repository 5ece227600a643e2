"""What may be meant so, but is worth a second look: said beside the rule while it is written."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from mall.offerdesk.words import goods_in, issuer_names, listed
from mall.promotions.models import BankOffer
from payments.api import local, now

_GENEROUS: Final = 3  # a third of the amount
_LONG: Final = timedelta(days=366)


def warnings(offer: BankOffer) -> list[str]:
    """Return what is unusual about a rule, each as a sentence; nothing here forbids it."""
    looks = (_money, _cards, _calendar, _goods)
    return [sentence for look in looks for sentence in look(offer)]


def _money(offer: BankOffer) -> Iterator[str]:
    if offer.budget_minor is None and offer.total_limit is None:
        yield _("Neither a budget nor a number of uses ends it: nobody knows what it will cost.")
    most, least = offer.most_minor or 0, offer.threshold_minor or 0
    if most and least and most * _GENEROUS > least and offer.benefit_kind == "fixed":
        yield _("It takes off more than a third of the amount it is given from.")
    if offer.budget_minor is not None and most > offer.budget_minor:
        yield _("The budget is not enough for a single use.")
    if offer.benefit_kind == "percent" and offer.cap_minor is None:
        yield _("Nothing bounds what one order can get.")
    if offer.resident_total_limit is None and offer.resident_day_limit is None:
        yield _("One resident may use it as often as she likes on a day.")
    if not offer.terms:
        yield _("There are no terms for residents to read.")


def _cards(offer: BankOffer) -> Iterator[str]:
    if not offer.issuers:
        yield _("Cards of every bank take part.")
        return
    others = [code for code in offer.issuers if code != offer.funder_ref]
    if offer.funder_ref and others:
        yield _("Cards of %(others)s take part too, and the bank pays for them.") % {
            "others": listed(issuer_names(others))
        }


def _calendar(offer: BankOffer) -> Iterator[str]:
    if not (offer.starts_at and offer.ends_at):
        return
    if offer.ends_at <= now():
        yield _("It is over before it begins: its last day is in the past.")
    if offer.ends_at - offer.starts_at > _LONG:
        yield _("It runs for more than a year.")
    if (offer.weekdays or offer.month_days) and not _days(offer):
        yield _("No day in its time is one of the days it is given on.")


def _days(offer: BankOffer) -> bool:
    first, last = local(offer.starts_at).date(), local(offer.ends_at).date()
    span = min((last - first).days, _LONG.days) + 1
    return any(_is_given_on(offer, first + timedelta(days=n)) for n in range(span))


def _is_given_on(offer: BankOffer, day: date) -> bool:
    return (not offer.weekdays or day.isoweekday() in offer.weekdays) and (
        not offer.month_days or day.day in offer.month_days
    )


def _goods(offer: BankOffer) -> Iterator[str]:
    if offer.included is not None and not goods_in(offer.included):
        yield _("There are no goods in the range it counts on.")
    if offer.included is not None and offer.included == offer.excluded:
        yield _("The goods it counts on are the goods left out.")
