"""The cut-off's arithmetic: full cases, first come, real before optional, one price for all."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mall.groupbuy.cutting import ItemOutcome, ItemTerms, Ordered, cases_of, cut
from mall.groupbuy.tiers import check_tiers, next_tier, price_at, read_tiers, write_tiers

TIERS = ((20, 880), (50, 790))


def ordered(*quantities: tuple[int, int] | int) -> list[Ordered]:
    pairs = [each if isinstance(each, tuple) else (each, 0) for each in quantities]
    return [
        Ordered(line_id=number, quantity=real + spare, tolerance=spare)
        for number, (real, spare) in enumerate(pairs, start=1)
    ]


@pytest.mark.parametrize(
    ("real", "spare", "cases"), [(0, 5, 0), (2, 2, 1), (4, 4, 1), (5, 3, 2), (5, 4, 2), (3, 0, 0)]
)
def test_a_case_of_four_opens_as_the_truth_table_says(real: int, spare: int, cases: int):
    outcome = cut(ItemTerms(price_minor=1000, case_size=4), ordered((real, spare)))

    assert cases_of(real, spare, case_size=4) == cases
    assert outcome.quantity == cases * 4


def test_of_nineteen_in_twelves_twelve_form_and_who_joined_first_gets_them():
    outcome = cut(ItemTerms(price_minor=1000, case_size=12), ordered(5, 4, 6, 4))

    assert outcome.pieces == {1: 5, 2: 4, 3: 3, 4: 0}


def test_what_somebody_wants_goes_before_what_anybody_would_only_take():
    outcome = cut(ItemTerms(price_minor=1000, case_size=6), ordered((1, 4), (3, 0)))

    assert outcome.pieces == {1: 3, 2: 3}
    assert outcome.quantity == 6


def test_all_pay_the_lowest_price_that_the_pieces_bought_reach():
    terms = ItemTerms(price_minor=990, tiers=TIERS)

    prices = [cut(terms, ordered(quantity)).price_minor for quantity in (19, 20, 49, 50, 500)]

    assert prices == [990, 880, 880, 790, 790]


def test_pieces_that_no_case_holds_reach_no_tier():
    terms = ItemTerms(price_minor=990, tiers=TIERS, case_size=12)

    assert cut(terms, ordered(23)).price_minor == 990
    assert cut(terms, ordered(24)).price_minor == 880


def test_below_the_quantity_to_form_nobody_gets_any():
    terms = ItemTerms(price_minor=990, tiers=TIERS, minimum=30, case_size=12)

    short = cut(terms, ordered(20, 15))
    enough = cut(terms, ordered(20, 16))

    assert (short.is_formed, short.pieces, short.price_minor) == (False, {1: 0, 2: 0}, 990)
    assert (enough.is_formed, enough.quantity, enough.price_minor) == (True, 36, 880)


def test_nobody_ordered_and_nothing_is_bought():
    assert cut(ItemTerms(price_minor=1), []) == ItemOutcome(pieces={}, price_minor=1)


@pytest.mark.parametrize("change", [{"tolerance": 4}, {"tolerance": -1}])
def test_optional_pieces_are_a_part_of_what_was_ordered(change: dict[str, int]):
    with pytest.raises(ValueError, match="optional"):
        Ordered(line_id=1, quantity=3, **change)
    with pytest.raises(ValueError, match="case"):
        ItemTerms(price_minor=1, case_size=0)


def slowly(terms: ItemTerms, lines: Sequence[Ordered]) -> dict[int, int]:
    """Put piece after piece into cases, as somebody would with the goods on a table."""
    wanted = [line.line_id for line in lines for _piece in range(line.quantity - line.tolerance)]
    spare = [line.line_id for line in lines for _piece in range(line.tolerance)]
    bought: list[int] = []
    while wanted:
        case = wanted[: terms.case_size]
        case += spare[: terms.case_size - len(case)]
        if len(case) < terms.case_size:
            break
        taken = sum(1 for _piece in wanted[: terms.case_size])
        spare = spare[terms.case_size - taken :]
        wanted = wanted[terms.case_size :]
        bought += case
    if len(bought) < terms.minimum:
        bought = []
    return {line.line_id: bought.count(line.line_id) for line in lines}


LINES = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 7)), max_size=8)


@given(pairs=LINES, size=st.integers(1, 13), minimum=st.integers(0, 30))
def test_it_agrees_with_who_packs_piece_by_piece(pairs, size: int, minimum: int):
    lines = ordered(*pairs)
    terms = ItemTerms(price_minor=990, tiers=TIERS, case_size=size, minimum=minimum)

    outcome = cut(terms, lines)

    assert outcome.pieces == slowly(terms, lines)
    assert outcome.quantity % size == 0
    assert outcome.quantity >= minimum or not outcome.is_formed
    assert all(0 <= outcome.pieces[line.line_id] <= line.quantity for line in lines)
    assert outcome.price_minor == price_at(TIERS, outcome.quantity, price_minor=990)


@given(pairs=LINES, size=st.integers(1, 13))
def test_one_more_who_wants_never_takes_from_who_joined_before(pairs, size: int):
    terms = ItemTerms(price_minor=990, case_size=size)
    before = cut(terms, ordered(*((real, 0) for real, _spare in pairs)))
    after = cut(terms, ordered(*((real, 0) for real, _spare in pairs), 3))

    assert all(after.pieces[line_id] >= count for line_id, count in before.pieces.items())


@pytest.mark.parametrize(
    ("typed", "tiers"),
    [
        ("20:8.80, 50:7.90", [[20, 880], [50, 790]]),
        ("50：7.9；20：¥8.8", [[20, 880], [50, 790]]),
        ("", []),
        ("  \n", []),
    ],
)
def test_tiers_are_read_as_staff_type_them(typed: str, tiers: list[list[int]]):
    assert read_tiers(typed) == tiers
    assert read_tiers(write_tiers(tiers)) == tiers


@pytest.mark.parametrize(
    "typed", ["20", "20:", ":8", "a:b", "20:8.888", "20:-1", "20:Infinity", "20:1e9", "٣:x"]
)
def test_what_is_no_tier_is_refused_with_a_sentence(typed: str):
    with pytest.raises(ValueError, match=r"\w+ \w+|。"):
        read_tiers(typed)


@pytest.mark.parametrize(
    "tiers",
    [
        [[20, 990]],
        [[20, 880], [20, 790]],
        [[20, 880], [50, 880]],
        [[1, 880]],
        [[20, 0]],
        [[20]],
        [["20", 880]],
        [[True, 880]],
        {"20": 880},
        "20:8.80",
        [[10**9, 1]],
        [[n + 2, 900 - n] for n in range(11)],
    ],
)
def test_tiers_that_get_no_better_are_refused(tiers):
    with pytest.raises(ValueError):  # noqa: PT011 - the sentence is for people, in their language
        check_tiers(tiers, price_minor=990)


def test_the_next_price_is_the_nearest_better_one():
    assert next_tier(TIERS, 0) == (20, 880)
    assert next_tier(TIERS, 20) == (50, 790)
    assert next_tier(TIERS, 50) is None
