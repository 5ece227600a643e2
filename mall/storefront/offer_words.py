"""A bank offer as one says it over the counter: what it gives, on which cards, when, how often."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from mall.promotions.rules import OfferRule
from mall.storefront.banks import bank_name, kind_text
from mall.storefront.funders import who_pays
from mall.storefront.templatetags.money import short_yen
from payments.api import local

_DAYS = {
    1: gettext_lazy("Mondays"),
    2: gettext_lazy("Tuesdays"),
    3: gettext_lazy("Wednesdays"),
    4: gettext_lazy("Thursdays"),
    5: gettext_lazy("Fridays"),
    6: gettext_lazy("Saturdays"),
    7: gettext_lazy("Sundays"),
}
_WHOLE_PERCENT = 100


def benefit_text(rule: OfferRule) -> str:
    """Say what it gives: from how much on how much."""
    if rule.benefit_kind == "steps":
        steps = (_from(threshold, discount) for threshold, discount in rule.steps)
        return _listed(steps)
    figures = {"from": short_yen(rule.threshold_minor)}
    if rule.benefit_kind == "percent":
        return _percent_text(rule)
    if rule.benefit_kind == "random":
        figures["least"] = short_yen(rule.random_from_minor or 0)
        figures["most"] = short_yen(rule.random_to_minor or 0)
        return _("%(least)s to %(most)s off by luck, from %(from)s") % figures
    return _from(rule.threshold_minor, rule.discount_minor)


def cards_text(rule: OfferRule) -> str:
    """Say which cards take part."""
    banks = _listed(bank_name(code) for code in sorted(rule.issuers)) or _("any bank")
    kinds = _listed(kind_text(kind) for kind in sorted(rule.kinds)) or _("any card")
    text = f"{banks} · {kinds}"
    if rule.single_mark_only:
        text += " · " + _("with UnionPay's mark only")
    if rule.new_to_bank:
        text += " · " + _("for whoever is new to the bank")
    if rule.first_tied_within_days is not None:
        days = rule.first_tied_within_days
        told = ngettext("%(n)d day after tying it", "%(n)d days after tying it", days)
        text += " · " + told % {"n": days}
    return text


def details(rule: OfferRule) -> list[str]:
    """Say everything else one may ask: goods, days, hours, how often, who pays, refunds."""
    told = [_goods_text(rule), days_text(rule), _limits_text(rule), _decider_text(rule)]
    told.append(_("The saving is %(who)s.") % {"who": who_pays(rule.funding)})
    if rule.refund_policy == "forfeit":
        told.append(_("If goods come back and the rest is too little, the saving is lost."))
    else:
        told.append(_("If goods come back, the rest keeps its part of the saving."))
    told.append(_("One bank offer per order."))
    return [sentence for sentence in told if sentence]


def days_text(rule: OfferRule) -> str:
    """Say when it runs: weekdays or days of the month, hours, and until which day."""
    parts = []
    if rule.weekdays:
        parts.append(_listed(str(_DAYS[day]) for day in sorted(rule.weekdays)))
    if rule.month_days:
        days = _(", ").join(str(day) for day in sorted(rule.month_days))
        parts.append(_("on day %(days)s of the month") % {"days": days})
    if rule.hours:
        parts.append(_listed(f"{start:%H:%M}-{until:%H:%M}" for start, until in rule.hours))
    until = date_format(local(rule.ends_at), "MONTH_DAY_FORMAT")
    parts.append(_("until %(day)s") % {"day": until})
    return " · ".join(parts)


def _percent_text(rule: OfferRule) -> str:
    figures = {
        "percent": f"{(rule.percent_bp or 0) / _WHOLE_PERCENT:g}",
        "from": short_yen(rule.threshold_minor),
        "most": short_yen(rule.cap_minor or 0),
    }
    if rule.cap_minor is not None:
        return _("%(percent)s%% off from %(from)s, at most %(most)s") % figures
    return _("%(percent)s%% off from %(from)s") % figures


def _goods_text(rule: OfferRule) -> str:
    if rule.included is not None:
        return _("Only certain goods count.")
    if rule.excluded:
        return _("Physical goods count, with some left out.")
    return _("Physical goods count.") if rule.physical_only else ""


def _limits_text(rule: OfferRule) -> str:
    """Say how often one person may have it; what counts per card or device is in the terms."""
    texts = {
        "day": gettext_lazy("%(n)d × a day"),
        "month": gettext_lazy("%(n)d × a month"),
        "total": gettext_lazy("%(n)d × in all"),
    }
    own = [
        str(texts[limit.period]) % {"n": limit.most}
        for limit in rule.limits
        if limit.subject == "resident"
    ]
    return _("Everybody may have it %(often)s.") % {"often": _listed(own)} if own else ""


def _decider_text(rule: OfferRule) -> str:
    if rule.is_ours:
        return ""
    return _("The bank takes it off by itself when you pay, and decides whether it applies.")


def _from(threshold_minor: int, discount_minor: int) -> str:
    figures = {"from": short_yen(threshold_minor), "off": short_yen(discount_minor)}
    return _("%(off)s off from %(from)s") % figures


def _listed(parts: Iterable[str]) -> str:
    return _(", ").join(parts)
