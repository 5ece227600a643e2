"""A line of a pasted chain becomes an order for the neighbour it names, once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext as _

from mall.accounts.masking import mask_name
from mall.accounts.models import User
from mall.fulfilment.neighbours import Neighbour, reach_of
from mall.groupbuy.capturing import correct, hold_line, mark_confirmed
from mall.groupbuy.errors import CaptureError
from mall.groupbuy.models import CaptureLine
from mall.ordering.behalf import place_for
from mall.ordering.models import OrderFulfilment
from payments.api import transact

CaptureGoneError = CaptureLine.DoesNotExist


def order_captured(  # noqa: PLR0913 - what the leader's form sends, each by its name
    *,
    leader: User,
    line_id: int,
    items: Mapping[int, int],
    name: str,
    phone: str,
    remark: str,
    resident_id: int | None = None,
) -> str:
    """Order what the leader made of a line, and return the order's number.

    ``resident_id`` names a neighbour she knows instead of a phone number. The line keeps what she
    corrected even where the order is refused. CaptureLine.DoesNotExist for another leader's,
    CaptureError, OrderGoneError, and whatever refuses place_for().
    """
    line = correct(
        line_id=line_id, leader_id=leader.pk, items=items, name=name, phone=phone, remark=remark
    )
    if resident_id:
        reach = reach_of(leader.pk, resident_id)
        phone, name = reach.phone, line.name or reach.name
    return _order(leader=leader, line_id=line_id, name=name, phone=phone)


def neighbours_named(leader_id: int, names: Iterable[str]) -> dict[str, Neighbour]:
    """Return whom a leader knows by exactly these names: one query; two of a name are nobody."""
    wanted = {name for name in names if name}
    own = OrderFulfilment.objects.filter(leader=leader_id, receiver_name__in=wanted)
    rows = own.values_list("receiver_name", "resident_id", "receiver_phone").distinct()
    found: dict[str, Neighbour | None] = {}
    for name, resident_id, phone in rows:
        known = found.get(name)
        is_other = name in found and (known is None or known.resident_id != resident_id)
        found[name] = (
            None
            if is_other
            else Neighbour(
                resident_id=resident_id,
                masked_name=mask_name(name),
                phone_tail=phone[-4:],
                orders=1,
            )
        )
    return {name: each for name, each in found.items() if each is not None}


@transact()
def _order(*, leader: User, line_id: int, name: str, phone: str) -> str:
    line = hold_line(line_id=line_id, leader_id=leader.pk)
    order = place_for(
        leader=leader,
        group_id=line.inbox.group_id,
        phone=phone,
        name=name,
        items={int(item_id): count for item_id, count in line.items.items()},
        remark=line.remark,
        idem_key=f"capture:{line_id}",
    )
    if not mark_confirmed(line_id=line_id, leader_id=leader.pk, order_no=order.order_no):
        raise CaptureError(_("This line has been ordered or dropped already."))
    return order.order_no
