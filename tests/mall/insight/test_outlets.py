"""A bank's outlet as a pickup point: the bank's name for residents, visits for the bank."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from groupleader.models import CommissionAccrual, Leader
from mall.banks.models import BankStaff
from mall.banks.organising import found_unit
from mall.fulfilment.collecting import collect_order
from mall.fulfilment.undoing import undo_collection
from mall.insight.outlets import MONTHS, visits_to_outlets
from mall.pickup.models import PickupPoint
from payments.api import deliver_pending
from tests.factories.groups import make_person, make_point
from tests.mall.fulfilment.counter import all_arrived, bought
from tests.mall.ordering.shopping import make_worked_group

pytestmark = pytest.mark.django_db


def bank(code: str) -> list:
    """A bank with a branch and an outlet."""
    top = found_unit(code=code, name=f"{code}银行", level="bank", under=None, issuer_code=code)
    branch = found_unit(code=f"{code}-b", name=f"{code}分行", level="branch", under=top)
    outlet = found_unit(code=f"{code}-o", name=f"{code}支行", level="outlet", under=branch)
    return [top, branch, outlet]


def test_residents_see_whose_counter_it_is(client):
    point = make_point("便民提货点", kind="bank_outlet", bank_unit=bank("ccb")[-1])

    page = client.get(reverse("storefront:points")).content.decode()

    assert point.name in page
    assert "ccb支行" in page


def test_only_an_outlet_is_of_a_bank():
    with pytest.raises(IntegrityError), transaction.atomic():
        make_point(bank_unit=bank("ccb")[-1])


@pytest.mark.django_db(transaction=True)
def test_the_bank_sees_how_many_came_and_nobody_earns_commission(acquirer):
    units, others = bank("ccb"), bank("psbc")
    group = make_worked_group()
    PickupPoint.objects.update(kind="bank_outlet", bank_unit=units[-1])
    Leader.objects.create(
        user=group.leader, name="大堂", status=Leader.Status.ACTIVE, earns_commission=False
    )
    first = bought(group, acquirer, name="李小娟", payable=3000, first=1)
    second = bought(group, acquirer, name="赵阿姨", payable=3000, first=1)
    all_arrived(group)
    for order in (first, second):
        collect_order(order_no=order.order_no, by=group.leader)
    undo_collection(order_no=second.order_no, by=group.leader, reason="错了")
    deliver_pending()
    manager, stranger = make_person("行长"), make_person("别家")
    BankStaff.objects.create(user=manager, unit=units[1])
    BankStaff.objects.create(user=stranger, unit=others[0])

    (row,) = visits_to_outlets(manager).rows

    assert (row.outlet, row.visits, row.residents) == ("ccb支行", (*[0] * (MONTHS - 1), 1), 1)
    assert visits_to_outlets(stranger).rows == []
    assert visits_to_outlets(make_person("路人")).rows == []
    assert sum(each.amount_minor for each in CommissionAccrual.objects.all()) == 0
