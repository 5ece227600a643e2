"""The sum on a page: goods, voucher, points, bank offer, to pay; each line says who pays it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.ordering.pricing import Pricing
from mall.promotions.funding import Share
from mall.promotions.quoting import WayKind, WayQuote
from mall.storefront.banks import name_of_bank
from mall.storefront.funders import who_pays
from mall.storefront.templatetags.money import short_yen


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """One row of a sum; fen. ``who`` says whose money takes it off."""

    label: str
    minor: int
    minus: bool = False
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A part of a price before and now; fen."""

    label: str
    before_minor: int
    now_minor: int


def sum_of(pricing: Pricing) -> dict[str, Any]:
    """Return what the sum and the button below it show for a price."""
    way = pricing.way
    lines = money_lines(pricing)
    return {
        "money_lines": lines,
        "total_label": _("To pay"),
        # What the button asks for, and what she pays once the bank has taken its part off.
        "payable_minor": pricing.asked.minor,
        "expected_minor": pricing.payable.minor,
        "saved_minor": -sum(line.minor for line in lines if line.minus),
        "about_minor": way.expected.minor,
        "about_text": _about(way),
        "why": why(way),
        "button_text": _("Tie a card first") if way.kind is WayKind.NEW_CARD else "",
        "parts": parts_of(pricing),
    }


def money_lines(pricing: Pricing) -> list[MoneyLine]:
    """Return goods and everything that comes off them, in the order in which it does."""
    lines = [MoneyLine(label=_("Goods"), minor=pricing.goods.minor)]
    if pricing.voucher is not None and pricing.voucher.discount_minor:
        voucher = pricing.voucher
        lines.append(_off(voucher.name, voucher.discount_minor, voucher.funding))
    if pricing.points is not None and pricing.points_minor:
        label = points_text(pricing.points_used)
        lines.append(_off(label, pricing.points_minor, pricing.points.funding))
    way = pricing.way
    if way.discount.minor and way.offer is not None:
        lines.append(_off(way.offer.name, way.discount.minor, way.offer.funding))
    return lines


def points_text(points: int) -> str:
    """Say how many points."""
    return ngettext("%(n)s point", "%(n)s points", points) % {"n": f"{points:,}"}


def parts_of(pricing: Pricing) -> dict[str, int]:
    """Return every part of a price by its name; fen."""
    voucher = pricing.voucher.discount_minor if pricing.voucher else 0
    return {
        "goods": pricing.goods.minor,
        "voucher": voucher,
        "points": pricing.points_minor,
        "offer": pricing.way.discount.minor,
        "about": pricing.way.expected.minor,
        "payable": pricing.asked.minor,
    }


def changes(before: Mapping[str, int], panel: Mapping[str, Any]) -> list[Change]:
    """Return the parts of a price that are no longer what the page had shown."""
    labels = {
        "goods": _("Goods"),
        "voucher": _("Voucher"),
        "points": _("Points"),
        "offer": _("Bank offer"),
        "about": _("Expected from the bank"),
        "payable": _("To pay"),
    }
    return [
        Change(label=labels[name], before_minor=before[name], now_minor=minor)
        for name, minor in panel["parts"].items()
        if name in before and before[name] != minor
    ]


def why(way: WayQuote) -> list[str]:
    """Explain the saving: which offer, who pays for it, how a refund treats it."""
    if way.offer is None or not way.saving.minor:
        return []
    told = [_("%(offer)s applies to this card.") % {"offer": way.offer.name}]
    if way.expected.minor:
        told.append(_("The bank checks its own rules when you pay and then takes its part off."))
    else:
        figures = {"who": who_pays(way.offer.funding)}
        told.append(_("The goods keep their price; the saving is %(who)s.") % figures)
    told.append(
        _("A refund gives you back what you paid for the goods; the rest returns to who paid it.")
    )
    return told


def _about(way: WayQuote) -> str:
    """Say what the bank is expected to take off by itself, and that it decides."""
    if not way.expected.minor or way.offer is None:
        return ""
    bank = name_of_bank(way.agreement) if way.agreement else _("the bank")
    figures = {"bank": bank, "saving": short_yen(way.expected.minor)}
    return _("%(bank)s takes about %(saving)s off when you pay; the bank decides.") % figures


def _off(label: str, minor: int, funding: Sequence[Share]) -> MoneyLine:
    return MoneyLine(label=label, minor=-minor, minus=True, who=who_pays(funding))
