"""Points in plain words: what each entry was, and what the rules are."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.loyalty.models import OrderEarning, PointsEntry, PointsProgramme
from mall.promotions.wording import yuan

Kind = PointsEntry.Kind


def entry_text(entry: PointsEntry, earning: OrderEarning | None = None) -> tuple[str, str]:
    """Say what an entry was, and what may be added to it."""
    if entry.kind == Kind.EARN:
        return _("Earned with an order"), _member_note(earning)
    text, note = {
        Kind.SPEND: (_("Used on an order"), ""),
        Kind.RETURN: (_("Back from an order"), _("They had been used on it.")),
        Kind.CLAWBACK: (_("Taken back"), _("Money for this order went back to you.")),
        Kind.EXPIRE: (_("Expired"), ""),
        Kind.ADJUST: (_("Corrected by the mall"), entry.note),
    }[Kind(entry.kind)]
    return text, note


def rules_text(programme: PointsProgramme) -> Iterator[str]:
    """Say the rules, one sentence each."""
    yield from _earning(programme)
    yield from _spending(programme)
    yield ngettext(
        "Points are good until the end of the month, %(n)s month after they came. "
        "The oldest are used first.",
        "Points are good until the end of the month, %(n)s months after they came. "
        "The oldest are used first.",
        programme.expiry_months,
    ) % {"n": programme.expiry_months}
    yield _(
        "If an order goes back, the points you used on it come back, and those it earned go. "
        "Were they used meanwhile, the next ones pay for them."
    )


def days_text(days: list[int]) -> str:
    """List days of the month: 8, 18, 28."""
    return _(", ").join(str(day) for day in sorted(days))


def _earning(programme: PointsProgramme) -> Iterator[str]:
    amount = {"amount": yuan(programme.paid_minor_per_point)}
    if programme.earns_on == PointsProgramme.EarnsOn.TIED:
        yield _("One point for every %(amount)s you pay with a tied card, once you collect.") % (
            amount
        )
    else:
        yield _("One point for every %(amount)s you pay yourself, once you collect.") % amount
    if programme.member_days and programme.member_percent > 100:
        yield _("On the %(days)s of each month orders earn %(times)s times as many.") % {
            "days": days_text(programme.member_days),
            "times": f"{programme.member_percent / 100:g}",
        }
    if programme.day_most is not None:
        yield _("At most %(n)s points a day.") % {"n": programme.day_most}


def _spending(programme: PointsProgramme) -> Iterator[str]:
    yield _("A point is worth %(worth)s when you pay, for up to %(percent)s%% of an order.") % {
        "worth": yuan(programme.worth_minor_per_point),
        "percent": programme.most_percent,
    }
    if programme.from_minor:
        yield _("They can be used on orders from %(amount)s.") % {
            "amount": yuan(programme.from_minor)
        }
    if programme.most_points is not None:
        yield _("At most %(n)s points on one order.") % {"n": programme.most_points}


def _member_note(earning: OrderEarning | None) -> str:
    if earning is None or earning.percent == 100:
        return ""
    return _("Member day: %(times)s × points") % {"times": f"{earning.percent / 100:g}"}
