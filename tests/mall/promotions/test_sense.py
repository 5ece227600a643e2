"""A rule that makes no sense is refused, with a sentence at the field that is wrong."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("issuers", "CCB"),
        ("kinds", ["gold"]),
        ("bins", ["62"]),
        ("weekdays", [0]),
        ("month_days", [32]),
        ("funding", [{"funder": "bank", "percent": 90}]),
        ("funding", [{"funder": "payer", "percent": 100}]),
        ("funding", ["bank"]),
        ("funding", [{"funder": "bank", "percent": 50}, {"funder": "bank", "percent": 50}]),
        ("hours", [["10:00"]]),
        ("hours", [["10:00", "10:00"]]),
        ("hours", [["25:00", "26:00"]]),
        ("hours", [["10:00+08:00", "12:00"]]),
        ("kinds", [["credit"]]),
        ("funding", [{"funder": ["bank"], "percent": 100}]),
        ("funding", [{"funder": "bank", "percent": True}]),
        ("discount_minor", 20000),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(field, value):
    offer = make_offer()
    setattr(offer, field, value)

    with pytest.raises(ValidationError) as refused:
        offer.full_clean()

    assert list(refused.value.message_dict) == [field]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"benefit_kind": "steps", "steps": []}, "steps"),
        ({"benefit_kind": "steps", "steps": [[10000, 500], [20000, 500]]}, "steps"),
        ({"benefit_kind": "steps", "steps": [[10000, 10000]]}, "steps"),
        ({"benefit_kind": "steps", "steps": [[10000, "5"]]}, "steps"),
        ({"benefit_kind": "percent", "percent_bp": 10000}, "percent_bp"),
        ({"benefit_kind": "percent", "percent_bp": None}, "percent_bp"),
        ({"benefit_kind": "percent", "percent_bp": 500, "cap_minor": 0}, "cap_minor"),
        ({"benefit_kind": "random", "random_from_minor": 100}, "random_to_minor"),
        (
            {"benefit_kind": "random", "random_from_minor": 1, "random_to_minor": 20000},
            "threshold_minor",
        ),
        (
            {"benefit_kind": "random", "random_from_minor": 1, "random_to_minor": 99},
            "budget_minor",
        ),
        (
            {
                "benefit_kind": "random",
                "random_from_minor": 1,
                "random_to_minor": 99,
                "total_limit": 101,
                "budget_minor": 5000,
            },
            "budget_minor",
        ),
        (
            {"decided_by": "bank", "funding": [{"funder": "platform", "percent": 100}]},
            "funding",
        ),
    ],
)
def test_a_benefit_that_makes_no_sense_is_refused(changes, field):
    offer = make_offer()
    for name, value in changes.items():
        setattr(offer, name, value)

    with pytest.raises(ValidationError) as refused:
        offer.full_clean()

    assert list(refused.value.message_dict) == [field]
