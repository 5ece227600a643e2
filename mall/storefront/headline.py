"""One line about today's bank offers, the same for everybody; kept for a minute."""

from __future__ import annotations

from typing import Final

from django.core.cache import cache
from django.utils.translation import get_language, ngettext

from mall.promotions.calendar import Moment, calendar_refusal, saves_minor
from mall.promotions.offers import offer_book
from payments.api import now

SECONDS: Final = 60


def headline() -> str:
    """Name the offer that saves most today and how many others there are; empty without any."""
    key = f"offers_headline:{get_language()}"
    told: str | None = cache.get(key)
    if told is None:
        told = _told()
        cache.set(key, told, SECONDS)
    return told


def _told() -> str:
    moment = Moment.of(now())
    running = [rule for rule in offer_book().rules if calendar_refusal(rule, moment) is None]
    if not running:
        return ""
    best = max(running, key=lambda rule: (saves_minor(rule), -rule.offer_id))
    others = len(running) - 1
    if not others:
        return best.name
    more = ngettext("%(name)s and %(n)d more", "%(name)s and %(n)d more", others)
    return more % {"name": best.name, "n": others}
