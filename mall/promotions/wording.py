"""What the screen says about an offer that does not apply, or that is near."""

from __future__ import annotations

from decimal import Decimal

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mall.promotions import reasons
from mall.promotions.reasons import BelowThreshold, Reason

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
    ("device", "day"): gettext_lazy("This device has had the offer today"),
    ("device", "month"): gettext_lazy("This device has had the offer this month"),
    ("device", "total"): gettext_lazy("This device has had the offer"),
}

_LIMITS_OF_SEVERAL = {
    ("resident", "day"): gettext_lazy("You have had this offer %(most)s times today"),
    ("resident", "month"): gettext_lazy("You have had this offer %(most)s times this month"),
    ("resident", "total"): gettext_lazy("You have had this offer %(most)s times"),
    ("card", "day"): gettext_lazy("This card has had the offer %(most)s times today"),
    ("card", "month"): gettext_lazy("This card has had the offer %(most)s times this month"),
    ("card", "total"): gettext_lazy("This card has had the offer %(most)s times"),
    ("device", "day"): gettext_lazy("This device has had the offer %(most)s times today"),
    ("device", "month"): gettext_lazy("This device has had the offer %(most)s times this month"),
    ("device", "total"): gettext_lazy("This device has had the offer %(most)s times"),
}
_CARD_PARTS = {
    None: gettext_lazy("Not for this card"),
    "issuer": gettext_lazy("Not for cards of this bank"),
    "kind": gettext_lazy("Not for this kind of card"),
    "mark": gettext_lazy("Only for cards with the UnionPay mark alone"),
    "bin": gettext_lazy("Not for this card"),
}
_PLAIN = {
    reasons.NotANewCustomer: gettext_lazy("Only for new customers of the bank"),
    reasons.UsedUpThisMonth: gettext_lazy("Used up this month"),
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
            sentences = _LIMITS if reason.most == 1 else _LIMITS_OF_SEVERAL
            return str(sentences[reason.subject, reason.period]) % {"most": reason.most}
        case reasons.WrongCard():
            return str(_CARD_PARTS[reason.part])
        case reasons.TiedTooLongAgo():
            return ngettext(
                "Only within %(days)s day after such a card was first tied",
                "Only within %(days)s days after such a card was first tied",
                reason.within_days,
            ) % {"days": reason.within_days}
    return str(_PLAIN.get(type(reason)) or _describe_time(reason))


def spend_more(missing_minor: int, saves_minor: int) -> str:
    """Say how much more to buy for how much to save (both fen)."""
    return _("Spend %(missing)s more to save %(saving)s") % {
        "missing": yuan(missing_minor),
        "saving": yuan(saves_minor),
    }


def describe_next_step(step: BelowThreshold, *, saving_minor: int) -> str:
    """Say what a little more would save, where something (fen) is saved already."""
    if not saving_minor:
        return spend_more(step.missing_minor, step.saves_minor)
    return _("Spend %(missing)s more to save %(saving)s instead of %(now)s") % {
        "missing": yuan(step.missing_minor),
        "saving": yuan(step.saves_minor),
        "now": yuan(saving_minor),
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
            return _(", ").join(
                _("From %(start)s to %(end)s")
                % {"start": f"{start:%H:%M}", "end": f"{until:%H:%M}"}
                for start, until in reason.hours
            )
    raise TypeError(f"no sentence for {type(reason).__name__}")
