"""Why an offer was not given, in a few words beside a number; the same words as on its desk."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

_WORDS: Final[dict[str, Promise]] = {
    "wrong_card": _("another bank, kind, mark or number"),
    "card_unknown": _("paid without a tied card: nobody knows with which card"),
    "tied_too_long_ago": _("the card was tied too long ago"),
    "not_a_new_customer": _("not a new customer of the bank"),
    "not_yet": _("before it begins"),
    "over": _("after its end"),
    "other_weekday": _("on another weekday"),
    "other_month_day": _("on another day of the month"),
    "other_hour": _("at another hour"),
    "no_such_goods": _("no goods that count"),
    "below_threshold": _("below the amount"),
    "used_up": _("budget or uses gone"),
    "used_up_today": _("today's uses gone"),
    "used_up_this_month": _("this month's uses gone"),
    "limit_reached": _("had it as often as one may"),
}


def reason_words(code: str) -> str:
    """Return a reason's words; the code itself where it is a new one."""
    return str(_WORDS.get(code, code))
