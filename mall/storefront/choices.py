"""What she may choose at the checkout: a voucher, points, a card, another offer of that card."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mall.ordering.models import OrderFulfilment
from mall.ordering.pricing import NO_VOUCHER, Pricing, Wish
from mall.promotions.quoting import NO_OFFER, WayKind, WayQuote
from mall.storefront.banks import bank_letter, kind_text, name_of_bank
from mall.storefront.funders import who_pays
from mall.storefront.templatetags.money import short_yen
from mall.storefront.wishes import BEST
from mall.vouchers.quoting import VoucherQuote
from payments.api import AgreementView, Purse, local

# One letter on a purse's coloured square, as banks have theirs.
_MARKS: Final = {
    Purse.WECHAT: "微",
    Purse.ALIPAY: "支",
    Purse.UNIONPAY: "云",
    Purse.BANK_APP: "行",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    """One of a card's offers as a radio row; fen."""

    value: str
    name: str
    saving_minor: int
    is_about: bool
    who: str
    checked: bool
    best: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WayRow:
    """A way of payment as a radio row; fen."""

    value: str
    name: str
    detail: str
    short: str
    mark: str
    issuer_code: str
    saving_minor: int
    about_text: str
    hint: str
    best: bool
    checked: bool
    disabled: bool = False
    offers: tuple[OfferRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VoucherRow:
    """A voucher as a radio row; fen."""

    value: str
    name: str
    detail: str
    saving_minor: int
    hint: str
    best: bool
    checked: bool
    disabled: bool
    is_red_packet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PointsSwitch:
    """Her points and what they would take off; fen."""

    is_on: bool
    balance: int
    most: int
    saving_minor: int
    used: int
    wanted: int | None
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AtCashier:
    """What may be paid out of without a tied card, and which of it is chosen."""

    purses: tuple[str, ...] = ()
    chosen: str = ""


def way_rows(pricing: Pricing, at_cashier: AtCashier) -> list[WayRow]:
    """Return every way of payment with what it saves and why not; the cashier once per purse."""
    rows: list[WayRow] = []
    for way in pricing.quote.ways:
        row = _way_row(way, pricing)
        if way.kind is not WayKind.CASHIER or not at_cashier.purses:
            rows.append(row)
        else:
            rows += [_purse_row(row, purse, at_cashier.chosen) for purse in at_cashier.purses]
    return rows


def _purse_row(cashier: WayRow, purse: str, chosen: str) -> WayRow:
    """Return the cashier's row for one purse; the bank's own page keeps its words."""
    is_checked = cashier.checked and purse == chosen
    if purse == Purse.BANK:
        return replace(cashier, checked=is_checked)
    return replace(
        cashier,
        value=purse,
        name=OrderFulfilment.Purse(purse).label,
        detail=_("without a bank offer"),
        issuer_code=f"purse-{purse}",
        short=_MARKS.get(Purse(purse), ""),
        checked=is_checked,
    )


def voucher_rows(pricing: Pricing, wish: Wish) -> list[VoucherRow]:
    """Return her vouchers, those that go first; none where she has none.

    What she left open stays open: the row that was chosen for her sends "best" back.
    """
    if not pricing.vouchers:
        return []
    chosen = pricing.voucher.voucher_no if pricing.voucher else NO_VOUCHER
    is_open = wish.voucher_no == ""
    rows = [_voucher_row(each, chosen=chosen, is_open=is_open) for each in pricing.vouchers]
    rows.sort(key=lambda row: row.disabled)
    rows.append(
        _plain_row(_("Use no voucher"), NO_VOUCHER, checked=chosen == NO_VOUCHER, is_open=is_open)
    )
    if not is_open:
        rows.insert(0, _plain_row(_("Choose the best for me"), BEST, checked=False, is_open=False))
    return rows


def points_switch(pricing: Pricing, wish: Wish) -> PointsSwitch | None:
    """Return the switch for her points; None where she has none."""
    points = pricing.points
    if points is None or not points.balance:
        return None
    is_on = bool(wish.points and pricing.points_used)
    return PointsSwitch(
        is_on=is_on,
        balance=points.balance,
        most=points.most_points,
        saving_minor=pricing.points_minor if is_on else points.most_minor,
        used=pricing.points_used,
        wanted=wish.points if is_on and wish.points < points.most_points else None,
        hint=points.hint,
    )


def _way_row(way: WayQuote, pricing: Pricing) -> WayRow:
    card = way.agreement
    names = {
        WayKind.NEW_CARD: _("Tie another bank card"),
        WayKind.CASHIER: _("Pay once by QR code or card"),
    }
    details = {WayKind.CASHIER: _("on the acquirer's page, without a bank offer")}
    saves = bool(way.saving.minor)
    is_chosen = way.key == pricing.way.key
    return WayRow(
        value=way.key,
        name=name_of_bank(card) if card else names[way.kind],
        detail=card_text(card) if card else details.get(way.kind, ""),
        short=bank_letter(card.issuer_code) if card else "",
        mark="plus" if way.kind is WayKind.NEW_CARD else "qr-code",
        issuer_code=card.issuer_code if card else "",
        saving_minor=way.discount.minor,
        about_text=about_text(way),
        hint="" if saves else way.hint,
        best=saves and way.key == pricing.quote.best.key,
        checked=is_chosen,
        offers=tuple(_offer_rows(way)) if is_chosen else (),
    )


def about_text(way: WayQuote) -> str:
    """Say what the bank itself is expected to take off; nothing where we do."""
    if not way.expected.minor:
        return ""
    saving = short_yen(way.expected.minor)
    return _("About %(saving)s off at payment; the bank decides") % {"saving": saving}


def _offer_rows(way: WayQuote) -> list[OfferRow]:
    """Return the offers a card may choose from, and to keep them all for another day.

    Nothing where there is nothing to choose.
    """
    if len(way.choices) < 2 and not (way.choices and way.offer is None):
        return []
    applied = way.offer.offer_id if way.offer else None
    rows = [
        OfferRow(
            value=BEST if number == 0 else f"{way.key}:{choice.offer.code}",
            name=choice.offer.name,
            saving_minor=choice.discount_minor or choice.expected_minor,
            is_about=bool(choice.expected_minor),
            who=who_pays(choice.offer.funding),
            checked=choice.offer.offer_id == applied,
            best=number == 0,
        )
        for number, choice in enumerate(way.choices)
    ]
    return [*rows, _no_offer(way)]


def _no_offer(way: WayQuote) -> OfferRow:
    return OfferRow(
        value=f"{way.key}:{NO_OFFER}",
        name=_("Keep it for another day"),
        saving_minor=0,
        is_about=False,
        who="",
        checked=way.offer is None,
        best=False,
    )


def card_text(card: AgreementView) -> str:
    """Say a card's kind and its last digits."""
    return _("%(kind)s (%(last4)s)") % {"kind": kind_text(card.kind), "last4": card.last4}


def _voucher_row(voucher: VoucherQuote, *, chosen: str, is_open: bool) -> VoucherRow:
    is_chosen = voucher.voucher_no == chosen
    until = date_format(local(voucher.expires_at), "MONTH_DAY_FORMAT")
    told = [who_pays(voucher.funding), _("valid until %(day)s") % {"day": until}]
    return VoucherRow(
        value=BEST if is_open and is_chosen else voucher.voucher_no,
        name=voucher.name,
        detail=" · ".join(part for part in told if part),
        saving_minor=voucher.discount_minor,
        hint=voucher.hint,
        best=is_open and is_chosen,
        checked=is_chosen,
        disabled=not voucher.discount_minor,
        is_red_packet=voucher.is_red_packet,
    )


def _plain_row(name: str, value: str, *, checked: bool, is_open: bool) -> VoucherRow:
    return VoucherRow(
        value=BEST if checked and is_open else value,
        name=name,
        detail="",
        saving_minor=0,
        hint="",
        best=checked and is_open,
        checked=checked,
        disabled=False,
    )
