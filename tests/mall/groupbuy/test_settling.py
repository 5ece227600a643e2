"""A group buy is over when none of its orders is open any more."""

from __future__ import annotations

import pytest

from mall.fulfilment.closing import settle_due
from mall.groupbuy.models import GroupBuy, LeaderGroup, State
from mall.ordering.models import OrderFulfilment, Status
from tests.mall.ordering.selling import make_sale, order

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _account(acquirer):
    """Payments are opened at the sandbox acquirer."""


def test_an_arrived_sale_is_settled_with_its_last_order_and_once():
    (group,) = make_sale({})
    order(group, 1)
    GroupBuy.objects.update(state=State.ARRIVED)
    LeaderGroup.objects.update(state=State.ARRIVED)
    assert settle_due(10) == {"settled": 0}

    OrderFulfilment.objects.update(status=Status.CANCELLED)
    assert settle_due(10) == {"settled": 1}
    assert settle_due(10) == {"settled": 0}

    assert GroupBuy.objects.get().state == State.SETTLED
    assert LeaderGroup.objects.get().state == State.SETTLED
