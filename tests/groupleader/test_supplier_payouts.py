"""Suppliers are paid like leaders: by transfer, in a file, and as the demo shows it."""

from __future__ import annotations

import pytest
from django.db import transaction

from groupleader.models import PayoutBatch, SettlementStatement, SupplierAccount, SupplierDue
from groupleader.services.issuing import cut_statement
from groupleader.services.leaders import change_payee
from groupleader.services.payouts import pay_statement
from groupleader.services.periods import period_now
from groupleader.services.statements import approve_statement, confirm_statement
from mall.config.demo_data.payouts import pay_suppliers
from payments.api import (
    Money,
    balance,
    deliver_pending,
    now,
    post_goods_collected,
    refresh_transfer,
)
from tests.groupleader.making import make_user
from tests.groupleader.paying import answered, broken_rules, handed_out
from tests.waiting import until

pytestmark = pytest.mark.django_db(transaction=True)


def owed(ref: str, minor: int = 8_000) -> SettlementStatement:
    """A supplier whose goods were collected, and its issued statement."""
    supplier = SupplierAccount.objects.create(supplier_ref=ref, name=f"农场{ref}")
    with transaction.atomic():
        post_goods_collected(
            key=f"K{ref}",
            order_ref=f"M{ref}",
            goods=Money(minor * 2),
            costs=[(ref, Money(minor))],
        )
        SupplierDue.objects.create(
            supplier=supplier,
            kind="goods",
            key=f"goods:{ref}",
            order_no=f"M{ref}",
            amount_minor=minor,
            at=now(),
            due_at=now(),
        )
    return cut_statement(party=supplier, period=period_now(now()))


def ready(ref: str) -> SettlementStatement:
    statement = owed(ref)
    change_payee(
        leader=statement.party, bank="农商行", holder=statement.party.name, account="120202269900"
    )
    confirm_statement(statement=statement)
    assert approve_statement(statement=statement, by=make_user("财务", is_staff=True))
    return SettlementStatement.objects.get(pk=statement.pk)


def test_a_supplier_is_paid_by_transfer(acquirer):
    statement = ready("501")
    payout = pay_statement(statement=statement)

    until(lambda: refresh_transfer(payout.transfer_no).status == "succeeded", what="the money")
    deliver_pending()

    statement.refresh_from_db()
    assert statement.status == "paid"
    assert balance("2202", party="501") == 0
    assert broken_rules() == []


def test_a_supplier_is_paid_in_a_file(acquirer):
    statement = ready("502")

    answered(handed_out(statement), "成功")

    statement.refresh_from_db()
    assert statement.status == "paid"
    assert balance("2202", party="502") == 0
    assert broken_rules() == []


def test_the_demo_has_a_payment_that_failed_and_a_batch_that_waits(acquirer):
    admin, finance = (make_user(name, is_staff=True) for name in ("admin", "finance"))
    first, second = owed("503"), owed("504")

    pay_suppliers(admin=admin, finance=finance)

    assert PayoutBatch.objects.get().status == "proposed"
    second.refresh_from_db()
    assert second.status == "paying"
    payout = first.payouts.get()
    until(lambda: refresh_transfer(payout.transfer_no).status == "failed", what="the refusal")
    assert broken_rules() == []
