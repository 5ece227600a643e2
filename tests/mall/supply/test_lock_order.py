"""Whoever cuts, buys and sends takes orders before their sale: nobody waits for another in a ring.

Only where rows are locked one by one can there be a ring; SQLite has one writer at a time.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import OperationalError, connection, transaction

from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.ordering import cutoff
from mall.ordering.models import OrderFulfilment
from mall.supply import drafting
from mall.supply.errors import NotDueError
from payments.api import now
from tests.factories.crowd import all_at_once
from tests.mall.supply.buying import confirm, make_sale, order
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)
WAITING = """SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'"""


def formed_sale() -> LeaderGroup:
    """A sale with prices by quantity that formed anew a moment ago: its cut looks at orders.

    It was prolonged before: its order is confirmed, so those who buy look at it as well.
    """
    group = make_sale(tiers=((2, 2800),))
    confirm(order(group, first=3))
    LeaderGroup.objects.filter(pk=group.pk).update(state=State.FORMED)
    GroupBuy.objects.filter(pk=group.group_buy_id).update(state=State.FORMED, formed_at=now())
    return group


def somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return cursor.fetchone()[0] > 0


def sale_first(group_buy_id: int) -> GroupBuy:
    """As it was: the sale, then what it is made of."""
    sale = GroupBuy.objects.select_for_update(no_key=True).get(pk=group_buy_id)
    rows = OrderFulfilment.objects.filter(group_buy=group_buy_id).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    return sale


def cut_while_it_is_drafted(
    monkeypatch, group: LeaderGroup, locks: Callable[[int], GroupBuy]
) -> list[object]:
    """Let somebody draft while the cut has locked the orders and not yet the sale."""
    real, has_locked = cutoff._lock_orders, []

    def lock_and_wait(group_buy_id: int) -> None:
        real(group_buy_id)
        has_locked.append(True)
        until(somebody_waits, what="the drafter waits for a lock")

    def draft() -> None:
        until(lambda: has_locked, what="the cut has its orders")
        with transaction.atomic():
            locks(group.group_buy_id)
            drafting.draft_for(group.group_buy_id)

    monkeypatch.setattr(cutoff, "_lock_orders", lock_and_wait)
    return all_at_once([lambda: cutoff.fix(group_buy_id=group.group_buy_id), draft])


if connection.vendor == "postgresql":

    def test_a_cut_and_a_draft_at_the_same_moment_both_come_through(monkeypatch):
        group = formed_sale()

        is_fixed, drafted = cut_while_it_is_drafted(monkeypatch, group, drafting.locked_sale)

        assert is_fixed is True
        # Too early to buy, and said so: that is an answer, not a ring.
        assert isinstance(drafted, NotDueError)
        assert group.group_buy.items.filter(final_quantity=3).count() == 1

    def test_with_the_sale_first_they_wait_for_each_other(monkeypatch):
        """Negative control: the database has to end one of them."""
        came = cut_while_it_is_drafted(monkeypatch, formed_sale(), sale_first)

        assert any(isinstance(each, OperationalError) for each in came)


def test_what_is_cut_is_looked_at_without_any_lock(monkeypatch):
    group = formed_sale()
    GroupBuy.objects.filter(pk=group.group_buy_id).update(cut_at=now())
    monkeypatch.setattr(cutoff, "_lock_orders", lambda _pk: pytest.fail("it locks again"))

    assert cutoff.fix(group_buy_id=group.group_buy_id)
