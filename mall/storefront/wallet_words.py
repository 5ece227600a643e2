"""A wallet's cards in words: what each can do, what became of it, and what to do about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.urls import NoReverseMatch, reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from mall.accounts.models import User
from mall.ordering.models import OrderFulfilment, Status
from mall.storefront.banks import kind_text, name_of_bank, scheme_text
from payments.api import AgreementView, is_chargeable, local, now

_ORDER: Final = ("active", "over", "suspended", "unbinding", "ended")
EXPIRES_SOON: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardRow:
    """A tied card as the wallet shows it: active, over, suspended, unbinding or ended."""

    agreement_no: str
    issuer_code: str
    issuer_name: str
    kind_text: str
    scheme_text: str
    last4: str
    is_default: bool
    state: str
    expires_text: str
    notice: str
    mark: str
    can_untie: bool
    unpaid_orders: int
    default_url: str
    untie_url: str
    offers_url: str

    @property
    def is_usable(self) -> bool:
        """Tell whether she can pay with it."""
        return self.state == "active"


def card_rows(person: User, cards: Sequence[AgreementView]) -> list[CardRow]:
    """Put a wallet's cards into words: one question about her unpaid orders, however many cards.

    A card the bank ended is not told of any more once she has tied the same card again.
    """
    unpaid = _unpaid_orders(person)
    usable = {card.fingerprint for card in cards if is_chargeable(card)} - {""}
    shown = [card for card in cards if card.status != "ended" or card.fingerprint not in usable]
    rows = [_row(card, unpaid[card.agreement_no]) for card in shown]
    return sorted(rows, key=lambda row: _ORDER.index(row.state))


def _unpaid_orders(person: User) -> Counter[str]:
    orders = OrderFulfilment.objects.filter(resident=person, status=Status.PENDING_PAYMENT)
    return Counter(orders.exclude(agreement_no="").values_list("agreement_no", flat=True))


def _row(card: AgreementView, unpaid_orders: int) -> CardRow:
    state = _state(card)
    mark, notice = _notice(card, state)
    return CardRow(
        agreement_no=card.agreement_no,
        issuer_code=card.issuer_code,
        issuer_name=name_of_bank(card),
        kind_text=kind_text(card.kind),
        scheme_text=scheme_text(card.scheme),
        last4=card.last4,
        is_default=card.is_default and state == "active",
        state=state,
        expires_text=_expires_text(card) if state == "active" else "",
        notice=notice,
        mark=mark,
        can_untie=state in {"active", "over", "suspended"},
        unpaid_orders=unpaid_orders,
        default_url=reverse("storefront:default-card", args=[card.agreement_no]),
        untie_url=reverse("storefront:untie-card", args=[card.agreement_no]),
        offers_url=_offers_url() if state == "active" else "",
    )


def _state(card: AgreementView) -> str:
    if card.status == "active":
        return "active" if is_chargeable(card) else "over"
    return card.status


def _offers_url() -> str:
    try:
        return reverse("storefront:my-offers")
    except NoReverseMatch:
        return ""


def _expires_text(card: AgreementView) -> str:
    """Say until when the bank's permission lasts; it is not what is printed on the card."""
    if card.expires is None:
        return ""
    return _("Permission ends %(month)s") % {"month": f"{local(card.expires):%m/%Y}"}


def _notice(card: AgreementView, state: str) -> tuple[str, str]:
    """Return an icon and a sentence: what is the matter with a card and what to do; or nothing."""
    if state == "active" and card.expires is not None and card.expires - now() < EXPIRES_SOON:
        text = _("The permission for this card ends on %(day)s. Tie the card again after that day.")
        return "clock", text % {"day": _day(card.expires)}
    if state == "over":
        text = _(
            "The permission for this card ended on %(day)s, so it is not offered when you pay. "
            "Tie the card again to go on using it."
        )
        return "clock", text % {"day": _day(card.expires)}
    if state == "suspended":
        return "triangle-alert", _(
            "Your bank has suspended payments with this card here. Please ask your bank; once it "
            "lifts this, you can pay with the card again."
        )
    if state == "unbinding":
        return "loader-circle", _(
            "Being untied. It can no longer be charged here; we go on asking the bank until it "
            "confirms."
        )
    return ("info", _ended(card)) if state == "ended" else ("", "")


def _ended(card: AgreementView) -> str:
    words = {
        "revoked_by_issuer": _(
            "Your bank ended the permission for this card on %(day)s. Please ask your bank, or tie "
            "another card."
        ),
        "expired": _(
            "The permission for this card ended on %(day)s. Tie the card again to go on using it."
        ),
    }
    by_her = _(
        "The permission for this card was ended at the bank on %(day)s. If that was not you, "
        "please ask your bank; otherwise tie the card again whenever you like."
    )
    return words.get(card.end_reason, by_her) % {"day": _day(card.ended_at)}


def _day(at: datetime | None) -> str:
    return date_format(local(at), "DATE_FORMAT") if at else ""
