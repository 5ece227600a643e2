"""What happens to purchase by the clock: drafted after the cut, sent where agreed, reminded."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from mall.groupbuy.models import GroupBuy, State
from mall.ordering.models import LineFulfilment, OrderFulfilment
from mall.ordering.models import Status as OrderStatus
from mall.supply.drafting import ROBOT, draft_for, void_drafts
from mall.supply.gathering import KEPT
from mall.supply.links import forget_old
from mall.supply.models import PurchaseOrder
from mall.supply.sending import remind, send
from payments.api import each, now

Status = PurchaseOrder.Status
REMINDERS: Final = 3
_KEPT_LINKS: Final = timedelta(days=90)


def draft_due(limit: int) -> dict[str, int]:
    """Draft orders for group buys whose results are fixed and whose orders are all confirmed.

    Late money makes a supplement; what went back to open or failed lets its drafts fall away.
    """
    counts = each(_to_draft(), lambda pk: bool(draft_for(pk)), limit=limit, done="drafted")
    counts.update(each(_to_void(), lambda pk: bool(void_drafts(pk)), limit=limit, done="void"))
    return dict(counts)


def send_due(limit: int) -> dict[str, int]:
    """Send complete drafts of suppliers whose orders go out by themselves."""
    ready = PurchaseOrder.objects.filter(
        status=Status.DRAFT,
        reason="",
        grams__isnull=False,
        line_count__gt=0,
        supplier__profile__is_sent_by_itself=True,
    ).exclude(supplier__profile__phone="")
    rows = ready.order_by("pk").values_list("purchase_no", flat=True)
    return dict(
        each(rows, lambda number: bool(send(number, by=ROBOT).path), limit=limit, done="sent")
    )


def remind_due(limit: int) -> dict[str, int]:
    """Ask suppliers that did not answer in their time; three times at most."""
    at = now()
    silent = PurchaseOrder.objects.filter(
        status=Status.SENT, times_reminded__lt=REMINDERS, deliver_until__gt=at
    ).select_related("supplier__profile")
    due = []
    for purchase in silent.order_by("pk")[: limit * 4]:
        profile = getattr(purchase.supplier, "profile", None)
        patience = timedelta(minutes=profile.remind_minutes if profile else 30)
        last = purchase.reminded_at or purchase.last_sent_at
        if last is not None and last + patience <= at:
            due.append(purchase.pk)
    return dict(each(due, lambda pk: remind(pk, most=REMINDERS), limit=limit, done="reminded"))


def forget_links(limit: int) -> dict[str, int]:
    """Delete links that ended a season ago."""
    return {"forgotten": forget_old(before=now() - _KEPT_LINKS, limit=limit)}


def _to_draft() -> QuerySet[GroupBuy, int]:
    """Return settled group buys with something nobody has ordered yet."""
    since = now() - timedelta(minutes=settings.LINLI_PURCHASE_DELAY_MINUTES)
    orders = OrderFulfilment.objects.filter(group_buy=OuterRef("pk"), cancel_requested_at=None)
    undecided = orders.filter(status__in=[OrderStatus.PENDING_PAYMENT, OrderStatus.PAID])
    unbought = LineFulfilment.objects.filter(
        order__group_buy=OuterRef("pk"),
        order__cancel_requested_at=None,
        purchase=None,
        quantity__gt=F("refunded_quantity"),
    )
    # What left without purchase orders is left alone; what is marked as ordered may still lack one.
    kept = Exists(unbought.filter(order__status__in=KEPT))
    waiting = Exists(unbought.filter(order__status=OrderStatus.CONFIRMED))
    rows = GroupBuy.objects.filter(
        Q(kept, state=State.FORMED) | Q(waiting, state=State.ORDERED), cut_at__lte=since
    )
    due = rows.filter(~Exists(undecided)).order_by("cut_at", "pk")
    return due.values_list("pk", flat=True)


def _to_void() -> QuerySet[PurchaseOrder, int]:
    gone = ~Q(group_buy__state__in=[State.FORMED, State.ORDERED, State.ARRIVED])
    drafts = PurchaseOrder.objects.filter(gone, status=Status.DRAFT)
    return drafts.order_by("group_buy").values_list("group_buy", flat=True).distinct()
