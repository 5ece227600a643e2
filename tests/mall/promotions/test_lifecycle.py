"""Offers begin, run out and end; a launched rule stays what it was."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from mall.promotions import lifecycle
from mall.promotions.errors import BudgetTooSmallError, OfferRuleError
from mall.promotions.models import BankOffer
from mall.promotions.models.states import OFFER_STEPS
from payments.api import IllegalTransitionError, advance, now, travelling
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db
State = BankOffer.State
rules_migration = import_module("mall.promotions.migrations.0002_rules")


def state_of(offer) -> str:
    offer.refresh_from_db()
    return offer.state


def test_a_launched_offer_begins_on_its_day():
    today = make_offer(state=State.DRAFT)
    later = make_offer(code="later", state=State.DRAFT, starts_at=now() + timedelta(hours=1))

    lifecycle.launch(today)
    lifecycle.launch(later)

    assert state_of(today) == State.ACTIVE
    assert state_of(later) == State.SCHEDULED


def test_an_offer_ends_with_its_time():
    offer = make_offer(ends_at=now() - timedelta(seconds=1))

    assert lifecycle.begin_due(limit=10)["ended"] == 1
    assert lifecycle.begin_due(limit=10)["ended"] == 0

    assert state_of(offer) == State.ENDED


def test_a_used_up_offer_runs_again_when_something_comes_back():
    offer = make_offer(budget_minor=1600, reserved_minor=1600, reserved_count=1)
    lifecycle.begin_due(limit=10)
    assert state_of(offer) == State.EXHAUSTED

    BankOffer.objects.update(reserved_minor=0, reserved_count=0)
    lifecycle.begin_due(limit=10)

    assert state_of(offer) == State.ACTIVE


def test_a_paused_offer_can_be_resumed_and_an_ended_one_cannot():
    offer = make_offer()
    lifecycle.pause(offer)
    assert state_of(offer) == State.PAUSED
    lifecycle.resume(offer)
    lifecycle.end(offer)

    with pytest.raises(IllegalTransitionError):
        lifecycle.resume(offer)
    assert state_of(offer) == State.ENDED


def test_a_new_version_starts_as_a_draft_with_nothing_used():
    offer = make_offer(used_count=3, used_minor=4800)

    draft = lifecycle.new_version(offer)

    assert (draft.version, draft.state, draft.used_count, draft.used_minor) == (2, "draft", 0, 0)
    offer.refresh_from_db()
    assert (offer.version, offer.used_count) == (1, 3)


def launched(**changes) -> BankOffer:
    offer = make_offer(state=State.DRAFT, **changes)
    lifecycle.launch(offer)
    return offer


@pytest.mark.parametrize(
    "change",
    [
        {"threshold_minor": 10000},
        {"discount_minor": 1700},
        {"issuers": ["PSBC"]},
        {"funding": [{"funder": "platform", "percent": 100}]},
        {"starts_at": now() - timedelta(days=2)},
        {"day_limit": 5},
        {"name": "满200减17"},
        {"version": 7},
    ],
)
def test_the_database_keeps_a_launched_rule(change):
    offer = launched()

    with pytest.raises(DatabaseError, match="promotions_offer_launched"), transaction.atomic():
        BankOffer.objects.filter(pk=offer.pk).update(**change)


def test_the_database_knows_every_column_of_a_rule():
    guarded = set(rules_migration.RULE) | rules_migration.MOVING

    assert guarded == {field.column for field in BankOffer._meta.concrete_fields}


def test_an_offer_goes_no_other_way_in_the_database_either():
    steps = {f"{step.came_from}>{step.to}" for step in OFFER_STEPS}
    assert set(rules_migration.EDGES) == steps
    offer = launched()
    lifecycle.end(offer)

    with pytest.raises(DatabaseError, match="promotions_offer_step"), transaction.atomic():
        BankOffer.objects.filter(pk=offer.pk).update(state=State.ACTIVE)
    with pytest.raises(DatabaseError, match="promotions_offer_kept"), transaction.atomic():
        offer.delete()
    make_offer(code="a-draft", state=State.DRAFT).delete()


@pytest.mark.parametrize("step", OFFER_STEPS, ids=lambda step: step.no)
def test_every_step_can_be_gone(step):
    offer = make_offer(state=step.came_from)

    assert advance(offer, BankOffer.EDGES, step.to, field="state", came_from=[step.came_from])


def test_a_rule_without_sense_is_not_launched():
    offer = make_offer(state=State.DRAFT, funding=[{"funder": "bank", "percent": 90}])

    with pytest.raises(OfferRuleError) as refused:
        lifecycle.launch(offer)

    assert list(refused.value.data["fields"]) == ["funding"]
    assert state_of(offer) == State.DRAFT


def test_an_offer_whose_time_is_over_is_not_launched():
    at = now()
    offer = make_offer(state=State.DRAFT, starts_at=at - timedelta(days=2), ends_at=at)

    with pytest.raises(OfferRuleError):
        lifecycle.launch(offer)


def test_steps_are_put_in_order_when_launched():
    offer = make_offer(
        state=State.DRAFT, benefit_kind="steps", steps=[[20000, 1600], [10000, 500], [50000, 5000]]
    )

    lifecycle.launch(offer)

    offer.refresh_from_db()
    assert offer.steps == [[10000, 500], [20000, 1600], [50000, 5000]]
    assert (offer.threshold_minor, offer.discount_minor, offer.most_minor) == (10000, 500, 5000)


def test_a_version_that_begins_ends_the_one_before():
    first = launched()
    lifecycle.pause(first)
    second = lifecycle.new_version(first)
    assert second.replaces == first

    lifecycle.launch(second)

    assert (state_of(first), state_of(second)) == (State.ENDED, State.ACTIVE)


def test_a_version_for_later_leaves_the_present_one_running_until_then():
    first = launched()
    second = lifecycle.new_version(first)
    BankOffer.objects.filter(pk=second.pk).update(starts_at=now() + timedelta(hours=1))

    lifecycle.launch(second)
    assert (state_of(first), state_of(second)) == (State.ACTIVE, State.SCHEDULED)

    with travelling(now() + timedelta(hours=2)):
        lifecycle.begin_due(limit=10)
    assert (state_of(first), state_of(second)) == (State.ENDED, State.ACTIVE)


def test_an_earlier_version_is_not_launched_after_a_later_one():
    first = launched()
    second, third = lifecycle.new_version(first), lifecycle.new_version(first)
    lifecycle.launch(third)

    with pytest.raises(OfferRuleError) as refused:
        lifecycle.launch(second)

    assert list(refused.value.data["fields"]) == ["version"]


def test_two_versions_never_give_at_once():
    launched()

    with pytest.raises(IntegrityError), transaction.atomic():
        make_offer(version=2)


def test_a_budget_is_raised_and_lowered_but_not_below_what_is_promised():
    offer = make_offer(budget_minor=3200, reserved_minor=1600, used_minor=1600, reserved_count=1)

    lifecycle.begin_due(limit=10)
    assert state_of(offer) == State.EXHAUSTED
    lifecycle.change_budget(offer, budget_minor=5000)
    assert (state_of(offer), offer.budget_minor) == (State.ACTIVE, 5000)
    lifecycle.change_budget(offer, budget_minor=3200)
    assert state_of(offer) == State.EXHAUSTED
    with pytest.raises(BudgetTooSmallError) as refused:
        lifecycle.change_budget(offer, budget_minor=3199)
    assert refused.value.data == {"given_minor": 3200}
    lifecycle.change_budget(offer, budget_minor=None)
    assert (state_of(offer), offer.budget_minor) == (State.ACTIVE, None)


def test_an_ended_offer_has_no_other_budget():
    offer = make_offer(state=State.ENDED, budget_minor=1600)

    with pytest.raises(IllegalTransitionError):
        lifecycle.change_budget(offer, budget_minor=3200)


def test_what_is_drawn_by_lot_keeps_a_budget():
    offer = make_offer(
        benefit_kind="random", random_from_minor=1, random_to_minor=99, budget_minor=10000
    )

    with pytest.raises(OfferRuleError):
        lifecycle.change_budget(offer, budget_minor=None)


def test_the_banks_own_budget_is_a_note():
    offer = make_offer(decided_by="bank", budget_minor=1600, used_minor=1600, used_count=1)

    lifecycle.begin_due(limit=10)
    assert state_of(offer) == State.ACTIVE
    lifecycle.change_budget(offer, budget_minor=100)
    assert state_of(offer) == State.ACTIVE
