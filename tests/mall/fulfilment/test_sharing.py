"""Who gets what when less came: three rules against a reference that goes piece by piece."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mall.groupbuy.models import Sharing
from mall.ordering.sharing import Due, share


def dues(*quantities: int, residents: tuple[int, ...] | None = None) -> list[Due]:
    whose = residents or tuple(range(1, len(quantities) + 1))
    return [
        Due(line_id=number, quantity=quantity, resident_id=resident)
        for number, (quantity, resident) in enumerate(zip(quantities, whose, strict=True), start=1)
    ]


def got(rule: Sharing, available: int, lines: list[Due]) -> list[int]:
    return list(share(lines, available=available, rule=rule).values())


def slow(rule: Sharing, available: int, lines: list[Due]) -> list[int]:
    """Hand out one piece after the other, asking each time whose turn it is."""
    given_out = [0] * len(lines)
    due = sum(each.quantity for each in lines)
    for _piece in range(available):
        waiting = [n for n, each in enumerate(lines) if given_out[n] < each.quantity]
        if rule == Sharing.FIRST_COME:
            turn = waiting[0]
        elif rule == Sharing.FAIR:
            hers = {
                each.resident_id: sum(
                    given_out[n]
                    for n, line in enumerate(lines)
                    if line.resident_id == each.resident_id
                )
                for each in lines
            }
            first = {each.resident_id: n for n, each in reversed(list(enumerate(lines)))}
            turn = min(
                waiting, key=lambda n: (hers[lines[n].resident_id], first[lines[n].resident_id], n)
            )
        else:
            break
        given_out[turn] += 1
    if rule == Sharing.PROPORTIONAL and due:
        given_out = [each.quantity * available // due for each in lines]
        parts = sorted(range(len(lines)), key=lambda n: (-(lines[n].quantity * available % due), n))
        for n in parts[: available - sum(given_out)]:
            given_out[n] += 1
    return given_out


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Sharing.FIRST_COME, [5, 1, 0]),
        (Sharing.PROPORTIONAL, [4, 1, 1]),
        (Sharing.FAIR, [3, 1, 2]),
    ],
)
def test_six_pieces_for_five_one_and_two(rule, expected):
    assert got(rule, 6, dues(5, 1, 2)) == expected


def test_who_orders_twice_is_one_person_to_the_fair_rule():
    lines = dues(2, 2, 2, residents=(7, 7, 8))

    assert got(Sharing.FAIR, 2, lines) == [1, 0, 1]
    assert got(Sharing.FAIR, 4, lines) == [2, 0, 2]


@pytest.mark.parametrize("available", [-1, 9])
def test_more_than_is_due_or_less_than_nothing_is_refused(available):
    with pytest.raises(ValueError, match="cannot be shared"):
        share(dues(5, 1, 2), available=available, rule=Sharing.FAIR)


@given(
    st.sampled_from(list(Sharing)),
    st.lists(st.tuples(st.integers(0, 7), st.integers(1, 4)), max_size=7),
    st.data(),
)
def test_the_quick_way_is_the_slow_way(rule, wishes, data):
    lines = dues(*(n for n, _who in wishes), residents=tuple(who for _n, who in wishes))
    due = sum(each.quantity for each in lines)
    available = data.draw(st.integers(0, due))

    shared = got(rule, available, lines)

    assert sum(shared) == available
    assert all(0 <= part <= each.quantity for part, each in zip(shared, lines, strict=True))
    assert shared == slow(rule, available, lines)
    # One piece more takes nothing from anybody, but for the proportional rule's rounding.
    if available < due and rule != Sharing.PROPORTIONAL:
        more = got(rule, available + 1, lines)
        assert all(b >= a for a, b in zip(shared, more, strict=True))
