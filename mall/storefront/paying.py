"""Ways of payment, sums and goals as the pages show them. All amounts come from quoting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.ordering.payer import payer_ref
from mall.promotions.quoting import Quote, WayKind, WayQuote, quote
from mall.promotions.reasons import BelowThreshold
from mall.promotions.rules import LineFacts
from mall.storefront.banks import bank_letter, kind_text
from payments.api import AgreementView, Money, agreements_of

# Somebody who lacks more than half of the threshold is discouraged by the bar, not helped.
_NEAR_ENOUGH = 0.5
# Nothing costs ten million; whoever sends more digits sends no amount.
_DIGITS_MAX = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """One row of a sum; fen."""

    label: str
    minor: int
    minus: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What is missing to the next saving, or what is saved; fen."""

    reached: bool
    missing_minor: int
    saving_minor: int
    threshold_minor: int
    now_minor: int
    who: str
    url: str
    text: str = ""


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
    hint: str
    best: bool
    checked: bool
    disabled: bool = False


def quote_for(lines: Sequence[LineFacts], person: User | None, *, except_order: str = "") -> Quote:
    """Quote a basket, or an order anew, for everything she could pay with."""
    cards = agreements_of(payer_ref(person.pk)) if person else []
    return quote(
        lines=lines,
        cards=cards,
        resident_id=person.pk if person else None,
        except_order=except_order,
    )


def shown_amount(text: str) -> Money | None:
    """Read back the amount (fen) that a form showed; None where that is no amount."""
    is_amount = text.isascii() and text.isdigit() and len(text) <= _DIGITS_MAX
    return Money(int(text)) if is_amount else None


def keep_price(quoted: Quote, *, key: str, payable: Money) -> Quote:
    """Return the quote with the way an order was placed for at no more than its price then.

    What an order holds of an offer stays good, also where the offer gives nothing any more.
    """
    placed = quoted.way(key)
    if placed is None or placed.payable <= payable:
        return quoted
    kept = replace(placed, discount=placed.goods - payable, offer=None, reason=None)
    ways = tuple(kept if way is placed else way for way in quoted.ways)
    best = kept if quoted.best is placed or kept.payable < quoted.best.payable else quoted.best
    return replace(quoted, ways=ways, best=best)


def chosen_way(quoted: Quote, key: str) -> WayQuote:
    """Return the way a form named; the best one where it named none or one that is gone."""
    return quoted.way(key) or quoted.best


def goal_of(quoted: Quote, url: str) -> Goal | None:
    """Return the goal bar: what the best way saves, or the nearest saving within reach."""
    now_minor = quoted.goods.minor
    if quoted.best.discount.minor:
        return _goal(quoted, url, missing=0, saving=quoted.best.discount.minor)
    near = [way.reason for way in quoted.ways if isinstance(way.reason, BelowThreshold)]
    if near:
        nearest = min(near, key=lambda reason: reason.missing_minor)
        if nearest.missing_minor <= (now_minor + nearest.missing_minor) * _NEAR_ENOUGH:
            return _goal(quoted, url, missing=nearest.missing_minor, saving=nearest.saves_minor)
        return None
    return _goal_of_a_new_card(quoted, url)


def _goal_of_a_new_card(quoted: Quote, url: str) -> Goal | None:
    """Say what some bank's card would save, to whoever has none of them tied."""
    new_card = quoted.way(WayKind.NEW_CARD.value)
    if new_card is None or new_card.reason is None:
        return None
    goal = _goal(quoted, url, missing=0, saving=new_card.reason.saves_minor)
    return replace(goal, text=new_card.hint)


def _goal(quoted: Quote, url: str, *, missing: int, saving: int) -> Goal:
    return Goal(
        reached=missing == 0,
        missing_minor=missing,
        saving_minor=saving,
        threshold_minor=quoted.goods.minor + missing,
        now_minor=quoted.goods.minor,
        who=quoted.best.offer.name if quoted.best.offer else _("with a tied bank card"),
        url=url,
    )


def way_rows(quoted: Quote, chosen: WayQuote) -> list[WayRow]:
    """Return every way of payment with what it saves and why not."""
    return [_row(way, quoted, chosen) for way in quoted.ways]


def _card_text(card: AgreementView) -> str:
    return _("%(kind)s (%(last4)s)") % {"kind": kind_text(card.kind), "last4": card.last4}


def _row(way: WayQuote, quoted: Quote, chosen: WayQuote) -> WayRow:
    card = way.agreement
    names = {
        WayKind.NEW_CARD: _("Tie another bank card"),
        WayKind.CASHIER: _("Pay once by QR code or card"),
    }
    details = {WayKind.CASHIER: _("on the acquirer's page, without a bank offer")}
    return WayRow(
        value=way.key,
        name=card.issuer_name if card else names[way.kind],
        detail=_card_text(card) if card else details.get(way.kind, ""),
        short=bank_letter(card.issuer_code) if card else "",
        mark="plus" if way.kind is WayKind.NEW_CARD else "qr-code",
        issuer_code=card.issuer_code if card else "",
        saving_minor=way.discount.minor,
        hint="" if way.discount.minor else way.hint,
        best=bool(way.discount.minor) and way is quoted.best,
        checked=way is chosen,
    )


def money_lines(way: WayQuote) -> list[MoneyLine]:
    """Return goods and what the bank pays of them."""
    lines = [MoneyLine(label=_("Goods"), minor=way.goods.minor)]
    if way.discount.minor:
        name = way.offer.name if way.offer else _("Bank offer")
        lines.append(MoneyLine(label=name, minor=-way.discount.minor, minus=True))
    return lines


def why(way: WayQuote) -> list[str]:
    """Explain the saving: which offer, who pays for it, how a refund treats it."""
    if way.offer is None or way.agreement is None:
        return []
    bank = way.agreement.issuer_name
    return [
        _("%(offer)s applies to this card.") % {"offer": way.offer.name},
        _("%(bank)s pays this part for you; the goods keep their price.") % {"bank": bank},
        _("A refund gives you back what you paid for the goods; the rest returns to the bank."),
    ]


def sum_of(way: WayQuote) -> dict[str, Any]:
    """Return what the sum and the button below it show for a way of payment."""
    is_new_card = way.kind is WayKind.NEW_CARD
    return {
        "money_lines": money_lines(way),
        "total_label": _("To pay"),
        "payable_minor": way.payable.minor,
        "saved_minor": way.discount.minor,
        "why": why(way),
        "button_text": _("Tie a card first") if is_new_card else "",
    }
