"""A job's rows, one after the other: one that fails stops no other, and rests when it keeps on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from payments.api import Troubles, each, remembering

NOON = datetime(2026, 11, 22, 4, tzinfo=UTC)


def step(broken: set[int], tried: list[int]):
    def do(key: int) -> bool:
        tried.append(key)
        if key in broken:
            raise RuntimeError(f"no stock for {key}")
        return True

    return do


@pytest.mark.django_db
def test_one_that_fails_stops_no_other_and_is_counted():
    tried: list[int] = []

    counts = each([1, 2, 3], step({2}, tried), limit=10, done="sent")

    assert (counts, tried) == ({"sent": 2, "failed": 1}, [1, 2, 3])


@pytest.mark.django_db
def test_rows_that_keep_failing_leave_their_place_to_those_behind():
    broken, rows, kept = {1, 2, 3}, list(range(1, 10)), {}
    for minute in range(3):
        tried: list[int] = []
        with (
            time_machine.travel(NOON + timedelta(seconds=15 * minute), tick=False),
            remembering(Troubles.of(kept)) as troubles,
        ):
            each(rows, step(broken, tried), limit=3, done="sent")
        kept = troubles.as_json()

    assert tried == [4, 5, 6]
    assert kept["sent 2"]["failures"] == 2
    assert kept["sent 2"]["error"] == "RuntimeError: no stock for 2"


@pytest.mark.django_db
def test_a_row_is_tried_again_after_its_rest_and_forgotten_when_it_went_well():
    kept = {}
    tried: list[int] = []
    for seconds in (0, 15, 30, 90):
        with (
            time_machine.travel(NOON + timedelta(seconds=seconds), tick=False),
            remembering(Troubles.of(kept)) as troubles,
        ):
            each([1], step({1} if seconds < 90 else set(), tried), limit=3, done="sent")
        kept = troubles.as_json()

    assert (tried, kept) == ([1, 1, 1], {})


@pytest.mark.django_db
def test_what_is_not_due_any_more_is_no_trouble():
    with remembering(Troubles()) as first:
        each([1], step({1}, []), limit=3, done="sent")
    with remembering(Troubles.of(first.as_json())) as second:
        each([2], step(set(), []), limit=3, done="sent")

    assert (list(first.as_json()), second.as_json()) == (["sent 1"], {})


@pytest.mark.django_db
def test_a_step_may_say_itself_what_it_did():
    said = {1: "reminded", 2: "ended", 3: ""}

    assert each([1, 2, 3], said.__getitem__, limit=10, done="reminded") == {
        "reminded": 1,
        "ended": 1,
    }
