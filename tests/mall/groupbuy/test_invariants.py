"""The rules of group buys hold on real rows, and a broken one is named."""

from __future__ import annotations

import pytest

from mall.groupbuy.entries import add_entry, withdraw_entry
from mall.groupbuy.invariants import check
from mall.groupbuy.models import Entry, GroupBuy, GroupBuyItem, LeaderGroup
from payments.api import now
from tests.factories.groups import make_open_group, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def group() -> LeaderGroup:
    group, resident = make_open_group(), make_person()
    for n in range(3):
        add_entry(
            group_id=group.pk,
            order_no=f"M{n}",
            resident=resident,
            lines=[("糯玉米", 2)],
            amount_minor=6000,
        )
    withdraw_entry(order_no="M1")
    return group


def broken() -> list[str]:
    return [violation.code for result in check() for violation in result.violations]


def test_a_chain_with_a_withdrawn_entry_is_in_order(group):
    assert broken() == []
    assert [result.rows for result in check()] == [1, 1, 3, 0, 1, 0, 1, 0]


def test_a_counter_that_lies_is_found(group):
    LeaderGroup.objects.update(amount_minor=1)
    assert broken() == ["G1"]


def test_a_gap_is_found(group):
    Entry.objects.filter(number=3).update(number=7)
    assert broken() == ["G2"]


@pytest.mark.parametrize(
    ("change", "model"),
    [
        ({"tiers": [[5, 2000], [3, 1000]]}, GroupBuyItem),
        ({"cost_minor": 9999}, GroupBuyItem),
        ({"state": "closed"}, LeaderGroup),
        ({"items": {"1": 5}}, Entry),
    ],
)
def test_what_no_service_would_write_is_found(group, change: dict, model):
    model.objects.update(**change)
    assert len(broken()) >= 1


def test_a_cut_without_results_is_found(group):
    GroupBuy.objects.update(formed_at=now(), cut_at=now())
    assert len(broken()) == 1
