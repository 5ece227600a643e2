"""The board of a day: per supplier sent, acknowledged, short, delivered; and what waits."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mall.catalogue.suppliers import warnings_of
from mall.supply.admin.acts import SEND
from mall.supply.admin.showing import COLOURS, yuan
from mall.supply.drafting import draft_for
from mall.supply.models import PurchaseOrder
from mall.supply.selectors import SupplierDay, board, open_shortages, waiting_sales
from mall.supply.sending import send
from payments.api import LinliError

Status = PurchaseOrder.Status
Told = tuple[bool, str]
_STEPS = (
    (gettext_lazy("to be sent"), (Status.DRAFT,)),
    (gettext_lazy("waiting for an answer"), (Status.SENT,)),
    (gettext_lazy("acknowledged"), (Status.ACKNOWLEDGED,)),
    (gettext_lazy("cannot bring all"), (Status.ANSWERED_SHORT,)),
    (gettext_lazy("delivered"), (Status.DELIVERED, Status.CLOSED)),
)


def board_context(request: HttpRequest, day: date) -> dict[str, Any]:
    """Return what the board shows of a day."""
    days = board(day)
    for each in days:
        each.warnings = _warnings(each, day)
    orders = [order for each in days for order in each.orders]
    return {
        "day": day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "suppliers": [(each, yuan(each.cost_minor)) for each in days],
        "colours": COLOURS,
        "tiles": [
            (word, sum(1 for order in orders if order.status in states)) for word, states in _STEPS
        ],
        "total": yuan(sum(order.cost_minor for order in orders)),
        "shortages": open_shortages(),
        "waiting": list(waiting_sales()[:50]),
        "may_send": request.user.has_perm(SEND),
    }


def draft_now(group_buy_id: int, *, by: str) -> Iterator[Told]:
    """Draft a group buy's orders without waiting for the clock."""
    try:
        drafts = draft_for(group_buy_id, by=by)
    except LinliError as refusal:
        yield False, str(refusal.user_message)
    else:
        yield True, _("%(n)s purchase orders are drafted.") % {"n": len(drafts)}


def send_all(group_buy_id: int, *, by: str) -> Iterator[Told]:
    """Send every draft of a group buy; each that cannot go says why."""
    drafts = PurchaseOrder.objects.filter(group_buy=group_buy_id, status=Status.DRAFT)
    for number in list(drafts.order_by("pk").values_list("purchase_no", flat=True)):
        try:
            send(number, by=by)
        except LinliError as refusal:
            yield False, f"{number}: {refusal.user_message}"
        else:
            yield True, _("%(number)s is sent.") % {"number": number}


def _warnings(found: SupplierDay, day: date) -> list[str]:
    profile = getattr(found.orders[0].supplier, "profile", None)
    return [] if profile is None else warnings_of(profile, day)
