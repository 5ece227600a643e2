"""The days after a cut-off: goods on their way, counted in, handed over; leaders paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from random import Random

from groupleader.errors import NothingToSettleError
from groupleader.models import Leader, SupplierAccount
from groupleader.services.issuing import cut_statement
from groupleader.services.payouts import pay_statement
from groupleader.services.periods import period_now
from groupleader.services.statements import (
    approve_statement,
    confirm_statement,
    dispute_statement,
)
from groupleader.services.talking import Said
from mall.accounts.models import User
from mall.config.demo_data.payouts import pay_suppliers
from mall.fulfilment.closing import close_due
from mall.fulfilment.collecting import collect_order
from mall.fulfilment.dispatching import mark_dispatched
from mall.fulfilment.receiving import expected_items, record_arrival
from mall.groupbuy.models import LeaderGroup
from mall.ordering.models import OrderFulfilment, Status
from payments.api import deliver_pending, now, refresh_transfer, travelling


def send_off(groups: Sequence[LeaderGroup]) -> None:
    """Send every group's goods to its point."""
    for group in groups:
        mark_dispatched(group_id=group.pk)
    deliver_pending(1000)


def receive(groups: Sequence[LeaderGroup]) -> None:
    """Let every leader count her goods in, all of them there."""
    for group in groups:
        counts = expected_items(group.pk)
        if counts:
            record_arrival(group_id=group.pk, counts=counts, by=group.leader)
    deliver_pending(1000)


def collect_most(groups: Sequence[LeaderGroup], dice: Random, *, share: float) -> None:
    """Hand bags over in the course of the evening; a part may wait."""
    waiting = OrderFulfilment.objects.filter(group__in=groups, status=Status.ARRIVED)
    evening = now()
    for order in waiting.select_related("leader").order_by("pk"):
        if dice.random() < share:
            with travelling(evening + timedelta(minutes=dice.randint(0, 150))):
                collect_order(order_no=order.order_no, by=order.leader)
    deliver_pending(1000)


def settle_suppliers() -> None:
    """Cut every supplier's statement; the first one asks about a line and waits for an answer."""
    admin = User.objects.get(username="admin")
    for number, account in enumerate(SupplierAccount.objects.order_by("pk")):
        try:
            statement = cut_statement(party=account, period=period_now(now()), by=admin)
        except NothingToSettleError:
            continue
        line = statement.dues.order_by("pk").first()
        if number == 0 and line is not None:
            said = Said(text="这一行我们送的是两箱，请核对。", name=account.name, due_id=line.pk)
            dispute_statement(statement=statement, reason=said.text, by=None, said=said)


def settle() -> None:
    """Complete what is old enough, cut a statement per leader, agree on it and pay it."""
    close_due(10_000)
    deliver_pending(10_000)
    admin, finance = (User.objects.get(username=name) for name in ("admin", "finance"))
    for leader in Leader.objects.order_by("pk"):
        try:
            statement = cut_statement(party=leader, period=period_now(now()), by=admin)
        except NothingToSettleError:
            continue
        confirm_statement(statement=statement, by=leader.user)
        if not approve_statement(statement=statement, by=admin):
            approve_statement(statement=statement, by=finance)
        payout = pay_statement(statement=statement, by=admin)
        refresh_transfer(payout.transfer_no)
        deliver_pending(100)
    settle_suppliers()
    pay_suppliers(admin=admin, finance=finance)
