"""What the screen says about an offer that does not apply, or that is near."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mall.promotions import reasons
from mall.promotions.reasons import Reason

_WEEKDAYS = {
    1: gettext_lazy("Mondays"),
    2: gettext_lazy("Tuesdays"),
    3: gettext_lazy("Wednesdays"),
    4: gettext_lazy("Thursdays"),
    5: gettext_lazy("Fridays"),
    6: gettext_lazy("Saturdays"),
    7: gettext_lazy("Sundays"),
}
_LIMITS = {
    ("resident", "day"): gettext_lazy("You have had this offer today"),
    ("resident", "month"): gettext_lazy("You have had this offer this month"),
    ("resident", "total"): gettext_lazy("You have had this offer"),
    ("card", "day"): gettext_lazy("This card has had the offer today"),
    ("card", "month"): gettext_lazy("This card has had the offer this month"),
    ("card", "total"): gettext_lazy("This card has had the offer"),
}

_PLAIN = {
    reasons.WrongCard: gettext_lazy("Not for this card"),
    reasons.NoSuchGoods: gettext_lazy("Not for these goods"),
    reasons.UsedUpToday: gettext_lazy("Used up today"),
    reasons.UsedUp: gettext_lazy("Used up"),
    reasons.Over: gettext_lazy("This offer is over"),
}


def yuan(minor: int) -> str:
    """Show fen as people say it: ¥16, ¥23.50."""
    major = Decimal(minor) / 100
    return f"¥{major:.0f}" if minor % 100 == 0 else f"¥{major:.2f}"


def describe(reason: Reason) -> str:
    """Say a reason in one short sentence, in the language of the page."""
    match reason:
        case reasons.BelowThreshold():
            return spend_more(reason.missing_minor, reason.saves_minor)
        case reasons.LimitReached():
            return str(_LIMITS[reason.subject, reason.period])
    return str(_PLAIN.get(type(reason)) or _describe_time(reason))


def spend_more(missing_minor: int, saves_minor: int) -> str:
    """Say how much more to buy for how much to save (both fen)."""
    return _("Spend %(missing)s more to save %(saving)s") % {
        "missing": yuan(missing_minor),
        "saving": yuan(saves_minor),
    }


def _describe_time(reason: Reason) -> str:
    match reason:
        case reasons.NotYet():
            starts = date_format(timezone.localtime(reason.starts_at), "MONTH_DAY_FORMAT")
            return _("From %(day)s") % {"day": starts}
        case reasons.OtherWeekday():
            days = _(", ").join(str(_WEEKDAYS[day]) for day in sorted(reason.weekdays))
            return _("On %(weekdays)s") % {"weekdays": days}
        case reasons.OtherMonthDay():
            day = date_format(reason.next_on, "MONTH_DAY_FORMAT")
            return _("Again on %(day)s") % {"day": day}
        case reasons.OtherHour():
            return _("From %(start)s to %(end)s") % {
                "start": f"{reason.from_time:%H:%M}",
                "end": f"{reason.until_time:%H:%M}",
            }
    raise TypeError(f"no sentence for {type(reason).__name__}")
