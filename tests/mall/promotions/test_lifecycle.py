"""Offers begin, run out and end; a launched rule stays what it was."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from mall.promotions import lifecycle
from mall.promotions.models import BankOffer
from payments.api import IllegalTransitionError, now
from tests.mall.promotions.offers import make_offer

pytestmark = pytest.mark.django_db
State = BankOffer.State


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
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(field, value):
    offer = make_offer()
    setattr(offer, field, value)

    with pytest.raises(ValidationError) as refused:
        offer.full_clean()

    assert list(refused.value.message_dict) == [field]


def test_the_admin_shows_a_launched_rule_but_does_not_change_it(admin_client):
    offer = make_offer()
    address = f"/admin/promotions/bankoffer/{offer.pk}/change/"

    page = admin_client.get(address)
    admin_client.post(address, {"threshold_minor": "100"})

    assert page.status_code == 200
    assert b'name="threshold_minor"' not in page.content
    offer.refresh_from_db()
    assert offer.threshold_minor == 20000
    listed = admin_client.get("/admin/promotions/bankoffer/")
    assert "¥200 − ¥16" in listed.content.decode()


def test_the_admin_pauses_an_offer(admin_client):
    offer = make_offer()

    admin_client.post(
        "/admin/promotions/bankoffer/", {"action": "pause", "_selected_action": offer.pk}
    )

    assert state_of(offer) == State.PAUSED
