"""An offer's rule written out: what a branch employee reads to know what she wrote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from oscar.apps.offer.models import Range

from mall.offerdesk.words import FUNDERS, KINDS, WEEKDAYS, goods_in, issuer_names, listed, yuan
from mall.promotions.models import BankOffer
from payments.api import local

_LIMITS: Final = (
    ("resident_day_limit", gettext_lazy("%(n)d × a day per resident")),
    ("resident_month_limit", gettext_lazy("%(n)d × a month per resident")),
    ("resident_total_limit", gettext_lazy("%(n)d × in all per resident")),
    ("card_day_limit", gettext_lazy("%(n)d × a day per card")),
    ("card_month_limit", gettext_lazy("%(n)d × a month per card")),
    ("card_total_limit", gettext_lazy("%(n)d × in all per card")),
    ("device_day_limit", gettext_lazy("%(n)d × a day per device")),
    ("device_month_limit", gettext_lazy("%(n)d × a month per device")),
    ("device_total_limit", gettext_lazy("%(n)d × in all per device")),
    ("day_limit", gettext_lazy("%(n)d × a day for everybody")),
    ("month_limit", gettext_lazy("%(n)d × a month for everybody")),
    ("total_limit", gettext_lazy("%(n)d × in all")),
)


def sentences(offer: BankOffer) -> list[str]:
    """Write the rule out, a sentence for each part of it; what is not there yet is left out."""
    parts = (_who, _what, _goods, _when, _limits, _budget, _funding, _refunds)
    return [sentence for part in parts for sentence in part(offer)]


def rule_in_words(offer: BankOffer) -> str:
    """Return all sentences as one text."""
    return " ".join(sentences(offer))


def benefit_in_words(offer: BankOffer) -> str:
    """Say only what it gives: "¥16 off from ¥200"."""
    return "".join(_benefit(offer))


def _who(offer: BankOffer) -> Iterator[str]:
    banks = listed(issuer_names(offer.issuers)) or pgettext("a card of", "any bank")
    kinds = listed(KINDS[kind] for kind in offer.kinds if kind in KINDS) or _("card")
    said = _("Whoever pays with a %(kind)s of %(bank)s") % {"kind": kinds, "bank": banks}
    asked = list(_asked_of_the_card(offer))
    if asked:
        said = pgettext("who, under what conditions", "%(who)s (%(asked)s)") % {
            "who": said,
            "asked": _(", ").join(asked),
        }
    benefit = benefit_in_words(offer)
    if benefit:
        yield _("%(who)s gets %(benefit)s.") % {"who": said, "benefit": benefit}


def _asked_of_the_card(offer: BankOffer) -> Iterator[str]:
    if offer.marks == BankOffer.Marks.SINGLE:
        yield _("with the UnionPay mark only")
    if offer.bins:
        yield _("numbers that begin with %(digits)s") % {"digits": listed(offer.bins)}
    if offer.first_tied_within_days:
        days = offer.first_tied_within_days
        text = ngettext(
            "within %(days)d day after first tying it",
            "within %(days)d days after first tying it",
            days,
        )
        yield text % {"days": days}
    if offer.new_to_bank:
        yield _("new customers of the bank")


def _benefit(offer: BankOffer) -> Iterator[str]:
    kind, least = offer.benefit_kind, offer.threshold_minor or 0
    if kind == BankOffer.BenefitKind.STEPS and _are_steps(offer.steps):
        steps = [
            _("%(off)s off from %(least)s") % {"off": yuan(off), "least": yuan(at)}
            for at, off in sorted(offer.steps)
        ]
        yield listed(steps)
    elif kind == BankOffer.BenefitKind.PERCENT and offer.percent_bp:
        yield _percent(offer, least)
    elif kind == BankOffer.BenefitKind.RANDOM and offer.random_to_minor:
        yield _("between %(low)s and %(high)s off by lot from %(least)s") % {
            "low": yuan(offer.random_from_minor or 0),
            "high": yuan(offer.random_to_minor),
            "least": yuan(least),
        }
    elif kind == BankOffer.BenefitKind.FIXED and offer.discount_minor:
        yield _("%(off)s off from %(least)s") % {
            "off": yuan(offer.discount_minor),
            "least": yuan(least),
        }


def _percent(offer: BankOffer, least: int) -> str:
    figures = {
        "percent": f"{(offer.percent_bp or 0) / 100:g}",
        "least": yuan(least),
        "cap": yuan(offer.cap_minor or 0),
    }
    if offer.cap_minor:
        return _("%(percent)s %% off from %(least)s, at most %(cap)s") % figures
    return _("%(percent)s %% off from %(least)s") % figures


def _are_steps(steps: Any) -> bool:
    return isinstance(steps, list) and bool(steps) and all(len(step) == 2 for step in steps)


def _what(offer: BankOffer) -> Iterator[str]:
    if offer.decided_by == BankOffer.DecidedBy.BANK:
        yield _(
            "The bank takes it off by itself: the mall asks for the whole amount and notes what "
            "the bank gave."
        )


def _goods(offer: BankOffer) -> Iterator[str]:
    if offer.physical_only:
        yield _("Only physical goods count.")
    if offer.included is not None:
        yield _("Only %(goods)s count.") % {"goods": _range(offer.included)}
    if offer.excluded is not None:
        yield _("%(goods)s do not count.") % {"goods": _range(offer.excluded)}


def _range(goods: Range) -> str:
    count = goods_in(goods)
    text = ngettext("the %(count)d good of “%(name)s”", "the %(count)d goods of “%(name)s”", count)
    return text % {"count": count, "name": goods.name}


def _when(offer: BankOffer) -> Iterator[str]:
    if offer.starts_at and offer.ends_at:
        yield _("It runs from %(start)s until %(end)s.") % {
            "start": _instant(offer.starts_at),
            "end": _instant(offer.ends_at),
        }
    if offer.weekdays:
        yield _("Only on %(days)s.") % {
            "days": listed(WEEKDAYS[day] for day in sorted(offer.weekdays) if day in WEEKDAYS)
        }
    if offer.month_days:
        yield _("Only on these days of the month: %(days)s.") % {
            "days": _(", ").join(str(day) for day in sorted(offer.month_days))
        }
    if offer.hours:
        hours = listed(f"{start}–{end}" for start, end in offer.hours)
        yield _("Only at these hours: %(hours)s.") % {"hours": hours}


def _instant(at: datetime) -> str:
    return f"{date_format(local(at), 'DATE_FORMAT')} {local(at):%H:%M}"


def _limits(offer: BankOffer) -> Iterator[str]:
    given = [text % {"n": n} for field, text in _LIMITS if (n := getattr(offer, field))]
    if given:
        yield _("At most %(limits)s.") % {"limits": listed(given)}


def _budget(offer: BankOffer) -> Iterator[str]:
    if offer.budget_minor is None:
        yield _("It has no budget: nothing but its limits ends it.")
    else:
        yield _("Its budget is %(budget)s.") % {"budget": yuan(offer.budget_minor)}


def _funding(offer: BankOffer) -> Iterator[str]:
    shares = [
        _("%(percent)s %% by %(funder)s") % {"percent": part["percent"], "funder": _funder(part)}
        for part in offer.funding
        if isinstance(part, dict) and part.get("percent")
    ]
    if shares:
        bank = "".join(issuer_names([offer.funder_ref])) if offer.funder_ref else ""
        who = listed(shares)
        yield (
            _("Paid %(shares)s; the bank is %(bank)s.") % {"shares": who, "bank": bank}
            if bank
            else _("Paid %(shares)s.") % {"shares": who}
        )


def _funder(part: dict[str, Any]) -> str:
    name = str(FUNDERS.get(str(part.get("funder")), part.get("funder")))
    return f"{name} ({part['ref']})" if part.get("ref") else name


def _refunds(offer: BankOffer) -> Iterator[str]:
    if offer.refund_policy == BankOffer.RefundPolicy.FORFEIT:
        yield _("If goods come back and the rest is below the amount, the discount is lost.")
    else:
        yield _("If goods come back, the other goods keep their part of the discount.")
