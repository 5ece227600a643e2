"""A line that stays in this process tells "not sent" from "unknown" as a socket does."""

from __future__ import annotations

import pytest

from mall.config.simulation.chance import repeatable
from payments.acquiring.errors import NotSentError, OutcomeUnknownError
from payments.acquiring.rehearsal import Carried, CarryingAdapter
from payments.acquiring.transport import HttpCall, Transport, mount, unmount
from payments.kernel.numbers import new_number

ADDRESS = "http://127.0.0.1:1"
CALL = HttpCall("POST", "/v1/orders?a=1", {"X-Nonce": "n"}, b'{"a":1}')


@pytest.fixture
def line():
    """Make a line whose carrier the test brings."""

    def joined(carry) -> Transport:
        mount(ADDRESS, CarryingAdapter(carry))
        return Transport(adapter="played", base_url=ADDRESS)

    yield joined
    unmount(ADDRESS)


def test_what_is_carried_is_what_was_asked_and_what_comes_back_is_the_answer(line):
    seen = []

    def carry(left, written):
        written()
        seen.append(left)
        return Carried(headers={"X-Signature": "s"}, body=b"answer", status=402)

    answer = line(carry).call(CALL)

    assert (seen[0].method, seen[0].target, seen[0].body) == ("POST", "/v1/orders?a=1", b'{"a":1}')
    assert seen[0].headers["X-Nonce"] == "n"
    assert (answer.status, answer.body, answer.headers["x-signature"]) == (402, b"answer", "s")


def test_a_line_that_breaks_before_the_first_byte_sent_nothing(line):
    def carry(_left, _written):
        raise ConnectionRefusedError

    with pytest.raises(NotSentError):
        line(carry).call(CALL)


def test_a_line_that_breaks_afterwards_leaves_the_outcome_unknown(line):
    def carry(_left, written):
        written()
        raise TimeoutError

    with pytest.raises(OutcomeUnknownError):
        line(carry).call(CALL)


def test_numbers_of_a_play_come_from_its_seed_and_only_in_it():
    with repeatable("7"):
        first = new_number("P")
    with repeatable("7"):
        again = new_number("P")

    assert again == first
    assert new_number("P") != first
