"""A placed order's money: what it was placed with, who pays which part, what went back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from mall.ordering.discounts import DiscountShown, discounts_of
from mall.ordering.models import OrderFulfilment
from mall.ordering.pricing import NO_VOUCHER, Wish
from mall.promotions.quoting import WayKind
from mall.storefront.choices import WayRow
from mall.storefront.funders import funder_name, who_paid
from mall.storefront.sums import MoneyLine, points_text
from mall.storefront.templatetags.money import short_yen, yen


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An order with its discounts."""

    order: OrderFulfilment
    discounts: Sequence[DiscountShown]

    @property
    def way(self) -> str:
        """Return the way of payment it was placed for, as a form names it."""
        return self.order.agreement_no or WayKind.CASHIER.value

    @property
    def wish(self) -> Wish:
        """Return the way of payment, voucher, points and offer it was placed with."""
        named = {each.source: each.source_no for each in self.discounts}
        return Wish(
            way=self.way,
            purse=self.order.purse,
            voucher_no=named.get("voucher", NO_VOUCHER),
            points=int(named.get("points", 0)),
            offer_code=named.get("offer", ""),
        )

    @property
    def about_minor(self) -> int:
        """Return what the bank is expected to take off and has not yet decided (fen)."""
        return sum(each.estimated_minor for each in self.discounts if _is_open(each))

    def sum(self) -> dict[str, Any]:
        """Return what the sum and the button show for the order as it was placed."""
        about, asked = self.about_minor, self.order.payable_minor + self.about_minor
        off = {each.source: each.minor for each in self.discounts if not _is_open(each)}
        parts = {name: off.get(name, 0) for name in ("voucher", "points", "offer")}
        return {
            "money_lines": placed_lines(self.order, self.discounts),
            "total_label": _("To pay"),
            "payable_minor": asked,
            "expected_minor": self.order.payable_minor,
            "saved_minor": self.order.goods_minor - asked,
            "about_minor": about,
            "about_text": waits_text(about),
            "button_text": "",
            "parts": {"goods": self.order.goods_minor, **parts, "about": about, "payable": asked},
        }

    def rows(self, rows: Iterable[WayRow]) -> list[WayRow]:
        """Return the ways of payment with the order's own saving on the way it was placed for."""
        own = [each for each in self.discounts if each.source == "offer" and not _is_open(each)]
        saved = sum(each.minor for each in own)
        return [
            replace(row, saving_minor=saved, hint="" if saved else row.hint)
            if row.value == self.way
            else row
            for row in rows
        ]


def placed(order: OrderFulfilment) -> Placed:
    """Read an order's discounts."""
    return Placed(order=order, discounts=discounts_of(order.pk))


def waits_text(about_minor: int) -> str:
    """Say what the bank is expected to take off by itself; empty where it takes nothing."""
    if not about_minor:
        return ""
    figures = {"saving": short_yen(about_minor)}
    return _("The bank takes about %(saving)s off when you pay; the bank decides.") % figures


def placed_lines(order: OrderFulfilment, discounts: Iterable[DiscountShown]) -> list[MoneyLine]:
    """Return goods and what came off them, each with whoever paid it."""
    lines = [MoneyLine(label=_("Goods"), minor=order.goods_minor)]
    lines += [_line(each) for each in discounts if not _is_open(each)]
    return lines


def receipt(order: OrderFulfilment) -> dict[str, Any]:
    """Return what an order's page says of its money: who paid what, and what went back to whom."""
    own = placed(order)
    is_paid = order.paid_at is not None
    about = 0 if is_paid else own.about_minor
    return {
        "money_lines": placed_lines(order, own.discounts),
        "total_label": pgettext("total", "Paid") if is_paid else _("To pay"),
        "total_minor": order.payable_minor + about,
        "about_text": waits_text(about),
        "returned": [line for each in own.discounts for line in _returned(each)],
    }


def _returned(discount: DiscountShown) -> Iterator[MoneyLine]:
    """Say what of a discount went back with refunded goods: points to her, the rest to funders."""
    if discount.source == "points":
        if discount.returned_minor:
            yield MoneyLine(label=_("Points given back to you"), minor=discount.returned_minor)
        return
    for part in discount.funding:
        if part.returned_minor:
            label = _("Went back to %(who)s") % {"who": funder_name(part.funder, part.ref)}
            yield MoneyLine(label=label, minor=part.returned_minor, who=discount.name)


def _is_open(discount: DiscountShown) -> bool:
    """Tell whether nobody but the bank will say what it is."""
    return discount.decided_by == "bank" and discount.actual_minor is None


def _line(discount: DiscountShown) -> MoneyLine:
    label = discount.name
    if discount.source == "points":
        label = points_text(int(discount.source_no))
    parts = [(part.funder, part.ref, yen(part.minor)) for part in discount.funding]
    told = [who_paid(parts)]
    if discount.minor != discount.estimated_minor:
        told.append(_("expected %(amount)s") % {"amount": yen(discount.estimated_minor)})
    who = " · ".join(text for text in told if text)
    return MoneyLine(label=label, minor=-discount.minor, minus=True, who=who)
