"""A resident's own orders, read for her pages; nobody else's can be asked for here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from mall.accounts.models import User
from mall.catalogue.pictures import product_picture
from mall.catalogue.titles import title_of
from mall.ordering.models import LineFulfilment, OrderFulfilment, Status
from mall.promotions import goods
from mall.promotions.rules import LineFacts
from mall.storefront.banks import kind_text, name_of_bank
from mall.storefront.line_backs import BackShown, backs_shown
from mall.storefront.shelf import picture_url
from payments.api import AgreementView, UnknownNumberError, agreement_view, refunds_of

TABS: Final = {
    "all": tuple(Status),
    "pay": (Status.PENDING_PAYMENT,),
    "wait": (Status.PAID, Status.CONFIRMED, Status.IN_TRANSIT),
    "collect": (Status.ARRIVED,),
    "done": (Status.COLLECTED, Status.CLOSED, Status.CANCELLED, Status.REFUNDED),
}
_TITLES_SHOWN: Final = 3
_OWN_HERE_SHOWN: Final = 5
# An order that came to nothing is not one of those she has here.
_LIVE: Final = tuple(each for each in Status if each not in {Status.CANCELLED, Status.REFUNDED})


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """A line of an order; fen."""

    id: int
    title: str
    picture: str
    quantity: int
    left: int
    tolerance: int
    unit_minor: int
    value_minor: int
    refunded_minor: int
    backs: tuple[BackShown, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnHere:
    """One of her orders in the group she looks at; fen."""

    url: str
    goods_minor: int
    status_text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RefundShown:
    """Money that went back, or is on its way; fen."""

    text: str
    amount_minor: int


def orders_of(person: User, tab: str) -> QuerySet[OrderFulfilment]:
    """Return her orders of a tab, the newest first, with their lines at hand."""
    orders = _orders(person).filter(status__in=TABS[tab])
    return orders.prefetch_related("lines__product__extra").order_by("-placed_at")


def own_here(person: User | None, group_id: int) -> list[OwnHere]:
    """Return her orders of a group, the newest first: they are collected together."""
    if person is None:
        return []
    orders = OrderFulfilment.objects.filter(resident=person, group=group_id, status__in=_LIVE)
    rows = orders.order_by("-placed_at").values_list("order_no", "goods_minor", "status")
    return [
        OwnHere(
            url=reverse("storefront:order", args=[number]),
            goods_minor=goods,
            status_text=str(Status(status).label),
        )
        for number, goods, status in rows[:_OWN_HERE_SHOWN]
    ]


def order_of(person: User, order_no: str) -> OrderFulfilment:
    """Return one of her orders; OrderFulfilment.DoesNotExist for anybody else's."""
    return _orders(person).get(order_no=order_no)


def order_lines(order: OrderFulfilment) -> list[LineFulfilment]:
    """Return an order's lines with their products and what went back of them."""
    lines = order.lines.select_related(
        "product__extra", "product__product_class", "product__parent__product_class"
    ).prefetch_related("backs")
    return list(lines.order_by("pk"))


def line_rows(lines: list[LineFulfilment]) -> list[OrderLine]:
    """Put lines into rows."""
    return [
        OrderLine(
            id=line.pk,
            title=title_of(line.product),
            picture=picture_url(product_picture(line.product, 240)),
            quantity=line.quantity,
            left=line.quantity - line.refunded_quantity,
            tolerance=line.tolerance,
            unit_minor=line.unit_minor,
            value_minor=line.value_minor,
            refunded_minor=line.refunded_minor,
            backs=tuple(backs_shown(line.backs.all())),
        )
        for line in lines
    ]


def line_facts(lines: list[LineFulfilment]) -> list[LineFacts]:
    """Return what offers look at in a placed order."""
    return [goods.line_facts(line.product, value_minor=line.value_minor) for line in lines]


def summary_of(lines: list[LineFulfilment]) -> str:
    """Name the first goods of an order and how many pieces there are in all."""
    titles = [title_of(line.product) for line in lines[:_TITLES_SHOWN]]
    pieces = sum(line.quantity for line in lines)
    more = "…" if len(lines) > _TITLES_SHOWN else ""
    counted = ngettext("%(n)d piece", "%(n)d pieces", pieces) % {"n": pieces}
    return f"{_(', ').join(titles)}{more} · {counted}"


def paid_with(order: OrderFulfilment) -> str:
    """Say which card paid, or will."""
    card = _card(order.agreement_no)
    if card is None:
        return _("Paid at the acquirer's cashier") if order.paid_at else ""
    figures: dict[str, Any] = {
        "bank": name_of_bank(card),
        "kind": kind_text(card.kind),
        "last4": card.last4,
    }
    return _("%(bank)s %(kind)s (%(last4)s)") % figures


def refunds_shown(order: OrderFulfilment) -> list[RefundShown]:
    """Return the refunds of an order's payment in words."""
    if not order.payment_no or order.paid_at is None:
        return []
    texts = {
        "succeeded": _("Refunded the way it was paid"),
        "paid_by_hand": _("Refunded by bank transfer"),
    }
    return [
        RefundShown(
            text=texts.get(refund.status, _("Refund on its way")),
            amount_minor=refund.amount.minor,
        )
        for refund in refunds_of(order.payment_no)
    ]


def _orders(person: User) -> QuerySet[OrderFulfilment]:
    orders = OrderFulfilment.objects.filter(resident=person)
    return orders.select_related("group", "group_buy", "leader")


def _card(agreement_no: str) -> AgreementView | None:
    if not agreement_no:
        return None
    try:
        return agreement_view(agreement_no)
    except UnknownNumberError:
        return None
