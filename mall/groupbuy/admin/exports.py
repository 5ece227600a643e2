"""Sales as a spreadsheet: what was offered and sold, and what each group came to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import IO, Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from mall.groupbuy.models import GroupBuy, GroupBuyItem, LeaderGroup
from mall.groupbuy.tiers import write_tiers
from mall.papers.workbook import Sheet, workbook
from payments.api import Money, local


def sales_file(chosen: QuerySet[GroupBuy]) -> IO[bytes]:
    """Return an open xlsx file with two sheets; whoever asked closes it."""
    pks = list(chosen.values_list("pk", flat=True))
    return workbook([_items(pks), _groups(pks)])


def _items(pks: Sequence[int]) -> Sheet:
    columns = [
        (_("group buy"), 28),
        (_("code"), 12),
        (_("state"), 12),
        (_("product"), 32),
        (_("group price"), 12),
        (_("cost"), 12),
        (_("prices by quantity"), 22),
        (_("pieces per case"), 10),
        (_("quantity to form"), 10),
        (_("quota"), 10),
        (_("held by unpaid orders"), 10),
        (_("sold"), 10),
        (_("pieces bought"), 10),
        (_("final price"), 12),
    ]
    items = GroupBuyItem.objects.filter(group_buy__in=pks)
    items = items.select_related("group_buy", "product").order_by("group_buy", "position", "pk")
    title = _("Items of group buys")
    return Sheet(name=title, title=title, columns=columns, rows=map(_item_row, items.iterator()))


def _item_row(item: GroupBuyItem) -> list[Any]:
    sale = item.group_buy
    return [
        sale.title,
        sale.code,
        sale.get_state_display(),
        item.product.get_title(),
        _yuan(item.price_minor),
        _yuan(item.cost_minor),
        write_tiers(item.tiers),
        item.case_size,
        item.minimum_quantity,
        item.quota,
        item.held,
        item.sold,
        item.final_quantity,
        _yuan(item.final_price_minor),
    ]


def _groups(pks: Sequence[int]) -> Sheet:
    columns = [
        (_("group buy"), 28),
        (_("cut-off"), 18),
        (_("pickup point"), 28),
        (_("group leader"), 16),
        (_("state"), 12),
        (_("residents joined"), 10),
        (_("paid orders"), 10),
        (_("pieces"), 10),
        (_("goods amount"), 14),
    ]
    title = _("Groups of group buys")
    return Sheet(name=title, title=title, columns=columns, rows=_group_rows(pks))


def _group_rows(pks: Sequence[int]) -> Iterator[list[Any]]:
    groups = LeaderGroup.objects.filter(group_buy__in=pks)
    groups = groups.select_related("group_buy", "pickup_point", "leader")
    for group in groups.order_by("group_buy", "pk").iterator():
        yield [
            group.group_buy.title,
            f"{local(group.group_buy.closes_at):%Y-%m-%d %H:%M}",
            group.pickup_point.name,
            str(group.leader),
            group.get_state_display(),
            group.joined_count,
            group.order_count,
            group.quantity,
            _yuan(group.amount_minor),
        ]


def _yuan(minor: int | None) -> Decimal | None:
    return None if minor is None else Money(minor).major
