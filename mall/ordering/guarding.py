"""What an order must keep to whoever places it: the sale's least amount, the mall's own hours."""

from __future__ import annotations

from datetime import datetime, time

from django.conf import settings
from django.utils.translation import gettext as _

from mall.groupbuy.models import GroupBuy
from mall.ordering.errors import MinimumOrderError, SalesPausedError
from mall.promotions.wording import yuan
from payments.api import local


def require_minimum(group_buy: GroupBuy, *, goods_minor: int) -> None:
    """Refuse goods worth less than the sale takes; MinimumOrderError says what is missing."""
    missing = group_buy.min_order_minor - goods_minor
    if missing <= 0:
        return
    text = _("This group takes orders from %(minimum)s: %(missing)s more, please.")
    raise MinimumOrderError(
        text % {"minimum": yuan(group_buy.min_order_minor), "missing": yuan(missing)},
        minimum_minor=group_buy.min_order_minor,
        missing_minor=missing,
    )


def require_no_pause(at: datetime) -> None:
    """Refuse orders and payments in the hours the mall takes none; SalesPausedError.

    LINLI_SALES_PAUSE says from when until when each day, "23:00-00:00"; empty: never. The end
    belongs to the selling hours again.
    """
    if not settings.LINLI_SALES_PAUSE:
        return
    since, until = map(time.fromisoformat, settings.LINLI_SALES_PAUSE.split("-"))
    clock = local(at).time()
    is_paused = since <= clock < until if since < until else clock >= since or clock < until
    if is_paused:
        text = settings.LINLI_SALES_PAUSE_TEXT or _(
            "The mall takes no orders at this hour. Please come back at %(until)s."
        ) % {"until": f"{until:%H:%M}"}
        raise SalesPausedError(text, until=f"{until:%H:%M}")
