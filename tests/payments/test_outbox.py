"""Telling the floors above: at least once on the wire, once in effect, in order."""

from __future__ import annotations

from itertools import permutations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from payments import outbox
from payments.api import NotInTransactionError, deliver_pending, publish
from payments.models import Incident, OutboxDelivery, OutboxEvent

Status = OutboxDelivery.Status


@pytest.fixture
def heard(monkeypatch) -> list[str]:
    """Two listeners of one fact; what reached them is in this list."""
    told: list[str] = []
    monkeypatch.setattr(outbox, "_listeners", {})
    outbox.subscribe("tea.ready", "kitchen", lambda payload: told.append(f"kitchen {payload['n']}"))
    outbox.subscribe("tea.ready", "hall", lambda payload: told.append(f"hall {payload['n']}"))
    return told


def _publish(number: int, aggregate: str = "pot") -> None:
    publish("tea.ready", key=f"tea:{number}", aggregate=aggregate, payload={"n": number})


def _due_now() -> None:
    OutboxDelivery.objects.filter(status=Status.PENDING).update(available_at=timezone.now())


def test_a_fact_outside_a_transaction_is_refused(transactional_db, heard):
    with pytest.raises(NotInTransactionError):
        _publish(1)

    assert OutboxEvent.objects.exists() is False


def test_after_the_commit_everyone_has_heard_it_once(transactional_db, heard):
    with transaction.atomic():
        _publish(1)
        assert heard == []

    assert sorted(heard) == ["hall 1", "kitchen 1"]
    assert set(OutboxDelivery.objects.values_list("status", flat=True)) == {Status.DONE}
    assert deliver_pending() == {}
    assert len(heard) == 2


def test_what_is_rolled_back_is_never_told(transactional_db, heard):
    with transaction.atomic():
        _publish(1)
        transaction.set_rollback(True)

    assert heard == []
    assert OutboxEvent.objects.exists() is False


def test_a_process_that_died_after_the_commit_is_replaced_by_the_runner(db, heard):
    _publish(1)  # the test's transaction never commits, so nobody delivers at once

    assert deliver_pending() == {"done": 2}
    assert sorted(heard) == ["hall 1", "kitchen 1"]


def test_the_same_key_is_one_fact(db, heard):
    _publish(1)

    with pytest.raises(IntegrityError), transaction.atomic():
        _publish(1)

    assert OutboxEvent.objects.count() == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_whatever_row_is_tried_first_one_thing_is_told_in_order(db, heard, order):
    for number in range(3):
        _publish(number)
    kitchen = list(OutboxDelivery.objects.filter(consumer="kitchen").order_by("event_id"))

    for position in [*order, *order, *order]:
        outbox._deliver(kitchen[position].pk)

    assert heard == ["kitchen 0", "kitchen 1", "kitchen 2"]


def test_a_listener_that_fails_leaves_no_half_effect_and_is_tried_again(db, monkeypatch, heard):
    def fail_once(payload: dict[str, int]) -> None:
        Incident.objects.create(kind="contradiction", key="half", created_at=timezone.now())
        heard.append("tried")
        if len(heard) == 1:
            raise RuntimeError("not yet")

    monkeypatch.setitem(outbox._listeners, "tea.ready", {"kitchen": fail_once})
    _publish(1)

    first = deliver_pending()
    row = OutboxDelivery.objects.get()
    assert (first, row.status, row.tries) == ({"failed": 1}, Status.PENDING, 1)
    assert row.available_at > timezone.now()
    assert Incident.objects.exists() is False
    _due_now()

    assert deliver_pending() == {"done": 1}
    assert Incident.objects.count() == 1


def test_a_failure_holds_back_what_follows_it_and_nothing_else(db, monkeypatch, heard):
    def fail_on_one(payload: dict[str, int]) -> None:
        if payload["n"] == 1:
            raise RuntimeError("never")
        heard.append(str(payload["n"]))

    monkeypatch.setitem(outbox._listeners, "tea.ready", {"kitchen": fail_on_one})
    for number, pot in ((1, "first"), (2, "first"), (3, "second")):
        _publish(number, pot)

    deliver_pending()

    assert heard == ["3"]


def test_what_is_held_back_does_not_crowd_out_the_rest(db, monkeypatch, heard):
    def fail_on_one(payload: dict[str, int]) -> None:
        if payload["n"] == 1:
            raise RuntimeError("never")
        heard.append(str(payload["n"]))

    monkeypatch.setitem(outbox._listeners, "tea.ready", {"kitchen": fail_on_one})
    for number in range(1, 6):
        _publish(number, "first")
    _publish(6, "second")
    deliver_pending(limit=1)

    assert deliver_pending(limit=3) == {"done": 1}
    assert heard == ["6"]


def test_after_many_failures_a_person_is_called_and_the_rest_goes_on(db, monkeypatch, heard):
    def fail_on_one(payload: dict[str, int]) -> None:
        if payload["n"] == 1:
            raise RuntimeError("never")
        heard.append(str(payload["n"]))

    monkeypatch.setitem(outbox._listeners, "tea.ready", {"kitchen": fail_on_one})
    _publish(1)
    _publish(2)

    for _ in range(outbox.TRIES_MAX + 1):
        _due_now()
        deliver_pending()

    dead = OutboxDelivery.objects.get(status=Status.DEAD)
    assert (dead.tries, dead.error) == (outbox.TRIES_MAX, "RuntimeError: never")
    assert Incident.objects.get().kind == Incident.Kind.DEAD_LETTER
    assert heard == ["2"]


def test_a_listener_that_tells_something_else_is_heard_in_the_same_round(db, monkeypatch, heard):
    outbox.subscribe(
        "water.hot",
        "kitchen.pour",
        lambda payload: publish("tea.ready", key="tea:9", aggregate="pot", payload={"n": 9}),
    )
    publish("water.hot", key="water:1", aggregate="pot", payload={})

    assert deliver_pending() == {"done": 3}
    assert sorted(heard) == ["hall 9", "kitchen 9"]


def test_one_name_one_listener(heard):
    with pytest.raises(ValueError, match="another handler"):
        outbox.subscribe("tea.ready", "hall", print)
